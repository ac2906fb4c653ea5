#include "random_schemas.h"

#include <tidings/contract/instances.h>

namespace tidings::agreement {

namespace {

/// Makes one contract. Fields have names of their own, so that nested types have, too.
class SchemaMaker {
public:
    SchemaMaker(Dice& dice, std::size_t& names) : dice_(dice), names_(names) {}

    Json contract(const std::string& domain, const std::string& event) {
        Json data = object(dice_.once_in(4) ? 3 : 2, 1 + dice_.roll(4));
        data["properties"]["id"] = {{"type", "string"}, {"maxLength", 40}};
        if (!data.contains("required")) data["required"] = Json::array();
        data["required"].push_back("id");
        if (!defs_.empty()) data["$defs"] = defs_;
        return contract_of(domain, event, data);
    }

private:
    std::string name(const std::string& begin) { return begin + std::to_string(names_++); }

    /// A name of letters alone, as definitions have.
    std::string definition_name() {
        std::string out = "D";
        for (std::size_t n = names_++; n > 0; n /= 26) out += static_cast<char>('a' + n % 26);
        return out;
    }

    Json schema(int depth) {
        Json made = dice_.once_in(6) && depth > 0 ? definition(depth) : plain(depth);
        if (made.contains("$ref") || made.contains("oneOf")) {
            if (dice_.once_in(4))
                return {{"oneOf", {made, {{"type", "null"}}}}, {"title", "Or null"}};
            return made;
        }
        if (dice_.once_in(8)) made["description"] = "Said of it.";
        if (dice_.once_in(12)) made["deprecated"] = true;
        if (dice_.once_in(5) && !made.contains("const")) {
            made["type"] = Json::array({made["type"], "null"});
            if (made.contains("enum")) made["enum"].push_back(nullptr);
        }
        return made;
    }

    Json definition(int depth) {
        Json made =
            dice_.once_in(3) ? alternatives(depth - 1) : object(depth - 1, 1 + dice_.roll(3));
        const std::string of_it = definition_name();
        defs_[of_it] = made;
        return {{"$ref", "#/$defs/" + of_it}};
    }

    Json plain(int depth) {
        switch (dice_.roll(depth > 0 ? 10 : 5)) {
            case 0:
            case 1:
                return text();
            case 2:
                return integer();
            case 3:
                return number();
            case 4:
                return dice_.once_in(4) ? Json{{"type", "boolean"}, {"const", dice_.once_in(2)}}
                                        : Json{{"type", "boolean"}};
            case 5:
            case 6:
                return list(depth - 1);
            case 7:
                return positions(depth - 1);
            case 8:
                return dice_.once_in(3) ? map(depth - 1) : object(depth - 1, dice_.roll(4));
            default:
                return alternatives(depth - 1);
        }
    }

    Json text() {
        Json made{{"type", "string"}};
        switch (dice_.roll(6)) {
            case 0:
                made["format"] = dice_.one_of(
                    std::vector<std::string>{"uuid", "date", "date-time", "email", "uri", "money"});
                return made;
            case 1:
                made["pattern"] = dice_.one_of(
                    std::vector<std::string>{"^[a-z]+$", "^[A-Z]{2}[0-9]{1,3}$", "a|b", "^x*$",
                                             "^(red|green)-\\d{2}$", "[^a]", "^\\w+\\.\\w+$"});
                return made;
            case 2:
                made["enum"] = Json::array({"up", "down", "BOTH ways"});
                return made;
            case 3:
                made["const"] = "fixed";
                return made;
            default:
                if (dice_.once_in(2)) made["minLength"] = dice_.roll(4);
                if (dice_.once_in(2)) made["maxLength"] = 4 + dice_.roll(8);
                return made;
        }
    }

    Json integer() {
        Json made{{"type", "integer"}};
        const auto low = static_cast<std::int64_t>(dice_.roll(20)) - 10;
        switch (dice_.roll(5)) {
            case 0:
                made["enum"] = Json::array({low, low + 2, low + 7});
                return made;
            case 1:
                made["const"] = low;
                return made;
            default:
                if (dice_.once_in(2)) made[dice_.once_in(3) ? "exclusiveMinimum" : "minimum"] = low;
                if (dice_.once_in(2)) {
                    made[dice_.once_in(3) ? "exclusiveMaximum" : "maximum"] = low + 3;
                }
                return made;
        }
    }

    Json number() {
        Json made{{"type", "number"}};
        const double low = static_cast<double>(dice_.roll(40)) / 4 - 5;
        switch (dice_.roll(5)) {
            case 0:
                made["enum"] = Json::array({low, low + 0.5, 30});
                return made;
            case 1:
                made["const"] = low;
                return made;
            default:
                if (dice_.once_in(2)) made[dice_.once_in(2) ? "exclusiveMinimum" : "minimum"] = low;
                if (dice_.once_in(2)) {
                    made[dice_.once_in(2) ? "exclusiveMaximum" : "maximum"] = low + 2.5;
                }
                return made;
        }
    }

    Json list(int depth) {
        Json made{{"type", "array"}};
        if (dice_.once_in(3)) {
            made["items"] = dice_.once_in(2) ? Json{{"type", "string"}, {"maxLength", 3}}
                                             : Json{{"type", "integer"}};
            made["uniqueItems"] = true;
        } else {
            made["items"] = schema(depth);
        }
        if (dice_.once_in(3)) made["minItems"] = dice_.roll(3);
        if (dice_.once_in(3)) made["maxItems"] = 2 + dice_.roll(3);
        return made;
    }

