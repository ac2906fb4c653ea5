// Made by tidingsc from the platform's models. Do not edit.
#include <models/depot_service.h>

#include <tidings/contract/rules.h>
#include <tidings/model/json.h>

#include <limits>
#include <ostream>
#include <utility>

namespace sample::depot_service {

std::string_view to_string(State value) noexcept {
    switch (value) {
        case State::waiting:
            return "waiting";
        case State::on_tour:
            return "on_tour";
        case State::done:
            return "done";
    }
    return {};
}

bool from_string(std::string_view text, State& value) noexcept {
    if (text == "waiting") {
        value = State::waiting;
        return true;
    }
    if (text == "on_tour") {
        value = State::on_tour;
        return true;
    }
    if (text == "done") {
        value = State::done;
        return true;
    }
    return false;
}

void read_fields(tidings::json::Reader& reader, State& value) {
    if (!from_string(reader.text(), value)) {
        reader.fail("must be one of waiting, on_tour, done");
    }
}

std::string_view to_string(Outcome value) noexcept {
    switch (value) {
        case Outcome::kept:
            return "kept";
        case Outcome::returned:
            return "returned";
    }
    return {};
}

bool from_string(std::string_view text, Outcome& value) noexcept {
    if (text == "kept") {
        value = Outcome::kept;
        return true;
    }
    if (text == "returned") {
        value = Outcome::returned;
        return true;
    }
    return false;
}

void read_fields(tidings::json::Reader& reader, Outcome& value) {
    if (!from_string(reader.text(), value)) {
        reader.fail("must be one of kept, returned");
    }
}

std::string_view to_string(StateWanted value) noexcept {
    switch (value) {
        case StateWanted::waiting:
            return "waiting";
        case StateWanted::on_tour:
            return "on_tour";
        case StateWanted::done:
            return "done";
    }
    return {};
}

bool from_string(std::string_view text, StateWanted& value) noexcept {
    if (text == "waiting") {
        value = StateWanted::waiting;
        return true;
    }
    if (text == "on_tour") {
        value = StateWanted::on_tour;
        return true;
    }
    if (text == "done") {
        value = StateWanted::done;
        return true;
    }
    return false;
}

void read_fields(tidings::json::Reader& reader, StateWanted& value) {
    if (!from_string(reader.text(), value)) {
        reader.fail("must be one of waiting, on_tour, done");
    }
}

void read_fields(tidings::json::Reader& reader, Route& value) {
    bool has_depots = false;
    std::string_view name;
    reader.begin_object();
    while (reader.next_field(name)) {
        if (name == "depots") {
            has_depots = true;
            value.depots.clear();
            reader.begin_array();
            while (reader.next_element()) {
                std::int64_t element3{};
                element3 = reader.integer();
                value.depots.push_back(std::move(element3));
            }
        } else {
            reader.skip();
        }
    }
    if (!has_depots) reader.missing("depots");
}

void check_rules(const Route& value, const tidings::contract::Place& at,
                 tidings::contract::Checker& checker) {
    static_cast<void>(value);
    static_cast<void>(at);
    static_cast<void>(checker);
}

void write_data(tidings::json::Writer& writer, const Route& value) {
    writer.begin_object();
    writer.name("depots");
    writer.begin_array();
    for (const auto& element1 : value.depots) {
        writer.integer(element1);
    }
    writer.end_array();
    writer.end_object();
}

tidings::Result<void> read_data(tidings::json::Reader& reader, Route& value) {
    value = Route{};
    read_fields(reader, value);
    if (!reader.failed()) {
        tidings::contract::Checker checker;
        check_rules(value, {}, checker);
        checker.report(reader);
    }
    if (reader.failed()) return reader.error();
    return {};
}

tidings::Result<void> validate(const Route& value) {
    tidings::contract::Checker checker;
    check_rules(value, {}, checker);
    return checker.result();
}

std::string to_text(const Route& value) {
    std::string text;
    tidings::json::Writer writer{text};
    write_data(writer, value);
    return text;
}

std::ostream& operator<<(std::ostream& out, const Route& value) {
    return out << to_text(value);
}

void read_fields(tidings::json::Reader& reader, Shipment& value) {
    bool has_id = false;
    bool has_state = false;
    bool has_size = false;
    bool has_cost = false;
    bool has_created_at = false;
    bool has_weight = false;
    std::string_view name;
    reader.begin_object();
    while (reader.next_field(name)) {
        if (name == "id") {
            has_id = true;
            value.id = reader.text();
        } else if (name == "state") {
            has_state = true;
            read_fields(reader, value.state);
        } else if (name == "size") {
            has_size = true;
            read_fields(reader, value.size);
        } else if (name == "cost") {
            has_cost = true;
            value.cost = tidings::contract::read_money(reader);
        } else if (name == "createdAt") {
            has_created_at = true;
            value.created_at = tidings::contract::read_timestamp(reader);
        } else if (name == "isUrgent") {
            value.is_urgent = reader.boolean();
        } else if (name == "weight") {
            has_weight = true;
            value.weight = reader.number();
        } else if (name == "tries") {
            value.tries = reader.integer();
        } else if (name == "doneAt") {
            if (reader.kind() == tidings::json::Kind::null) {
                reader.null();
                value.done_at.reset();
            } else {
                value.done_at = tidings::contract::read_timestamp(reader);
            }
        } else if (name == "outcome") {
            if (reader.kind() == tidings::json::Kind::null) {
                reader.null();
                value.outcome.reset();
            } else {
                read_fields(reader, value.outcome.emplace());
            }
        } else if (name == "notes") {
            value.notes.clear();
            reader.begin_array();
            while (reader.next_element()) {
                std::string element3{};
                element3 = reader.text();
                value.notes.push_back(std::move(element3));
            }
        } else if (name == "route") {
            if (reader.kind() == tidings::json::Kind::null) {
                reader.null();
                value.route.reset();
            } else {
                read_fields(reader, value.route.emplace());
            }
        } else {
            reader.skip();
        }
    }
    if (!has_id) reader.missing("id");
    if (!has_state) reader.missing("state");
    if (!has_size) reader.missing("size");
    if (!has_cost) reader.missing("cost");
    if (!has_created_at) reader.missing("createdAt");
    if (!has_weight) reader.missing("weight");
}

void check_rules(const Shipment& value, const tidings::contract::Place& at,
                 tidings::contract::Checker& checker) {
    checker.uuid({&at, "id"}, value.id);
    checker.enumerator({&at, "state"}, to_string(value.state));
    check_rules(value.size, {&at, "size"}, checker);
    checker.money({&at, "cost"}, value.cost, true);
    checker.timestamp({&at, "createdAt"}, value.created_at);
    checker.number({&at, "weight"}, value.weight, {-std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity(), false, false});
    if (value.done_at) {
        checker.timestamp({&at, "doneAt"}, *value.done_at);
    }
    if (value.outcome) {
        checker.enumerator({&at, "outcome"}, to_string(*value.outcome));
    }
    const tidings::contract::Place list1 = {&at, "notes"};
    for (std::size_t i1 = 0; i1 < value.notes.size(); ++i1) {
        const auto& element1 = value.notes[i1];
        const tidings::contract::Place at1{&list1, {}, i1};
        checker.text(at1, element1);
    }
    if (value.route) {
        check_rules(*value.route, {&at, "route"}, checker);
    }
}

void write_data(tidings::json::Writer& writer, const Shipment& value) {
    writer.begin_object();
    writer.name("id");
    writer.text(value.id);
    writer.name("state");
    writer.text(to_string(value.state));
    writer.name("size");
    write_data(writer, value.size);
    writer.name("cost");
    writer.value(value.cost);
    writer.name("createdAt");
    writer.value(value.created_at);
    writer.name("isUrgent");
    writer.boolean(value.is_urgent);
    writer.name("weight");
    writer.number(value.weight);
    writer.name("tries");
    writer.integer(value.tries);
    if (value.done_at) {
        writer.name("doneAt");
        writer.value(*value.done_at);
    }
    if (value.outcome) {
        writer.name("outcome");
        writer.text(to_string(*value.outcome));
    }
    writer.name("notes");
    writer.begin_array();
    for (const auto& element1 : value.notes) {
        writer.text(element1);
    }
    writer.end_array();
    if (value.route) {
        writer.name("route");
        write_data(writer, *value.route);
    }
    writer.end_object();
}

tidings::Result<void> read_data(tidings::json::Reader& reader, Shipment& value) {
    value = Shipment{};
    read_fields(reader, value);
    if (!reader.failed()) {
        tidings::contract::Checker checker;
        check_rules(value, {}, checker);
        checker.report(reader);
    }
    if (reader.failed()) return reader.error();
    return {};
}

tidings::Result<void> validate(const Shipment& value) {
    tidings::contract::Checker checker;
    check_rules(value, {}, checker);
    return checker.result();
}

std::string to_text(const Shipment& value) {
    std::string text;
    tidings::json::Writer writer{text};
    write_data(writer, value);
    return text;
}

std::ostream& operator<<(std::ostream& out, const Shipment& value) {
    return out << to_text(value);
}

static std::string text_of_size(const Shipment& value) {
    std::string text;
    tidings::json::Writer writer{text};
    write_data(writer, value.size);
    return text;
}

static void read_size(std::string_view text, Shipment& value) {
    tidings::json::Reader reader{text, tidings::contract::column_options};
    read_fields(reader, value.size);
    if (!reader.finish()) {
        tidings::contract::refuse_column(Shipment::table, Shipment::columns[2], text);
    }
}

static std::string text_of_notes(const Shipment& value) {
    std::string text;
    tidings::json::Writer writer{text};
    writer.begin_array();
    for (const auto& element1 : value.notes) {
        writer.text(element1);
    }
    writer.end_array();
    return text;
}

static void read_notes(std::string_view text, Shipment& value) {
    tidings::json::Reader reader{text, tidings::contract::column_options};
    value.notes.clear();
    reader.begin_array();
    while (reader.next_element()) {
        std::string element1{};
        element1 = reader.text();
        value.notes.push_back(std::move(element1));
    }
    if (!reader.finish()) {
        tidings::contract::refuse_column(Shipment::table, Shipment::columns[10], text);
    }
}

static std::string text_of_route(const Shipment& value) {
    std::string text;
    tidings::json::Writer writer{text};
    write_data(writer, *value.route);
    return text;
}

static void read_route(std::string_view text, Shipment& value) {
    tidings::json::Reader reader{text, tidings::contract::column_options};
    if (reader.kind() == tidings::json::Kind::null) {
        reader.null();
        value.route.reset();
    } else {
        read_fields(reader, value.route.emplace());
    }
    if (!reader.finish()) {
        tidings::contract::refuse_column(Shipment::table, Shipment::columns[11], text);
    }
}

void to_row(const Shipment& value, std::vector<tidings::Value>& row,
            std::deque<std::string>& texts) {
    row.push_back(tidings::to_value(value.id));
    row.push_back(tidings::to_value(to_string(value.state)));
    row.push_back(tidings::to_value(texts.emplace_back(text_of_size(value))));
    row.push_back(tidings::to_value(value.cost));
    row.push_back(tidings::to_value(value.created_at));
    row.push_back(tidings::to_value(value.is_urgent));
    row.push_back(tidings::to_value(value.weight));
    row.push_back(tidings::to_value(value.tries));
    if (value.done_at) {
        row.push_back(tidings::to_value(*value.done_at));
    } else {
        row.push_back(nullptr);
    }
    if (value.outcome) {
        row.push_back(tidings::to_value(to_string(*value.outcome)));
    } else {
        row.push_back(nullptr);
    }
    row.push_back(tidings::to_value(texts.emplace_back(text_of_notes(value))));
    if (value.route) {
        row.push_back(tidings::to_value(texts.emplace_back(text_of_route(value))));
    } else {
        row.push_back(nullptr);
    }
}

Shipment Shipment::from_row(const tidings::Row& row) {
    Shipment value;
    value.id = row.get<std::string>(0);
    if (!from_string(row.text(1), value.state)) {
        tidings::contract::refuse_column(Shipment::table, Shipment::columns[1], row.text(1));
    }
    read_size(row.text(2), value);
    value.cost = row.get<tidings::Money>(3);
    value.created_at = row.get<tidings::Timestamp>(4);
    value.is_urgent = row.get<bool>(5);
    value.weight = row.get<double>(6);
    value.tries = row.get<std::int64_t>(7);
    if (!row.is_null(8)) {
    value.done_at = row.get<tidings::Timestamp>(8);
    }
    if (!row.is_null(9)) {
    if (!from_string(row.text(9), value.outcome.emplace())) {
        tidings::contract::refuse_column(Shipment::table, Shipment::columns[9], row.text(9));
    }
    }
    read_notes(row.text(10), value);
    if (!row.is_null(11)) {
    read_route(row.text(11), value);
    }
    return value;
}

std::string_view column_of(std::string Shipment::*member) noexcept {
    if (member == &Shipment::id) return Shipment::columns[0];
    return {};
}

std::string_view column_of(State Shipment::*member) noexcept {
    if (member == &Shipment::state) return Shipment::columns[1];
    return {};
}

std::string_view column_of(parcel::Size Shipment::*member) noexcept {
    if (member == &Shipment::size) return Shipment::columns[2];
    return {};
}

std::string_view column_of(tidings::Money Shipment::*member) noexcept {
    if (member == &Shipment::cost) return Shipment::columns[3];
    return {};
}

std::string_view column_of(tidings::Timestamp Shipment::*member) noexcept {
    if (member == &Shipment::created_at) return Shipment::columns[4];
    return {};
}

std::string_view column_of(bool Shipment::*member) noexcept {
    if (member == &Shipment::is_urgent) return Shipment::columns[5];
    return {};
}

std::string_view column_of(double Shipment::*member) noexcept {
    if (member == &Shipment::weight) return Shipment::columns[6];
    return {};
}

std::string_view column_of(std::int64_t Shipment::*member) noexcept {
    if (member == &Shipment::tries) return Shipment::columns[7];
    return {};
}

std::string_view column_of(std::optional<tidings::Timestamp> Shipment::*member) noexcept {
    if (member == &Shipment::done_at) return Shipment::columns[8];
    return {};
}

std::string_view column_of(std::optional<Outcome> Shipment::*member) noexcept {
    if (member == &Shipment::outcome) return Shipment::columns[9];
    return {};
}

std::string_view column_of(std::vector<std::string> Shipment::*member) noexcept {
    if (member == &Shipment::notes) return Shipment::columns[10];
    return {};
}

std::string_view column_of(std::optional<Route> Shipment::*member) noexcept {
    if (member == &Shipment::route) return Shipment::columns[11];
    return {};
}

void read_fields(tidings::json::Reader& reader, StartTour& value) {
    bool has_van = false;
    std::string_view name;
    reader.begin_object();
    while (reader.next_field(name)) {
        if (name == "van") {
            has_van = true;
            value.van = reader.text();
        } else if (name == "sizes") {
            value.sizes.emplace();
            reader.begin_array();
            while (reader.next_element()) {
                parcel::Size element3{};
                read_fields(reader, element3);
                (*value.sizes).push_back(std::move(element3));
            }
        } else if (name == "stateWanted") {
            read_fields(reader, value.state_wanted.emplace());
        } else {
            reader.skip();
        }
    }
    if (!has_van) reader.missing("van");
}

void check_rules(const StartTour& value, const tidings::contract::Place& at,
                 tidings::contract::Checker& checker) {
    checker.text({&at, "van"}, value.van, 1);
    if (value.sizes) {
        const tidings::contract::Place list1 = {&at, "sizes"};
        for (std::size_t i1 = 0; i1 < (*value.sizes).size(); ++i1) {
            const auto& element1 = (*value.sizes)[i1];
            const tidings::contract::Place at1{&list1, {}, i1};
            check_rules(element1, at1, checker);
        }
    }
    if (value.state_wanted) {
        checker.enumerator({&at, "stateWanted"}, to_string(*value.state_wanted));
    }
}

void write_data(tidings::json::Writer& writer, const StartTour& value) {
    writer.begin_object();
    writer.name("van");
    writer.text(value.van);
    if (value.sizes) {
        writer.name("sizes");
        writer.begin_array();
        for (const auto& element2 : *value.sizes) {
            write_data(writer, element2);
        }
        writer.end_array();
    }
    if (value.state_wanted) {
        writer.name("stateWanted");
        writer.text(to_string(*value.state_wanted));
    }
    writer.end_object();
}

tidings::Result<void> read_data(tidings::json::Reader& reader, StartTour& value) {
    value = StartTour{};
    read_fields(reader, value);
    if (!reader.failed()) {
        tidings::contract::Checker checker;
        check_rules(value, {}, checker);
        checker.report(reader);
    }
    if (reader.failed()) return reader.error();
    return {};
}

tidings::Result<void> validate(const StartTour& value) {
    tidings::contract::Checker checker;
    check_rules(value, {}, checker);
    return checker.result();
}

std::string to_text(const StartTour& value) {
    std::string text;
    tidings::json::Writer writer{text};
    write_data(writer, value);
    return text;
}

std::ostream& operator<<(std::ostream& out, const StartTour& value) {
    return out << to_text(value);
}

}  // namespace sample::depot_service
