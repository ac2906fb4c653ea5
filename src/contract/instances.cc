#include <tidings/contract/instances.h>
#include <tidings/model/envelope.h>

#include "contract/instance_maker.h"
#include "contract/sample_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace tidings::contract {

namespace {

constexpr std::size_t instance_bytes_max = 1024 * 1024;
/// The largest integer that every reader of JSON takes exactly (RFC 8259, section 6).
constexpr std::int64_t exact_integer_max = (std::int64_t{1} << 53) - 1;

}  // namespace

Node text_node(std::string text) {
    Node node;
    node.text = std::move(text);
    node.is_text = true;
    return node;
}

Node plain_node(std::string text) {
    Node node;
    node.text = std::move(text);
    return node;
}

Node map_node() {
    Node node;
    node.kind = Node::Kind::mapping;
    return node;
}

Node list_node() {
    Node node;
    node.kind = Node::Kind::sequence;
    return node;
}

void InstanceMaker::fail(ErrorCode code, const std::string& pointer, std::string what,
                         std::string hint) {
    if (error_) return;
    const std::string where = pointer.empty() ? "document" : "field " + pointer;
    error_ = Error{code, where + ": " + std::move(what), std::move(hint)};
}

bool InstanceMaker::spend(std::size_t bytes, const std::string& pointer) {
    bytes_ += bytes;
    if (bytes_ > instance_bytes_max) {
        fail(ErrorCode::limit_exceeded, pointer, "makes an instance larger than 1 MiB",
             "lower minItems or minLength");
    }
    return !error_;
}

Node InstanceMaker::object(const SchemaNode& schema, const std::string& pointer) {
    Node out = map_node();
    const auto add = [&](const std::string& name, const SchemaNode& held, std::size_t index) {
        if (!spend(name.size() + 4, pointer)) return;
        Node value_of_it = value(held, pointer + '/' + name, index);
        out.fields.emplace_back(text_node(name), std::move(value_of_it));
    };
    for (const SchemaProperty& property : schema.properties) {
        if (property.is_required || !is_minimal()) add(property.name, *property.schema, 0);
    }
    if (schema.values && !is_minimal()) {
        for (std::size_t i = 0; i < options_.items_max; ++i) {
            std::string name = fmt::format("key{}", i + 1);
            while (schema.find(name) != nullptr) name += 'x';
            add(name, *schema.values, i);
        }
    }
    return out;
}

Node InstanceMaker::list(const SchemaNode& schema, const std::string& pointer, std::size_t count) {
    constexpr std::size_t tries_max = 1000;
    Node out = list_node();
    std::set<std::string> seen;
    std::size_t index = 0;
    while (out.items.size() < count && !error_) {
        const std::string at = fmt::format("{}/{}", pointer, out.items.size());
        if (!spend(2, at)) break;
        Node item = value(*schema.items, at, index++);
        const bool is_new = !schema.is_unique || seen.insert(to_json(item)).second;
        if (is_new) {
            out.items.push_back(std::move(item));
        } else if (index > count + tries_max) {
            break;
        }
    }
    return out;
}

Node InstanceMaker::array(const SchemaNode& schema, const std::string& pointer) {
    const std::size_t most =
        std::min(schema.count_max, std::max(schema.count_min, options_.items_max));
    Node out = list_node();
    if (schema.prefix.empty()) {
        out = list(schema, pointer, is_minimal() ? schema.count_min : most);
        if (out.items.size() < schema.count_min) {
            fail(ErrorCode::unsupported, pointer, "not enough different items were found");
        }
    }
    for (const SchemaPointer& held : schema.prefix) {
        out.items.push_back(value(*held, fmt::format("{}/{}", pointer, out.items.size())));
    }
    return out;
}

Node InstanceMaker::text(const SchemaNode& schema, const std::string& pointer, std::size_t index) {
    const std::size_t most =
        std::min(schema.length_max, std::max(schema.length_min, options_.characters_max));
    const std::size_t wanted = is_minimal() ? schema.length_min : most;
    if (!spend(wanted, pointer)) return text_node({});
    auto found = sample_text(schema, wanted, index);
    if (!found) {
        fail(ErrorCode::unsupported, pointer, "no text was found that keeps its schema",
             "put one that does under examples: beside it");
    }
    return text_node(found.value_or(std::string{}));
}

