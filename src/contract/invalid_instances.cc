#include <tidings/base/text.h>
#include <tidings/contract/instances.h>

#include "contract/instance_maker.h"
#include "contract/sample_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace tidings {

namespace contract {

namespace {

/// Bounds above it are not broken: instances stay small.
constexpr std::size_t broken_size_max = 10'000;

std::string_view text_without(Format format) {
    switch (format) {
        case Format::none:
            return "";
        case Format::uuid:
            return "5f1cbb4e-3f8e-4c2d-9a51";
        case Format::date_time:
            return "2026-02-30T10:00:00Z";
        case Format::date:
            return "2026-02-30";
        case Format::email:
            return "nobody";
        case Format::uri:
            return "no uri";
        case Format::money:
            return "12.3";
    }
    return "";
}

/// Breaks one rule after the other in a value that keeps them all.
class Breaker {
public:
    Breaker(Node root, const InstanceOptions& options)
        : root_(std::move(root)), options_(options) {}

    std::vector<InvalidInstance> broken(const SchemaNode& schema) {
        walk(schema, root_, "");
        return std::move(broken_);
    }

private:
    /// Puts `wrong` in the place of a value, notes the whole, and takes it back.
    void put(Node& place, Node wrong, const std::string& at, std::string rule, std::string what) {
        std::swap(place, wrong);
        broken_.push_back({to_json(root_), at, std::move(rule), std::move(what)});
        std::swap(place, wrong);
    }

    void walk(const SchemaNode& schema, Node& place, const std::string& at) {
        wrong_type(schema, place, at);
        if (!schema.branches.empty()) return branches(schema, place, at);
        switch (schema.type) {
            case Type::object:
                return object(schema, place, at);
            case Type::array:
                return list(schema, place, at);
            case Type::string:
                return text(schema, place, at);
            case Type::integer:
                return integer(schema, place, at);
            case Type::number:
                return number(schema, place, at);
            case Type::boolean:
                if (schema.constant) {
                    const bool is_true = *schema.constant == "true";
                    put(place, plain_node(is_true ? "false" : "true"), at, "const", "is the other");
                }
        }
    }

    void wrong_type(const SchemaNode& schema, Node& place, const std::string& at) {
        const bool is_text = schema.type == Type::string;
        put(place, is_text ? plain_node("7") : text_node("7"), at, "type",
            is_text ? "is a number" : "is a text");
        if (schema.type == Type::integer) {
            put(place, plain_node("1.5"), at, "type", "has a fraction");
        }
        if (schema.type == Type::object) put(place, list_node(), at, "type", "is a list");
        if (schema.type == Type::array) put(place, map_node(), at, "type", "is an object");
        if (!schema.nullable) put(place, plain_node("null"), at, "type", "is null");
    }

    /// Each kind in turn; a discriminator that names none is the broken const of each.
    void branches(const SchemaNode& schema, Node& place, const std::string& at) {
        for (std::size_t i = 0; i < schema.branches.size(); ++i) {
            InstanceMaker maker{InstanceMaker::Size::maximal, options_};
            Node branch = maker.value(schema, at, i);
            std::swap(place, branch);
            object(*schema.branches[i], place, at);
            std::swap(place, branch);
        }
    }

    void positions(const SchemaNode& schema, Node& place, const std::string& at) {
        for (std::size_t i = 0; i < schema.prefix.size(); ++i) {
            walk(*schema.prefix[i], place.items[i], fmt::format("{}/{}", at, i));
        }
        Node few = place;
        few.items.pop_back();
        put(place, std::move(few), at, "minItems", "lacks its last position");
        if (!schema.is_closed) return;
        Node many = place;
        many.items.push_back(plain_node("1"));
        put(place, std::move(many), fmt::format("{}/{}", at, schema.prefix.size()), "items",
            "has a position more");
    }

    void object(const SchemaNode& schema, Node& place, const std::string& at) {
        bool has_other = false;
        for (std::size_t i = 0; i < place.fields.size(); ++i) {
            const std::string name = place.fields[i].first.text;
            const SchemaProperty* property = schema.find(name);
            const std::string below = at + '/' + name;
            if (property != nullptr && property->is_required) {
                Node without = place;
                without.fields.erase(without.fields.begin() + static_cast<std::ptrdiff_t>(i));
                put(place, std::move(without), below, "required", "is missing");
            }
            const SchemaNode* held = property != nullptr ? property->schema.get()
                                     : has_other         ? nullptr
                                                         : schema.values.get();
            has_other = has_other || property == nullptr;
            if (held != nullptr) walk(*held, place.fields[i].second, below);
        }
        if (!schema.is_closed) return;
        Node with = place;
        with.fields.emplace_back(text_node("unknownField"), plain_node("1"));
        put(place, std::move(with), at + "/unknownField", "additionalProperties", "is there");
    }

