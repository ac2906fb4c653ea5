// Made by tidingsc from the platform's contracts. Do not edit.
#include <contracts/common.h>

#include <tidings/contract/rules.h>
#include <tidings/model/json.h>

#include <limits>
#include <ostream>
#include <utility>

namespace sample::common {

std::string_view to_string(Role value) noexcept {
    switch (value) {
        case Role::sender:
            return "sender";
        case Role::receiver:
            return "receiver";
    }
    return {};
}

bool from_string(std::string_view text, Role& value) noexcept {
    if (text == "sender") {
        value = Role::sender;
        return true;
    }
    if (text == "receiver") {
        value = Role::receiver;
        return true;
    }
    return false;
}

void read_fields(tidings::json::Reader& reader, Role& value) {
    if (!from_string(reader.text(), value)) {
        reader.fail("must be one of sender, receiver");
    }
}

void read_fields(tidings::json::Reader& reader, Party& value) {
    bool has_name = false;
    bool has_role = false;
    std::string_view name;
    reader.begin_object();
    while (reader.next_field(name)) {
        if (name == "name") {
            has_name = true;
            value.name = reader.text();
        } else if (name == "role") {
            has_role = true;
            read_fields(reader, value.role);
        } else {
            reader.skip();
        }
    }
    if (!has_name) reader.missing("name");
    if (!has_role) reader.missing("role");
}

void check_rules(const Party& value, const tidings::contract::Place& at,
                 tidings::contract::Checker& checker) {
    checker.text({&at, "name"}, value.name, 1);
    checker.enumerator({&at, "role"}, to_string(value.role));
}

void write_data(tidings::json::Writer& writer, const Party& value) {
    writer.begin_object();
    writer.name("name");
    writer.text(value.name);
    writer.name("role");
    writer.text(to_string(value.role));
    writer.end_object();
}

tidings::Result<void> read_data(tidings::json::Reader& reader, Party& value) {
    value = Party{};
    read_fields(reader, value);
    if (!reader.failed()) {
        tidings::contract::Checker checker;
        check_rules(value, {}, checker);
        checker.report(reader);
    }
    if (reader.failed()) return reader.error();
    return {};
}

tidings::Result<void> validate(const Party& value) {
    tidings::contract::Checker checker;
    check_rules(value, {}, checker);
    return checker.result();
}

std::string to_text(const Party& value) {
    std::string text;
    tidings::json::Writer writer{text};
    write_data(writer, value);
    return text;
}

std::ostream& operator<<(std::ostream& out, const Party& value) {
    return out << to_text(value);
}

void read_fields(tidings::json::Reader& reader, Share& value) {
    bool has_of = false;
    bool has_percent = false;
    std::string_view name;
    reader.begin_object();
    while (reader.next_field(name)) {
        if (name == "of") {
            has_of = true;
            read_fields(reader, value.of);
        } else if (name == "percent") {
            has_percent = true;
            value.percent = reader.integer();
        } else {
            reader.skip();
        }
    }
    if (!has_of) reader.missing("of");
    if (!has_percent) reader.missing("percent");
}

void check_rules(const Share& value, const tidings::contract::Place& at,
                 tidings::contract::Checker& checker) {
    check_rules(value.of, {&at, "of"}, checker);
    checker.integer({&at, "percent"}, value.percent, 0, 100);
}

void write_data(tidings::json::Writer& writer, const Share& value) {
    writer.begin_object();
    writer.name("of");
    write_data(writer, value.of);
    writer.name("percent");
    writer.integer(value.percent);
    writer.end_object();
}

tidings::Result<void> read_data(tidings::json::Reader& reader, Share& value) {
    value = Share{};
    read_fields(reader, value);
    if (!reader.failed()) {
        tidings::contract::Checker checker;
        check_rules(value, {}, checker);
        checker.report(reader);
    }
    if (reader.failed()) return reader.error();
    return {};
}

tidings::Result<void> validate(const Share& value) {
    tidings::contract::Checker checker;
    check_rules(value, {}, checker);
    return checker.result();
}

std::string to_text(const Share& value) {
    std::string text;
    tidings::json::Writer writer{text};
    write_data(writer, value);
    return text;
}

std::ostream& operator<<(std::ostream& out, const Share& value) {
    return out << to_text(value);
}

}  // namespace sample::common
