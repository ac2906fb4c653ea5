// Made by tidingsc from the platform's contracts. Do not edit.
#include <contracts/parcel.h>

#include <tidings/contract/rules.h>
#include <tidings/model/json.h>

#include <limits>
#include <ostream>
#include <utility>

namespace sample::parcel {
inline namespace v1 {

std::string_view to_string(Kind value) noexcept {
    switch (value) {
        case Kind::letter:
            return "letter";
        case Kind::express_box:
            return "EXPRESS BOX";
        case Kind::value_2x:
            return "2x";
    }
    return {};
}

bool from_string(std::string_view text, Kind& value) noexcept {
    if (text == "letter") {
        value = Kind::letter;
        return true;
    }
    if (text == "EXPRESS BOX") {
        value = Kind::express_box;
        return true;
    }
    if (text == "2x") {
        value = Kind::value_2x;
        return true;
    }
    return false;
}

void read_fields(tidings::json::Reader& reader, Kind& value) {
    if (!from_string(reader.text(), value)) {
        reader.fail("must be one of letter, EXPRESS BOX, 2x");
    }
}

std::string_view to_string(Item1 value) noexcept {
    switch (value) {
        case Item1::hour:
            return "hour";
        case Item1::day:
            return "day";
    }
    return {};
}

bool from_string(std::string_view text, Item1& value) noexcept {
    if (text == "hour") {
        value = Item1::hour;
        return true;
    }
    if (text == "day") {
        value = Item1::day;
        return true;
    }
    return false;
}

void read_fields(tidings::json::Reader& reader, Item1& value) {
    if (!from_string(reader.text(), value)) {
        reader.fail("must be one of hour, day");
    }
}

std::string_view to_string(Mood value) noexcept {
    switch (value) {
        case Mood::good:
            return "good";
        case Mood::bad:
            return "bad";
    }
    return {};
}

bool from_string(std::string_view text, Mood& value) noexcept {
    if (text == "good") {
        value = Mood::good;
        return true;
    }
    if (text == "bad") {
        value = Mood::bad;
        return true;
    }
    return false;
}

void read_fields(tidings::json::Reader& reader, Mood& value) {
    if (!from_string(reader.text(), value)) {
        reader.fail("must be one of good, bad");
    }
}

void read_fields(tidings::json::Reader& reader, Size& value) {
    bool has_width = false;
    bool has_height = false;
    std::string_view name;
    reader.begin_object();
    while (reader.next_field(name)) {
        if (name == "width") {
            has_width = true;
            value.width = reader.integer();
        } else if (name == "height") {
            has_height = true;
            value.height = reader.integer();
        } else {
            reader.fail("must not be there: the contract knows no such field");
        }
    }
    if (!has_width) reader.missing("width");
    if (!has_height) reader.missing("height");
}

void check_rules(const Size& value, const tidings::contract::Place& at,
                 tidings::contract::Checker& checker) {
    checker.integer({&at, "width"}, value.width, 1, 300);
    checker.integer({&at, "height"}, value.height, 1, std::numeric_limits<std::int64_t>::max());
}

void write_data(tidings::json::Writer& writer, const Size& value) {
    writer.begin_object();
    writer.name("width");
    writer.integer(value.width);
    writer.name("height");
    writer.integer(value.height);
    writer.end_object();
}

tidings::Result<void> read_data(tidings::json::Reader& reader, Size& value) {
    value = Size{};
    read_fields(reader, value);
    if (!reader.failed()) {
        tidings::contract::Checker checker;
        check_rules(value, {}, checker);
        checker.report(reader);
    }
    if (reader.failed()) return reader.error();
    return {};
}

tidings::Result<void> validate(const Size& value) {
    tidings::contract::Checker checker;
    check_rules(value, {}, checker);
    return checker.result();
}

std::string to_text(const Size& value) {
    std::string text;
    tidings::json::Writer writer{text};
    write_data(writer, value);
    return text;
}

std::ostream& operator<<(std::ostream& out, const Size& value) {
    return out << to_text(value);
}

void read_fields(tidings::json::Reader& reader, Stop& value) {
    bool has_city = false;
    std::string_view name;
    reader.begin_object();
    while (reader.next_field(name)) {
        if (name == "city") {
            has_city = true;
            value.city = reader.text();
        } else if (name == "minutes") {
            value.minutes.emplace();
            reader.begin_array();
            while (reader.next_element()) {
                std::int64_t element3{};
                element3 = reader.integer();
                (*value.minutes).push_back(std::move(element3));
            }
        } else {
            reader.skip();
        }
    }
    if (!has_city) reader.missing("city");
}

void check_rules(const Stop& value, const tidings::contract::Place& at,
                 tidings::contract::Checker& checker) {
    checker.text({&at, "city"}, value.city, 1);
    if (value.minutes) {
        const tidings::contract::Place list1 = {&at, "minutes"};
        for (std::size_t i1 = 0; i1 < (*value.minutes).size(); ++i1) {
            const auto& element1 = (*value.minutes)[i1];
            const tidings::contract::Place at1{&list1, {}, i1};
            checker.integer(at1, element1, 0, std::numeric_limits<std::int64_t>::max());
        }
    }
}

void write_data(tidings::json::Writer& writer, const Stop& value) {
    writer.begin_object();
    writer.name("city");
    writer.text(value.city);
    if (value.minutes) {
        writer.name("minutes");
        writer.begin_array();
        for (const auto& element2 : *value.minutes) {
            writer.integer(element2);
        }
        writer.end_array();
    }
    writer.end_object();
}

tidings::Result<void> read_data(tidings::json::Reader& reader, Stop& value) {
    value = Stop{};
    read_fields(reader, value);
    if (!reader.failed()) {
        tidings::contract::Checker checker;
        check_rules(value, {}, checker);
        checker.report(reader);
    }
    if (reader.failed()) return reader.error();
    return {};
}

tidings::Result<void> validate(const Stop& value) {
    tidings::contract::Checker checker;
    check_rules(value, {}, checker);
    return checker.result();
}

std::string to_text(const Stop& value) {
    std::string text;
    tidings::json::Writer writer{text};
    write_data(writer, value);
    return text;
}

std::ostream& operator<<(std::ostream& out, const Stop& value) {
    return out << to_text(value);
}

void read_fields(tidings::json::Reader& reader, Accepted& value) {
    bool has_parcel_id = false;
    bool has_size = false;
    bool has_price = false;
    bool has_weight = false;
    bool has_is_fragile = false;
    bool has_accepted_at = false;
    bool has_labels = false;
    bool has_kind = false;
    bool has_via = false;
    std::string_view name;
    reader.begin_object();
    while (reader.next_field(name)) {
        if (name == "parcelId") {
            has_parcel_id = true;
            value.parcel_id = reader.text();
        } else if (name == "size") {
            has_size = true;
            read_fields(reader, value.size);
        } else if (name == "price") {
            has_price = true;
            value.price = tidings::contract::read_money(reader);
        } else if (name == "discount") {
            value.discount = tidings::contract::read_money(reader);
        } else if (name == "tip") {
            value.tip = tidings::contract::read_money(reader);
        } else if (name == "weight") {
            has_weight = true;
            value.weight = reader.number();
        } else if (name == "isFragile") {
            has_is_fragile = true;
            value.is_fragile = reader.boolean();
        } else if (name == "isPaid") {
            value.is_paid = reader.boolean();
        } else if (name == "acceptedAt") {
            has_accepted_at = true;
            value.accepted_at = tidings::contract::read_timestamp(reader);
        } else if (name == "dueOn") {
            value.due_on.emplace() = reader.text();
        } else if (name == "labels") {
            has_labels = true;
            value.labels.clear();
            reader.begin_array();
            while (reader.next_element()) {
                std::string element3{};
                element3 = reader.text();
                value.labels.push_back(std::move(element3));
            }
        } else if (name == "kind") {
            has_kind = true;
            read_fields(reader, value.kind);
        } else if (name == "lane") {
            value.lane = reader.integer();
        } else if (name == "via") {
            has_via = true;
            value.via = reader.text();
        } else if (name == "email") {
            if (reader.kind() == tidings::json::Kind::null) {
                reader.null();
                value.email.reset();
            } else {
                value.email.emplace() = reader.text();
            }
        } else if (name == "page") {
            value.page.emplace() = reader.text();
        } else if (name == "code") {
            value.code.emplace() = reader.text();
        } else if (name == "note") {
            value.note = reader.text();
        } else if (name == "stops") {
            value.stops.clear();
            reader.begin_array();
            while (reader.next_element()) {
                Stop element3{};
                read_fields(reader, element3);
                value.stops.push_back(std::move(element3));
            }
        } else if (name == "holders") {
            value.holders.emplace();
            reader.begin_object();
            std::string_view name3;
            while (reader.next_field(name3)) {
                std::string key{name3};
                std::vector<std::optional<std::string>> element3{};
                reader.begin_array();
                while (reader.next_element()) {
                    std::optional<std::string> element4{};
                    if (reader.kind() == tidings::json::Kind::null) {
                        reader.null();
                        element4.reset();
                    } else {
                        element4.emplace() = reader.text();
                    }
                    element3.push_back(std::move(element4));
                }
                (*value.holders)[std::move(key)] = std::move(element3);
            }
        } else if (name == "class") {
            value.class_.emplace() = reader.text();
        } else {
            reader.skip();
        }
    }
    if (!has_parcel_id) reader.missing("parcelId");
    if (!has_size) reader.missing("size");
    if (!has_price) reader.missing("price");
    if (!has_weight) reader.missing("weight");
    if (!has_is_fragile) reader.missing("isFragile");
    if (!has_accepted_at) reader.missing("acceptedAt");
    if (!has_labels) reader.missing("labels");
    if (!has_kind) reader.missing("kind");
    if (!has_via) reader.missing("via");
}

void check_rules(const Accepted& value, const tidings::contract::Place& at,
                 tidings::contract::Checker& checker) {
    checker.uuid({&at, "parcelId"}, value.parcel_id);
    check_rules(value.size, {&at, "size"}, checker);
    checker.money({&at, "price"}, value.price, false);
    if (value.discount) {
        checker.money({&at, "discount"}, *value.discount, true);
    }
    checker.money({&at, "tip"}, value.tip, true);
    static const tidings::contract::Pattern pattern_1{"^-?[0-9]{1,3}\\.[0-9]{2}$"};
    checker.pattern({&at, "tip"}, tidings::to_string(value.tip), pattern_1);
    checker.number({&at, "weight"}, value.weight, {0.0, 31.5, true, false});
    if (value.is_paid) {
        checker.flag({&at, "isPaid"}, *value.is_paid, true);
    }
    checker.timestamp({&at, "acceptedAt"}, value.accepted_at);
    if (value.due_on) {
        checker.date({&at, "dueOn"}, *value.due_on);
    }
    checker.items({&at, "labels"}, value.labels.size(), 0, 4);
    checker.unique({&at, "labels"}, value.labels);
    const tidings::contract::Place list2 = {&at, "labels"};
    for (std::size_t i2 = 0; i2 < value.labels.size(); ++i2) {
        const auto& element2 = value.labels[i2];
        const tidings::contract::Place at2{&list2, {}, i2};
        checker.text(at2, element2, 1, 8);
    }
    checker.enumerator({&at, "kind"}, to_string(value.kind));
    checker.one_of({&at, "lane"}, value.lane, {1, 2, 3});
    checker.text({&at, "via"}, value.via);
    checker.constant({&at, "via"}, value.via, "counter");
    if (value.email) {
        checker.text({&at, "email"}, *value.email);
        checker.email({&at, "email"}, *value.email);
    }
    if (value.page) {
        checker.uri({&at, "page"}, *value.page);
    }
    if (value.code) {
        checker.text({&at, "code"}, *value.code);
        static const tidings::contract::Pattern pattern_3{"^[A-Z]{2}[0-9]+$"};
        checker.pattern({&at, "code"}, *value.code, pattern_3);
    }
    checker.text({&at, "note"}, value.note);
    const tidings::contract::Place list4 = {&at, "stops"};
    for (std::size_t i4 = 0; i4 < value.stops.size(); ++i4) {
        const auto& element4 = value.stops[i4];
        const tidings::contract::Place at4{&list4, {}, i4};
        check_rules(element4, at4, checker);
    }
    if (value.holders) {
        const tidings::contract::Place list5 = {&at, "holders"};
        for (const auto& [key5, element5] : (*value.holders)) {
            const tidings::contract::Place at5{&list5, key5};
            checker.text(at5, key5);
            const tidings::contract::Place list6 = at5;
            for (std::size_t i6 = 0; i6 < element5.size(); ++i6) {
                const auto& element6 = element5[i6];
                const tidings::contract::Place at6{&list6, {}, i6};
                if (element6) {
                    checker.text(at6, *element6);
                }
            }
        }
    }
    if (value.class_) {
        checker.text({&at, "class"}, *value.class_);
    }
}

void write_data(tidings::json::Writer& writer, const Accepted& value) {
    writer.begin_object();
    writer.name("parcelId");
    writer.text(value.parcel_id);
    writer.name("size");
    write_data(writer, value.size);
    writer.name("price");
    writer.value(value.price);
    if (value.discount) {
        writer.name("discount");
        writer.value(*value.discount);
    }
    writer.name("tip");
    writer.value(value.tip);
    writer.name("weight");
    writer.number(value.weight);
    writer.name("isFragile");
    writer.boolean(value.is_fragile);
    if (value.is_paid) {
        writer.name("isPaid");
        writer.boolean(*value.is_paid);
    }
    writer.name("acceptedAt");
    writer.value(value.accepted_at);
    if (value.due_on) {
        writer.name("dueOn");
        writer.text(*value.due_on);
    }
    writer.name("labels");
    writer.begin_array();
    for (const auto& element1 : value.labels) {
        writer.text(element1);
    }
    writer.end_array();
    writer.name("kind");
    writer.text(to_string(value.kind));
    writer.name("lane");
    writer.integer(value.lane);
    writer.name("via");
    writer.text(value.via);
    if (value.email) {
        writer.name("email");
        writer.text(*value.email);
    }
    if (value.page) {
        writer.name("page");
        writer.text(*value.page);
    }
    if (value.code) {
        writer.name("code");
        writer.text(*value.code);
    }
    writer.name("note");
    writer.text(value.note);
    writer.name("stops");
    writer.begin_array();
    for (const auto& element1 : value.stops) {
        write_data(writer, element1);
    }
    writer.end_array();
    if (value.holders) {
        writer.name("holders");
        writer.begin_object();
        for (const auto& [key, element2] : *value.holders) {
            writer.name(key);
            writer.begin_array();
            for (const auto& element3 : element2) {
                if (element3) {
                    writer.text(*element3);
                } else {
                    writer.null();
                }
            }
            writer.end_array();
        }
        writer.end_object();
    }
    if (value.class_) {
        writer.name("class");
        writer.text(*value.class_);
    }
    writer.end_object();
}

tidings::Result<void> read_data(tidings::json::Reader& reader, Accepted& value) {
    value = Accepted{};
    read_fields(reader, value);
    if (!reader.failed()) {
        tidings::contract::Checker checker;
        check_rules(value, {}, checker);
        checker.report(reader);
    }
    if (reader.failed()) return reader.error();
    return {};
}

tidings::Result<void> validate(const Accepted& value) {
    tidings::contract::Checker checker;
    check_rules(value, {}, checker);
    return checker.result();
}

std::string to_text(const Accepted& value) {
    std::string text;
    tidings::json::Writer writer{text};
    write_data(writer, value);
    return text;
}

std::ostream& operator<<(std::ostream& out, const Accepted& value) {
    return out << to_text(value);
}

std::string key_of(const Accepted& value) { return value.parcel_id; }

void read_fields(tidings::json::Reader& reader, Lost& value) {
    bool has_parcel_id = false;
    std::string_view name;
    reader.begin_object();
    while (reader.next_field(name)) {
        if (name == "parcelId") {
            has_parcel_id = true;
            value.parcel_id = reader.text();
        } else if (name == "name") {
            value.name_.emplace() = reader.text();
        } else if (name == "size") {
            read_fields(reader, value.size.emplace());
        } else {
            reader.skip();
        }
    }
    if (!has_parcel_id) reader.missing("parcelId");
}

void check_rules(const Lost& value, const tidings::contract::Place& at,
                 tidings::contract::Checker& checker) {
    checker.uuid({&at, "parcelId"}, value.parcel_id);
    if (value.name_) {
        checker.text({&at, "name"}, *value.name_);
    }
    if (value.size) {
        check_rules(*value.size, {&at, "size"}, checker);
    }
}

void write_data(tidings::json::Writer& writer, const Lost& value) {
    writer.begin_object();
    writer.name("parcelId");
    writer.text(value.parcel_id);
    if (value.name_) {
        writer.name("name");
        writer.text(*value.name_);
    }
    if (value.size) {
        writer.name("size");
        write_data(writer, *value.size);
    }
    writer.end_object();
}

tidings::Result<void> read_data(tidings::json::Reader& reader, Lost& value) {
    value = Lost{};
    read_fields(reader, value);
    if (!reader.failed()) {
        tidings::contract::Checker checker;
        check_rules(value, {}, checker);
        checker.report(reader);
    }
    if (reader.failed()) return reader.error();
    return {};
}

tidings::Result<void> validate(const Lost& value) {
    tidings::contract::Checker checker;
    check_rules(value, {}, checker);
    return checker.result();
}

std::string to_text(const Lost& value) {
    std::string text;
    tidings::json::Writer writer{text};
    write_data(writer, value);
    return text;
}

std::ostream& operator<<(std::ostream& out, const Lost& value) {
    return out << to_text(value);
}

std::string key_of(const Lost& value) { return value.parcel_id; }

void read_fields(tidings::json::Reader& reader, Card& value) {
    bool has_last_four = false;
    bool has_kind = false;
    std::string_view name;
    reader.begin_object();
    while (reader.next_field(name)) {
        if (name == "lastFour") {
            has_last_four = true;
            value.last_four = reader.text();
        } else if (name == "kind") {
            has_kind = true;
            value.kind = reader.text();
        } else if (name == "voucher") {
            value.voucher.emplace() = reader.text();
        } else {
            reader.skip();
        }
    }
    if (!has_last_four) reader.missing("lastFour");
    if (!has_kind) reader.missing("kind");
}

void check_rules(const Card& value, const tidings::contract::Place& at,
                 tidings::contract::Checker& checker) {
    checker.text({&at, "lastFour"}, value.last_four, 4, 4);
    checker.text({&at, "kind"}, value.kind);
    checker.constant({&at, "kind"}, value.kind, "card");
    if (value.voucher) {
        checker.text({&at, "voucher"}, *value.voucher);
    }
}

void write_data(tidings::json::Writer& writer, const Card& value) {
    writer.begin_object();
    writer.name("lastFour");
    writer.text(value.last_four);
    writer.name("kind");
    writer.text(value.kind);
    if (value.voucher) {
        writer.name("voucher");
        writer.text(*value.voucher);
    }
    writer.end_object();
}

tidings::Result<void> read_data(tidings::json::Reader& reader, Card& value) {
    value = Card{};
    read_fields(reader, value);
    if (!reader.failed()) {
        tidings::contract::Checker checker;
        check_rules(value, {}, checker);
        checker.report(reader);
    }
    if (reader.failed()) return reader.error();
    return {};
}

tidings::Result<void> validate(const Card& value) {
    tidings::contract::Checker checker;
    check_rules(value, {}, checker);
    return checker.result();
}

std::string to_text(const Card& value) {
    std::string text;
    tidings::json::Writer writer{text};
    write_data(writer, value);
    return text;
}

std::ostream& operator<<(std::ostream& out, const Card& value) {
    return out << to_text(value);
}

void read_fields(tidings::json::Reader& reader, BankTransfer& value) {
    bool has_kind = false;
    bool has_iban = false;
    std::string_view name;
    reader.begin_object();
    while (reader.next_field(name)) {
        if (name == "kind") {
            has_kind = true;
            value.kind = reader.text();
        } else if (name == "iban") {
            has_iban = true;
            value.iban = reader.text();
        } else {
            reader.skip();
        }
    }
    if (!has_kind) reader.missing("kind");
    if (!has_iban) reader.missing("iban");
}

void check_rules(const BankTransfer& value, const tidings::contract::Place& at,
                 tidings::contract::Checker& checker) {
    checker.text({&at, "kind"}, value.kind);
    checker.constant({&at, "kind"}, value.kind, "BANK transfer");
    checker.text({&at, "iban"}, value.iban);
    static const tidings::contract::Pattern pattern_1{"^[A-Z]{2}[0-9]{4,30}$"};
    checker.pattern({&at, "iban"}, value.iban, pattern_1);
}

void write_data(tidings::json::Writer& writer, const BankTransfer& value) {
    writer.begin_object();
    writer.name("kind");
    writer.text(value.kind);
    writer.name("iban");
    writer.text(value.iban);
    writer.end_object();
}

tidings::Result<void> read_data(tidings::json::Reader& reader, BankTransfer& value) {
    value = BankTransfer{};
    read_fields(reader, value);
    if (!reader.failed()) {
        tidings::contract::Checker checker;
        check_rules(value, {}, checker);
        checker.report(reader);
    }
    if (reader.failed()) return reader.error();
    return {};
}

tidings::Result<void> validate(const BankTransfer& value) {
    tidings::contract::Checker checker;
    check_rules(value, {}, checker);
    return checker.result();
}

std::string to_text(const BankTransfer& value) {
    std::string text;
    tidings::json::Writer writer{text};
    write_data(writer, value);
    return text;
}

std::ostream& operator<<(std::ostream& out, const BankTransfer& value) {
    return out << to_text(value);
}

void read_fields(tidings::json::Reader& reader, Cash& value) {
    bool has_kind = false;
    std::string_view name;
    reader.begin_object();
    while (reader.next_field(name)) {
        if (name == "kind") {
            has_kind = true;
            value.kind = reader.text();
        } else {
            reader.fail("must not be there: the contract knows no such field");
        }
    }
    if (!has_kind) reader.missing("kind");
}

void check_rules(const Cash& value, const tidings::contract::Place& at,
                 tidings::contract::Checker& checker) {
    checker.text({&at, "kind"}, value.kind);
    checker.constant({&at, "kind"}, value.kind, "cash");
}

void write_data(tidings::json::Writer& writer, const Cash& value) {
    writer.begin_object();
    writer.name("kind");
    writer.text(value.kind);
    writer.end_object();
}

tidings::Result<void> read_data(tidings::json::Reader& reader, Cash& value) {
    value = Cash{};
    read_fields(reader, value);
    if (!reader.failed()) {
        tidings::contract::Checker checker;
        check_rules(value, {}, checker);
        checker.report(reader);
    }
    if (reader.failed()) return reader.error();
    return {};
}

tidings::Result<void> validate(const Cash& value) {
    tidings::contract::Checker checker;
    check_rules(value, {}, checker);
    return checker.result();
}

std::string to_text(const Cash& value) {
    std::string text;
    tidings::json::Writer writer{text};
    write_data(writer, value);
    return text;
}

std::ostream& operator<<(std::ostream& out, const Cash& value) {
    return out << to_text(value);
}

void read_fields(tidings::json::Reader& reader, Method& value) {
    const std::optional<std::string_view> kind = reader.text_ahead("kind");
    if (kind == "card") return read_fields(reader, value.emplace<Card>());
    if (kind == "BANK transfer") return read_fields(reader, value.emplace<BankTransfer>());
    if (kind == "cash") return read_fields(reader, value.emplace<Cash>());
    tidings::contract::refuse_kind(reader, "kind", "card, BANK transfer, cash");
}

void check_rules(const Method& value, const tidings::contract::Place& at,
                 tidings::contract::Checker& checker) {
    if (const auto* held = std::get_if<Card>(&value)) check_rules(*held, at, checker);
    if (const auto* held = std::get_if<BankTransfer>(&value)) check_rules(*held, at, checker);
    if (const auto* held = std::get_if<Cash>(&value)) check_rules(*held, at, checker);
}

void write_data(tidings::json::Writer& writer, const Method& value) {
    if (const auto* held = std::get_if<Card>(&value)) write_data(writer, *held);
    if (const auto* held = std::get_if<BankTransfer>(&value)) write_data(writer, *held);
    if (const auto* held = std::get_if<Cash>(&value)) write_data(writer, *held);
}

tidings::Result<void> read_data(tidings::json::Reader& reader, Method& value) {
    value = Method{};
    read_fields(reader, value);
    if (!reader.failed()) {
        tidings::contract::Checker checker;
        check_rules(value, {}, checker);
        checker.report(reader);
    }
    if (reader.failed()) return reader.error();
    return {};
}

tidings::Result<void> validate(const Method& value) {
    tidings::contract::Checker checker;
    check_rules(value, {}, checker);
    return checker.result();
}

std::string to_text(const Method& value) {
    std::string text;
    tidings::json::Writer writer{text};
    write_data(writer, value);
    return text;
}

std::ostream& operator<<(std::ostream& out, const Method& value) {
    return out << to_text(value);
}

void read_fields(tidings::json::Reader& reader, Place& value) {
    std::size_t count = 0;
    reader.begin_array();
    while (reader.next_element()) {
        switch (count++) {
            case 0: {
                value.latitude = reader.number();
                break;
            }
            case 1: {
                value.longitude = reader.number();
                break;
            }
            default:
                tidings::contract::refuse_element(reader);
        }
    }
    tidings::contract::check_count(reader, count, 2);
}

void check_rules(const Place& value, const tidings::contract::Place& at,
                 tidings::contract::Checker& checker) {
    checker.number({&at, {}, 0}, value.latitude, {-90.0, 90.0, false, false});
    checker.number({&at, {}, 1}, value.longitude, {-180.0, 180.0, false, false});
}

void write_data(tidings::json::Writer& writer, const Place& value) {
    writer.begin_array();
    writer.number(value.latitude);
    writer.number(value.longitude);
    writer.end_array();
}

tidings::Result<void> read_data(tidings::json::Reader& reader, Place& value) {
    value = Place{};
    read_fields(reader, value);
    if (!reader.failed()) {
        tidings::contract::Checker checker;
        check_rules(value, {}, checker);
        checker.report(reader);
    }
    if (reader.failed()) return reader.error();
    return {};
}

tidings::Result<void> validate(const Place& value) {
    tidings::contract::Checker checker;
    check_rules(value, {}, checker);
    return checker.result();
}

std::string to_text(const Place& value) {
    std::string text;
    tidings::json::Writer writer{text};
    write_data(writer, value);
    return text;
}

std::ostream& operator<<(std::ostream& out, const Place& value) {
    return out << to_text(value);
}

void read_fields(tidings::json::Reader& reader, Span& value) {
    std::size_t count = 0;
    reader.begin_array();
    while (reader.next_element()) {
        switch (count++) {
            case 0: {
                value.item_0 = reader.integer();
                break;
            }
            case 1: {
                if (reader.kind() == tidings::json::Kind::null) {
                    reader.null();
                    value.item_1.reset();
                } else {
                    read_fields(reader, value.item_1.emplace());
                }
                break;
            }
            default:
                reader.skip();
        }
    }
    tidings::contract::check_count(reader, count, 2);
}

void check_rules(const Span& value, const tidings::contract::Place& at,
                 tidings::contract::Checker& checker) {
    checker.integer({&at, {}, 0}, value.item_0, 0, std::numeric_limits<std::int64_t>::max());
    if (value.item_1) {
        checker.enumerator({&at, {}, 1}, to_string(*value.item_1));
    }
}

void write_data(tidings::json::Writer& writer, const Span& value) {
    writer.begin_array();
    writer.integer(value.item_0);
    if (value.item_1) {
        writer.text(to_string(*value.item_1));
    } else {
        writer.null();
    }
    writer.end_array();
}

tidings::Result<void> read_data(tidings::json::Reader& reader, Span& value) {
    value = Span{};
    read_fields(reader, value);
    if (!reader.failed()) {
        tidings::contract::Checker checker;
        check_rules(value, {}, checker);
        checker.report(reader);
    }
    if (reader.failed()) return reader.error();
    return {};
}

tidings::Result<void> validate(const Span& value) {
    tidings::contract::Checker checker;
    check_rules(value, {}, checker);
    return checker.result();
}

std::string to_text(const Span& value) {
    std::string text;
    tidings::json::Writer writer{text};
    write_data(writer, value);
    return text;
}

std::ostream& operator<<(std::ostream& out, const Span& value) {
    return out << to_text(value);
}

void read_fields(tidings::json::Reader& reader, Terms& value) {
    bool has_days = false;
    std::string_view name;
    reader.begin_object();
    while (reader.next_field(name)) {
        if (name == "days") {
            has_days = true;
            value.days = reader.integer();
        } else {
            std::string key{name};
            std::optional<std::string> other{};
            if (reader.kind() == tidings::json::Kind::null) {
                reader.null();
                other.reset();
            } else {
                other.emplace() = reader.text();
            }
            value.additional_properties[std::move(key)] = std::move(other);
        }
    }
    if (!has_days) reader.missing("days");
}

void check_rules(const Terms& value, const tidings::contract::Place& at,
                 tidings::contract::Checker& checker) {
    for (const auto& [key, other] : value.additional_properties) {
        const tidings::contract::Place at_other{&at, key};
        checker.text(at_other, key);
        checker.other_name(at_other, key, {"days"});
        if (other) {
            checker.text(at_other, *other, 0, 8);
        }
    }
    checker.integer({&at, "days"}, value.days, 0, std::numeric_limits<std::int64_t>::max());
}

void write_data(tidings::json::Writer& writer, const Terms& value) {
    writer.begin_object();
    writer.name("days");
    writer.integer(value.days);
    for (const auto& [key, other] : value.additional_properties) {
        writer.name(key);
        if (other) {
            writer.text(*other);
        } else {
            writer.null();
        }
    }
    writer.end_object();
}

tidings::Result<void> read_data(tidings::json::Reader& reader, Terms& value) {
    value = Terms{};
    read_fields(reader, value);
    if (!reader.failed()) {
        tidings::contract::Checker checker;
        check_rules(value, {}, checker);
        checker.report(reader);
    }
    if (reader.failed()) return reader.error();
    return {};
}

tidings::Result<void> validate(const Terms& value) {
    tidings::contract::Checker checker;
    check_rules(value, {}, checker);
    return checker.result();
}

std::string to_text(const Terms& value) {
    std::string text;
    tidings::json::Writer writer{text};
    write_data(writer, value);
    return text;
}

std::ostream& operator<<(std::ostream& out, const Terms& value) {
    return out << to_text(value);
}

void read_fields(tidings::json::Reader& reader, Paid& value) {
    bool has_parcel_id = false;
    bool has_method = false;
    bool has_refund = false;
    bool has_place = false;
    bool has_rate = false;
    std::string_view name;
    reader.begin_object();
    while (reader.next_field(name)) {
        if (name == "parcelId") {
            has_parcel_id = true;
            value.parcel_id = reader.text();
        } else if (name == "method") {
            has_method = true;
            read_fields(reader, value.method);
        } else if (name == "refund") {
            has_refund = true;
            if (reader.kind() == tidings::json::Kind::null) {
                reader.null();
                value.refund.reset();
            } else {
                read_fields(reader, value.refund.emplace());
            }
        } else if (name == "tries") {
            value.tries.emplace();
            reader.begin_array();
            while (reader.next_element()) {
                Method element3{};
                read_fields(reader, element3);
                (*value.tries).push_back(std::move(element3));
            }
        } else if (name == "place") {
            has_place = true;
            read_fields(reader, value.place);
        } else if (name == "span") {
            read_fields(reader, value.span.emplace());
        } else if (name == "rate") {
            has_rate = true;
            value.rate = reader.number();
        } else if (name == "factor") {
            value.factor = reader.number();
        } else if (name == "mood") {
            if (reader.kind() == tidings::json::Kind::null) {
                reader.null();
                value.mood.reset();
            } else {
                read_fields(reader, value.mood.emplace());
            }
        } else if (name == "lane") {
            if (reader.kind() == tidings::json::Kind::null) {
                reader.null();
                value.lane.reset();
            } else {
                value.lane = reader.integer();
            }
        } else if (name == "payer") {
            read_fields(reader, value.payer.emplace());
        } else if (name == "owed") {
            value.owed.emplace();
            reader.begin_array();
            while (reader.next_element()) {
                common::Share element3{};
                read_fields(reader, element3);
                (*value.owed).push_back(std::move(element3));
            }
        } else if (name == "terms") {
            read_fields(reader, value.terms.emplace());
        } else {
            reader.skip();
        }
    }
    if (!has_parcel_id) reader.missing("parcelId");
    if (!has_method) reader.missing("method");
    if (!has_refund) reader.missing("refund");
    if (!has_place) reader.missing("place");
    if (!has_rate) reader.missing("rate");
}

void check_rules(const Paid& value, const tidings::contract::Place& at,
                 tidings::contract::Checker& checker) {
    checker.uuid({&at, "parcelId"}, value.parcel_id);
    check_rules(value.method, {&at, "method"}, checker);
    if (value.refund) {
        check_rules(*value.refund, {&at, "refund"}, checker);
    }
    if (value.tries) {
        const tidings::contract::Place list1 = {&at, "tries"};
        for (std::size_t i1 = 0; i1 < (*value.tries).size(); ++i1) {
            const auto& element1 = (*value.tries)[i1];
            const tidings::contract::Place at1{&list1, {}, i1};
            check_rules(element1, at1, checker);
        }
    }
    check_rules(value.place, {&at, "place"}, checker);
    if (value.span) {
        check_rules(*value.span, {&at, "span"}, checker);
    }
    checker.number({&at, "rate"}, value.rate, {-std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity(), false, false});
    checker.one_of({&at, "rate"}, value.rate, {0.0, 7.5, 19.0});
    if (value.factor) {
        checker.number({&at, "factor"}, *value.factor, {-std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity(), false, false});
        checker.one_of({&at, "factor"}, *value.factor, {1.5});
    }
    if (value.mood) {
        checker.enumerator({&at, "mood"}, to_string(*value.mood));
    }
    if (value.lane) {
        checker.one_of({&at, "lane"}, *value.lane, {7});
    }
    if (value.payer) {
        check_rules(*value.payer, {&at, "payer"}, checker);
    }
    if (value.owed) {
        const tidings::contract::Place list2 = {&at, "owed"};
        for (std::size_t i2 = 0; i2 < (*value.owed).size(); ++i2) {
            const auto& element2 = (*value.owed)[i2];
            const tidings::contract::Place at2{&list2, {}, i2};
            check_rules(element2, at2, checker);
        }
    }
    if (value.terms) {
        check_rules(*value.terms, {&at, "terms"}, checker);
    }
}

void write_data(tidings::json::Writer& writer, const Paid& value) {
    writer.begin_object();
    writer.name("parcelId");
    writer.text(value.parcel_id);
    writer.name("method");
    write_data(writer, value.method);
    if (value.refund) {
        writer.name("refund");
        write_data(writer, *value.refund);
    } else {
        writer.name("refund");
        writer.null();
    }
    if (value.tries) {
        writer.name("tries");
        writer.begin_array();
        for (const auto& element2 : *value.tries) {
            write_data(writer, element2);
        }
        writer.end_array();
    }
    writer.name("place");
    write_data(writer, value.place);
    if (value.span) {
        writer.name("span");
        write_data(writer, *value.span);
    }
    writer.name("rate");
    writer.number(value.rate);
    if (value.factor) {
        writer.name("factor");
        writer.number(*value.factor);
    }
    if (value.mood) {
        writer.name("mood");
        writer.text(to_string(*value.mood));
    }
    if (value.lane) {
        writer.name("lane");
        writer.integer(*value.lane);
    }
    if (value.payer) {
        writer.name("payer");
        write_data(writer, *value.payer);
    }
    if (value.owed) {
        writer.name("owed");
        writer.begin_array();
        for (const auto& element2 : *value.owed) {
            write_data(writer, element2);
        }
        writer.end_array();
    }
    if (value.terms) {
        writer.name("terms");
        write_data(writer, *value.terms);
    }
    writer.end_object();
}

tidings::Result<void> read_data(tidings::json::Reader& reader, Paid& value) {
    value = Paid{};
    read_fields(reader, value);
    if (!reader.failed()) {
        tidings::contract::Checker checker;
        check_rules(value, {}, checker);
        checker.report(reader);
    }
    if (reader.failed()) return reader.error();
    return {};
}

tidings::Result<void> validate(const Paid& value) {
    tidings::contract::Checker checker;
    check_rules(value, {}, checker);
    return checker.result();
}

std::string to_text(const Paid& value) {
    std::string text;
    tidings::json::Writer writer{text};
    write_data(writer, value);
    return text;
}

std::ostream& operator<<(std::ostream& out, const Paid& value) {
    return out << to_text(value);
}

std::string key_of(const Paid& value) { return value.parcel_id; }

}  // namespace v1
}  // namespace sample::parcel