    void list(const SchemaNode& schema, Node& place, const std::string& at) {
        if (!schema.prefix.empty()) return positions(schema, place, at);
        if (!place.items.empty()) walk(*schema.items, place.items[0], at + "/0");
        if (schema.count_min > 0) {
            Node few = place;
            few.items.resize(schema.count_min - 1);
            put(place, std::move(few), at, "minItems",
                fmt::format("has {} items", schema.count_min - 1));
        }
        if (schema.count_max < broken_size_max) {
            InstanceMaker maker{InstanceMaker::Size::maximal, options_};
            Node many = maker.list(schema, at, schema.count_max + 1);
            if (many.items.size() > schema.count_max) {
                put(place, std::move(many), at, "maxItems",
                    fmt::format("has {} items", schema.count_max + 1));
            }
        }
        const bool has_room = place.items.size() < schema.count_max;
        if (schema.is_unique && !place.items.empty() && (has_room || place.items.size() > 1)) {
            Node twice = place;
            if (!has_room) twice.items.pop_back();
            twice.items.push_back(twice.items[0]);
            put(place, std::move(twice), at, "uniqueItems", "has an item twice");
        }
    }

    void text(const SchemaNode& schema, Node& place, const std::string& at) {
        const auto say = [&](std::string wrong, std::string rule) {
            const std::string what = "is " + quote(wrong, 40);
            put(place, text_node(std::move(wrong)), at, std::move(rule), what);
        };
        if (schema.constant) say(*schema.constant + "x", "const");
        if (!schema.enumeration.empty()) say(text_outside(schema.enumeration), "enum");
        if (schema.length_min > 0 && schema.length_min < broken_size_max) {
            say(std::string(schema.length_min - 1, 'a'), "minLength");
        }
        if (schema.length_max < broken_size_max) {
            say(std::string(schema.length_max + 1, 'a'), "maxLength");
        }
        if (schema.format != Format::none) say(std::string{text_without(schema.format)}, "format");
        if (!schema.pattern) return;
        for (const std::string& wrong : {std::string{"-1.00"}, std::string{"?"}, place.text + "?",
                                         "?" + place.text, std::string{}}) {
            const bool is_formed =
                schema.format != Format::money || Money::parse(wrong).has_value();
            if (schema.pattern->matches(wrong) || !is_formed) continue;
            return say(wrong, "pattern");
        }
    }

    static std::string text_outside(const std::vector<std::string>& values) {
        std::string text = values[0] + "x";
        while (std::find(values.begin(), values.end(), text) != values.end()) text += 'x';
        return text;
    }

    void integer(const SchemaNode& schema, Node& place, const std::string& at) {
        using Limits = std::numeric_limits<std::int64_t>;
        const auto say = [&](std::int64_t wrong, std::string rule) {
            put(place, plain_node(std::to_string(wrong)), at, std::move(rule),
                fmt::format("is {}", wrong));
        };
        if (schema.integer_min != Limits::min()) say(schema.integer_min - 1, "minimum");
        if (schema.integer_max != Limits::max()) say(schema.integer_max + 1, "maximum");
        std::vector<std::string> allowed = schema.enumeration;
        if (schema.constant) allowed = {*schema.constant};
        if (allowed.empty()) return;
        std::int64_t other = 0;
        const auto is_allowed = [&] {
            const std::string text = std::to_string(other);
            return std::find(allowed.begin(), allowed.end(), text) != allowed.end();
        };
        while (is_allowed()) ++other;
        say(other, schema.constant ? "const" : "enum");
    }

    void number(const SchemaNode& schema, Node& place, const std::string& at) {
        const auto say = [&](double wrong, std::string rule) {
            if (!std::isfinite(wrong)) return;
            const std::string text = fmt::format("{}", wrong);
            put(place, plain_node(text), at, std::move(rule), "is " + text);
        };
        std::vector<std::string> allowed = schema.enumeration;
        if (schema.constant) allowed = {*schema.constant};
        if (!allowed.empty()) {
            double other = std::stod(allowed[0]);
            while (std::find(allowed.begin(), allowed.end(), fmt::format("{}", other)) !=
                   allowed.end()) {
                other = std::nextafter(other + 0.25, INFINITY);
            }
            return say(other, schema.constant ? "const" : "enum");
        }
        const NumberBounds& bounds = schema.bounds;
        const double low = std::min(bounds.minimum - 1, std::nextafter(bounds.minimum, -INFINITY));
        const double high = std::max(bounds.maximum + 1, std::nextafter(bounds.maximum, INFINITY));
        bounds.above ? say(bounds.minimum, "exclusiveMinimum") : say(low, "minimum");
        bounds.below ? say(bounds.maximum, "exclusiveMaximum") : say(high, "maximum");
    }

    Node root_;
    InstanceOptions options_;
    std::vector<InvalidInstance> broken_;
};

}  // namespace

}  // namespace contract

Result<std::vector<InvalidInstance>> invalid_instances(const Schema& schema,
                                                       const InstanceOptions& options) {
    contract::InstanceMaker maker{contract::InstanceMaker::Size::maximal, options};
    contract::Node whole = maker.value(schema.root(), "");
    if (maker.error()) return *maker.error();
    return contract::Breaker{std::move(whole), options}.broken(schema.root());
}

}  // namespace tidings
