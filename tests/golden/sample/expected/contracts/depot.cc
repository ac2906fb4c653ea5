// Made by tidingsc from the platform's contracts. Do not edit.
#include <contracts/depot.h>

#include <tidings/contract/rules.h>
#include <tidings/model/json.h>

#include <limits>
#include <ostream>
#include <utility>

namespace sample::depot {
namespace v1 {

void read_fields(tidings::json::Reader& reader, Opened& value) {
    bool has_number = false;
    std::string_view name;
    reader.begin_object();
    while (reader.next_field(name)) {
        if (name == "number") {
            has_number = true;
            value.number = reader.integer();
        } else {
            reader.skip();
        }
    }
    if (!has_number) reader.missing("number");
}

void check_rules(const Opened& value, const tidings::contract::Place& at,
                 tidings::contract::Checker& checker) {
    checker.integer({&at, "number"}, value.number, 1, std::numeric_limits<std::int64_t>::max());
}

void write_data(tidings::json::Writer& writer, const Opened& value) {
    writer.begin_object();
    writer.name("number");
    writer.integer(value.number);
    writer.end_object();
}

tidings::Result<void> read_data(tidings::json::Reader& reader, Opened& value) {
    value = Opened{};
    read_fields(reader, value);
    if (!reader.failed()) {
        tidings::contract::Checker checker;
        check_rules(value, {}, checker);
        checker.report(reader);
    }
    if (reader.failed()) return reader.error();
    return {};
}

tidings::Result<void> validate(const Opened& value) {
    tidings::contract::Checker checker;
    check_rules(value, {}, checker);
    return checker.result();
}

std::string to_text(const Opened& value) {
    std::string text;
    tidings::json::Writer writer{text};
    write_data(writer, value);
    return text;
}

std::ostream& operator<<(std::ostream& out, const Opened& value) {
    return out << to_text(value);
}

std::string key_of(const Opened& value) { return std::to_string(value.number); }

}  // namespace v1
namespace v2 {

void read_fields(tidings::json::Reader& reader, Opened& value) {
    bool has_number = false;
    bool has_city = false;
    std::string_view name;
    reader.begin_object();
    while (reader.next_field(name)) {
        if (name == "number") {
            has_number = true;
            value.number = reader.integer();
        } else if (name == "city") {
            has_city = true;
            value.city = reader.text();
        } else {
            reader.skip();
        }
    }
    if (!has_number) reader.missing("number");
    if (!has_city) reader.missing("city");
}

void check_rules(const Opened& value, const tidings::contract::Place& at,
                 tidings::contract::Checker& checker) {
    checker.integer({&at, "number"}, value.number, 1, std::numeric_limits<std::int64_t>::max());
    checker.text({&at, "city"}, value.city, 1);
}

void write_data(tidings::json::Writer& writer, const Opened& value) {
    writer.begin_object();
    writer.name("number");
    writer.integer(value.number);
    writer.name("city");
    writer.text(value.city);
    writer.end_object();
}

tidings::Result<void> read_data(tidings::json::Reader& reader, Opened& value) {
    value = Opened{};
    read_fields(reader, value);
    if (!reader.failed()) {
        tidings::contract::Checker checker;
        check_rules(value, {}, checker);
        checker.report(reader);
    }
    if (reader.failed()) return reader.error();
    return {};
}

tidings::Result<void> validate(const Opened& value) {
    tidings::contract::Checker checker;
    check_rules(value, {}, checker);
    return checker.result();
}

std::string to_text(const Opened& value) {
    std::string text;
    tidings::json::Writer writer{text};
    write_data(writer, value);
    return text;
}

std::ostream& operator<<(std::ostream& out, const Opened& value) {
    return out << to_text(value);
}

std::string key_of(const Opened& value) { return std::to_string(value.number); }

}  // namespace v2
}  // namespace sample::depot