    Json positions(int depth) {
        Json made{{"type", "array"}, {"prefixItems", Json::array()}};
        const std::size_t count = 1 + dice_.roll(3);
        for (std::size_t i = 0; i < count; ++i) {
            Json held = schema(depth);
            if (!held.contains("$ref")) held["title"] = name("part");
            made["prefixItems"].push_back(held);
        }
        made["minItems"] = count;
        if (dice_.once_in(2)) made["items"] = false;
        if (dice_.once_in(4)) made["maxItems"] = count;
        return made;
    }

    Json map(int depth) { return {{"type", "object"}, {"additionalProperties", schema(depth)}}; }

    Json object(int depth, std::size_t count) {
        Json made{{"type", "object"}, {"properties", Json::object()}};
        Json required = Json::array();
        for (std::size_t i = 0; i < count; ++i) {
            const std::string field = name("f");
            made["properties"][field] = schema(depth);
            if (dice_.once_in(2)) required.push_back(field);
        }
        if (!required.empty()) made["required"] = required;
        if (dice_.once_in(3)) made["additionalProperties"] = dice_.once_in(3);
        if (count > 0 && dice_.once_in(6)) made["additionalProperties"] = schema(0);
        return made;
    }

    Json alternatives(int depth) {
        const std::string kind = name("kind");
        Json branches = Json::array();
        const std::size_t count = 2 + dice_.roll(2);
        for (std::size_t i = 0; i < count; ++i) {
            Json branch = object(depth, dice_.roll(3));
            branch["properties"][kind] = {{"type", "string"}, {"const", name("k")}};
            if (!branch.contains("required")) branch["required"] = Json::array();
            branch["required"].push_back(kind);
            branches.push_back(branch);
        }
        return {{"oneOf", branches}};
    }

    Dice& dice_;
    std::size_t& names_;
    Json defs_ = Json::object();
};

/// Every place in a value, so that one can be chosen.
void collect(Json& value, std::vector<Json*>& places) {
    places.push_back(&value);
    if (value.is_structured()) {
        for (auto& held : value) collect(held, places);
    }
}

void change(Json& value, Dice& dice) {
    static const std::vector<Json> others{nullptr,
                                          true,
                                          false,
                                          0,
                                          1,
                                          -1,
                                          1.0,
                                          1.5,
                                          100,
                                          "",
                                          "a",
                                          "7",
                                          "\u00dcn\u00ef",
                                          "up",
                                          "fixed",
                                          "12.30",
                                          "2026-02-28",
                                          "2026-11-23T10:00:00Z",
                                          Json::array(),
                                          Json::object()};
    std::vector<Json*> places;
    collect(value, places);
    Json& place = *places[dice.roll(places.size())];
    if (place.is_object() && dice.once_in(2)) {
        if (!place.empty() && dice.once_in(2)) {
            auto gone = place.begin();
            std::advance(gone, dice.roll(place.size()));
            place.erase(gone);
        } else {
            place["other"] = dice.one_of(others);
        }
    } else if (place.is_array() && dice.once_in(2)) {
        if (!place.empty() && dice.once_in(2)) {
            place.erase(dice.roll(place.size()));
        } else {
            place.push_back(place.empty() || dice.once_in(2) ? dice.one_of(others)
                                                             : Json(place[0]));
        }
    } else {
        place = dice.one_of(others);
    }
}

}  // namespace

Json contract_of(const std::string& domain, const std::string& event, const Json& data) {
    return {{"event", domain + "." + event},
            {"version", "1.0.0"},
            {"owner", domain + "-service"},
            {"consumers", Json::array({"other-service"})},
            {"key", "id"},
            {"summary", "Random."},
            {"published", "Random."},
            {"expected", "Random."},
            {"data", data},
            {"examples", Json::array()}};
}

std::vector<SourceFile> random_contracts(const std::string& domain, std::size_t count,
                                         std::uint64_t seed) {
    Dice dice{seed};
    std::size_t names = 1;
    std::vector<SourceFile> files;
    for (std::size_t i = 0; i < count; ++i) {
        const std::string event = "n" + std::to_string(i) + "_created";
        Json contract = SchemaMaker{dice, names}.contract(domain, event);
        // An example is asked for; it is made from the schema itself.
        SourceFile file{domain + "/" + event + ".v1.yaml", contract.dump(1, ' ', true)};
        const CheckedContracts checked = check_contracts({&file, 1});
        if (!checked.set.contracts.empty()) {
            if (const auto example = minimal_instance(checked.set.contracts[0].data)) {
                contract["examples"].push_back(Json::parse(*example));
                file.text = contract.dump(1, ' ', true);
            }
        }
        files.push_back(std::move(file));
    }
    return files;
}

std::vector<std::string> data_for(const Schema& schema, Dice& dice, std::size_t changes) {
    std::vector<std::string> data;
    const auto largest = maximal_instance(schema);
    if (!largest) return data;
    data.push_back(minimal_instance(schema).value());
    data.push_back(*largest);
    for (InvalidInstance& broken : invalid_instances(schema).value()) {
        data.push_back(std::move(broken.json));
    }
    for (std::size_t i = 0; i < changes; ++i) {
        Json value = Json::parse(i % 2 == 0 ? *largest : data[0]);
        for (std::size_t times = 1 + dice.roll(2); times > 0; --times) change(value, dice);
        data.push_back(value.dump());
    }
    return data;
}

}  // namespace tidings::agreement
