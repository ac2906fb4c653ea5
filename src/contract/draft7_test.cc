// The public test suite of JSON Schema, as far as Debian's package json-schema-test-suite has it:
// its cases of draft 7. A schema is loaded as it is; where it only lacks the type that Tidings asks
// for, the type that its keywords are for is put in, and the cases for values of that type are run.
// Every other case is counted under the reason for which the loader refuses its schema.
#include <tidings/contract/contract.h>

#include "contract/sample_files.h"
#include "contract/schema.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

namespace tidings::contract {
namespace {

constexpr const char* suite = "/usr/share/json-schema-test-suite/tests/draft7";

/// What the suite says and Tidings does otherwise, on purpose; docs/reference/contracts.md says
/// why.
const std::set<std::string, std::less<>> different{
    "optional/bignum.json: integer: a bignum is an integer",
    "optional/bignum.json: integer: a negative bignum is an integer",
};

struct Counts {
    int as_they_are = 0;
    int with_type = 0;
    int of_other_type = 0;
    int refused = 0;
    int different = 0;
    std::map<std::string, int> reasons{};
    std::vector<std::string> wrong{};
};

Node text_of(std::string text) {
    Node node;
    node.text = std::move(text);
    node.is_text = true;
    return node;
}

/// The one type that has the keyword, or nothing.
std::string_view type_for(std::string_view keyword, const Node& value) {
    static const std::map<std::string_view, std::string_view> types{
        {"properties", "object"},
        {"required", "object"},
        {"additionalProperties", "object"},
        {"items", "array"},
        {"minItems", "array"},
        {"maxItems", "array"},
        {"uniqueItems", "array"},
        {"minLength", "string"},
        {"maxLength", "string"},
        {"pattern", "string"},
        {"format", "string"},
        {"minimum", "number"},
        {"maximum", "number"},
        {"exclusiveMinimum", "number"},
        {"exclusiveMaximum", "number"}};
    const Node* sample = keyword == "const"                          ? &value
                         : keyword == "enum" && !value.items.empty() ? &value.items[0]
                                                                     : nullptr;
    if (sample != nullptr) {
        return !sample->is_scalar() || sample->is_null()           ? ""
               : sample->is_text                                   ? "string"
               : sample->text == "true" || sample->text == "false" ? "boolean"
                                                                   : "number";
    }
    const auto found = types.find(keyword);
    return found == types.end() ? "" : found->second;
}

/// Puts types in where they are missing, here and below; whether it put in any.
bool put_types(Node& schema) {
    bool any = false;
    if (!schema.is_mapping()) return false;
    std::set<std::string_view> types;
    for (auto& [key, value] : schema.fields) {
        if (key.text == "properties") {
            for (auto& [name, property] : value.fields) any = put_types(property) || any;
        } else if (key.text == "items" || key.text == "additionalProperties") {
            any = put_types(value) || any;
        }
        if (const std::string_view type = type_for(key.text, value); !type.empty()) {
            types.insert(type);
        }
    }
    if (schema.find("type") != nullptr || schema.find("$ref") != nullptr || types.size() != 1) {
        return any;
    }
    schema.fields.emplace_back(text_of("type"), text_of(std::string{*types.begin()}));
    return true;
}

/// Whether a value and what it holds are of the types that were put in.
bool suits(const Node& value, const SchemaNode& schema) {
    switch (schema.type) {
        case Type::object:
            return value.is_mapping() &&
                   std::all_of(value.fields.begin(), value.fields.end(), [&](const auto& field) {
                       const SchemaProperty* property = schema.find(field.first.text);
                       const SchemaNode* held =
                           property != nullptr ? property->schema.get() : schema.values.get();
                       return held == nullptr || suits(field.second, *held);
                   });
        case Type::array:
            return value.is_sequence() &&
                   std::all_of(value.items.begin(), value.items.end(), [&](const Node& item) {
                       return !schema.items || suits(item, *schema.items);
                   });
        case Type::string:
            return value.is_scalar() && value.is_text;
        case Type::boolean:
            return value.is_scalar() && (value.text == "true" || value.text == "false");
        default: {
            json::Reader reader{value.text};
            return value.is_scalar() && !value.is_text && reader.kind() == json::Kind::number;
        }
    }
}

char capital(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c ^ 0x20) : c; }

/// A schema's node in the words of 2020-12, which renamed one that the suite uses, and with
/// definitions named like types.
void rename(Node& node) {
    for (auto& [key, value] : node.fields) {
        if (key.text == "definitions") {
            key.text = "$defs";
            for (auto& [name, definition] : value.fields) name.text[0] = capital(name.text[0]);
        }
        if (key.text == "$ref" && value.text.starts_with("#/definitions/")) {
            value.text.replace(2, 11, "$defs");
            value.text[8] = capital(value.text[8]);
        }
        rename(value);
    }
    for (Node& item : node.items) rename(item);
}

SchemaPointer load(Node node, std::string& reason) {
    std::vector<Diagnostic> problems;
    Report report{"suite", problems};
    rename(node);
    Definitions definitions;
    if (Node* defs = node.find("$defs"); defs != nullptr) {
        Node moved = std::move(*defs);
        std::erase_if(node.fields, [](const auto& field) { return field.first.text == "$defs"; });
        load_definitions(moved, definitions, report);
    }
    SchemaPointer schema = load_schema(node, definitions, report);
    if (problems.empty()) return schema;
    const Diagnostic& first = problems.front();
    reason = first.what.ends_with(" is not supported") ? first.what
             : first.rule.starts_with("a format")      ? "the format " + first.what
                                                       : first.rule;
    return nullptr;
}

void run(const Node& group, const std::string& file, Counts& counts) {
    const Node& tests = *group.find("tests");
    const int count = static_cast<int>(tests.items.size());
    std::string reason;
    Node node = *group.find("schema");
    SchemaPointer schema = load(node, reason);
    const bool as_it_is = schema != nullptr;
    if (!as_it_is && put_types(node)) schema = load(node, reason);
    if (!schema) {
        counts.refused += count;
        counts.reasons[reason] += count;
        return;
    }
    for (const Node& test : tests.items) {
        const Node& data = *test.find("data");
        const std::string name =
            file + ": " + group.find("description")->text + ": " + test.find("description")->text;
        if (!as_it_is && !suits(data, *schema)) {
            ++counts.of_other_type;
            continue;
        }
        const bool expected = test.find("valid")->text == "true";
        if (check_json(*schema, to_json(data)).has_value() == expected) {
            ++(as_it_is ? counts.as_they_are : counts.with_type);
        } else if (different.count(name) != 0) {
            ++counts.different;
        } else {
            counts.wrong.push_back(name + (expected ? " (valid)" : " (invalid)"));
        }
    }
}

TEST(JsonSchemaTestSuite, OfDraft7IsKeptWhereverItsSchemasAreSupported) {
    if (!std::filesystem::exists(suite)) {  // tidy: for tests
        GTEST_SKIP() << suite << " is not there: tools/setup.sh foreign installs it";
    }
    Counts counts;
    int total = 0;
    for (const SourceFile& file : sample::files_below(suite)) {
        json::Reader reader{file.text};
        const Node groups = read_node(reader);
        ASSERT_TRUE(reader.finish()) << file.path;
        for (const Node& group : groups.items) {
            total += static_cast<int>(group.find("tests")->items.size());
            run(group, file.path.substr(std::string_view{suite}.size() + 1), counts);
        }
    }
    std::cout << "cases: " << total << "; kept as they are: " << counts.as_they_are
              << ", with the type put in: " << counts.with_type
              << "; values of another type than the one put in: " << counts.of_other_type
              << "; different on purpose: " << counts.different
              << "; of refused schemas: " << counts.refused << "\n";
    for (const auto& [reason, count] : counts.reasons) {
        std::cout << "  " << count << "  " << reason << "\n";
    }
    for (const std::string& wrong : counts.wrong) ADD_FAILURE() << wrong;
    EXPECT_EQ(counts.as_they_are + counts.with_type + counts.of_other_type + counts.different +
                  counts.refused,
              total);
    // What the loader learns to read makes these larger; they never fall.
    EXPECT_GE(counts.as_they_are, 37);
    EXPECT_GE(counts.with_type, 72);
}

}  // namespace
}  // namespace tidings::contract