Node InstanceMaker::integer(const SchemaNode& schema, std::size_t index) const {
    using Limits = std::numeric_limits<std::int64_t>;
    if (schema.constant) return plain_node(*schema.constant);
    const auto& choices = schema.enumeration;
    if (!choices.empty()) return plain_node(choices[index % choices.size()]);
    const std::int64_t low = schema.integer_min != Limits::min()
                                 ? schema.integer_min
                                 : std::min<std::int64_t>(0, schema.integer_max);
    const std::int64_t high = schema.integer_max != Limits::max()
                                  ? schema.integer_max
                                  : std::max(exact_integer_max, schema.integer_min);
    const std::uint64_t values =
        static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low) + 1;
    const std::uint64_t step = values == 0 ? index : index % values;
    const std::uint64_t value = is_minimal() ? static_cast<std::uint64_t>(low) + step
                                             : static_cast<std::uint64_t>(high) - step;
    return plain_node(std::to_string(static_cast<std::int64_t>(value)));
}

Node InstanceMaker::number(const SchemaNode& schema, const std::string& pointer,
                           std::size_t index) {
    if (schema.constant) return plain_node(*schema.constant);
    const auto& choices = schema.enumeration;
    if (!choices.empty()) return plain_node(choices[index % choices.size()]);
    const double low = schema.bounds.minimum;
    const double high = schema.bounds.maximum;
    const double step = static_cast<double>(index);
    const double between =
        std::isfinite(low) && std::isfinite(high) ? low / 2 + high / 2 : step + 0.5;
    std::vector<double> tries{low + step,
                              low + step + 1,
                              between,
                              high - step,
                              high - step - 1,
                              std::nextafter(low, high),
                              std::nextafter(high, low)};
    if (!is_minimal()) std::rotate(tries.begin(), tries.begin() + 3, tries.end());
    if (!std::isfinite(is_minimal() ? low : high)) tries.insert(tries.begin(), step);
    for (const double value : tries) {
        if (broken_bound(value, schema.bounds).empty()) return plain_node(fmt::format("{}", value));
    }
    fail(ErrorCode::unsupported, pointer, "no number was found that keeps its schema");
    return plain_node("0");
}

Node InstanceMaker::value(const SchemaNode& schema, const std::string& pointer, std::size_t index) {
    if (!spend(8, pointer)) return {};
    if (schema.nullable && is_minimal() && index == 0) return plain_node("null");
    switch (schema.type) {
        case Type::object:
            if (schema.branches.empty()) return object(schema, pointer);
            return object(*schema.branches[index % schema.branches.size()], pointer);
        case Type::array:
            return array(schema, pointer);
        case Type::string:
            return text(schema, pointer, index);
        case Type::integer:
            return integer(schema, index);
        case Type::number:
            return number(schema, pointer, index);
        case Type::boolean:
            return plain_node(schema.constant                    ? *schema.constant
                              : (index % 2 == 0) == is_minimal() ? "false"
                                                                 : "true");
    }
    return {};
}

}  // namespace tidings::contract

namespace tidings {

namespace {

Result<std::string> instance(const Schema& schema, contract::InstanceMaker maker) {
    std::string json = to_json(maker.value(schema.root(), ""));
    if (maker.error()) return *maker.error();
    if (auto checked = schema.check(json); !checked) {
        return with_context(std::move(checked).error(), "make an instance");
    }
    return json;
}

}  // namespace

Result<std::string> minimal_instance(const Schema& schema, const InstanceOptions& options) {
    return instance(schema, {contract::InstanceMaker::Size::minimal, options});
}

Result<std::string> maximal_instance(const Schema& schema, const InstanceOptions& options) {
    return instance(schema, {contract::InstanceMaker::Size::maximal, options});
}

}  // namespace tidings
