#include <tidings/contract/event_type.h>
#include <tidings/contract/instances.h>

#include "contract/sample_files.h"
#include "contract/sample_text.h"

#include <gtest/gtest.h>

#include <contracts/all.h>
#include <set>

namespace tidings {
namespace {

/// The schema whose properties are given in YAML's flow style.
Schema schema_of(const std::string& properties, const std::string& required = "id") {
    const std::string text = R"(event: order.created
version: 1.0.0
owner: order-service
consumers: []
key: id
summary: A.
published: A.
expected: A.
data: { type: object, required: [)" +
                             required + R"(], properties: { id: { type: string, maxLength: 3 }, )" +
                             properties + "} }\nexamples: [{}]\n";
    CheckedContracts checked =
        check_contracts(std::vector<SourceFile>{{"order/created.v1.yaml", text}});
    EXPECT_EQ(checked.set.contracts.size(), 1U) << text;
    for (const Diagnostic& problem : checked.problems) {
        EXPECT_EQ(problem.rule, "an example keeps its own schema") << to_string(problem);
    }
    return checked.set.contracts.front().data;
}

std::string minimal(const std::string& properties, const std::string& required = "id") {
    return minimal_instance(schema_of(properties, required)).value();
}
std::string maximal(const std::string& properties) {
    return maximal_instance(schema_of(properties)).value();
}

TEST(MinimalInstance, HasWhatIsRequiredAtItsLowerBounds) {
    EXPECT_EQ(minimal("a: { type: integer, minimum: 3 }", "id, a"), R"({"id":"","a":3})");
    EXPECT_EQ(minimal("a: { type: integer, minimum: 3 }"), R"({"id":""})");
    EXPECT_EQ(minimal("a: { type: [string, 'null'] }", "id, a"), R"({"id":"","a":null})");
    EXPECT_EQ(minimal("a: { type: array, minItems: 2, uniqueItems: true, items: { type: string } }",
                      "id, a"),
              R"({"id":"","a":["","b"]})");
    EXPECT_EQ(minimal("a: { type: string, pattern: '^[A-Z]{2}-?[0-9]+$' }", "id, a"),
              R"({"id":"","a":"AA0"})");
    EXPECT_EQ(minimal("a: { type: number, exclusiveMinimum: 0, maximum: 1 }", "id, a"),
              R"({"id":"","a":1})");
}

TEST(MaximalInstance, HasEverythingAtItsUpperBounds) {
    EXPECT_EQ(maximal("a: { type: integer, maximum: 3 }, b: { type: boolean }"),
              R"({"id":"aaa","a":3,"b":true})");
    EXPECT_EQ(maximal("a: { type: array, maxItems: 2, items: { type: string, enum: [x, y] } }"),
              R"({"id":"aaa","a":["x","y"]})");
    EXPECT_EQ(maximal("a: { type: object, additionalProperties: { type: number, maximum: 2.5 } }"),
              R"({"id":"aaa","a":{"key1":2.5,"key2":1.5,"key3":0.5}})");
    EXPECT_EQ(maximal("a: { type: [string, 'null'], format: money }"),
              R"({"id":"aaa","a":"0.00"})");
}

TEST(InvalidInstances, BreakEachRuleAtItsPlace) {
    const auto broken = invalid_instances(schema_of("n: { type: integer, minimum: 1 }", "id, n"));
    ASSERT_TRUE(broken) << broken.error().message;
    std::vector<std::string> told;
    for (const InvalidInstance& one : *broken) {
        told.push_back(one.rule + " " + one.field + " " + one.what);
    }
    const std::vector<std::string> wanted{
        "type  is a text",           "type  is a list",        "type  is null",
        "required /id is missing",   "type /id is a number",   "type /id is null",
        "maxLength /id is \"aaaa\"", "required /n is missing", "type /n is a text",
        "type /n has a fraction",    "type /n is null",        "minimum /n is 0"};
    EXPECT_EQ(told, wanted);
    EXPECT_EQ(broken->back().json, R"({"id":"aaa","n":0})");
}

// The runtime's check and the generated reader take what is valid and refuse what is broken, for
// contracts that use every keyword.
TEST(Instances, AreJudgedAlikeByTheSchemaAndByGeneratedCode) {
    const auto set = load_contracts(sample::contract_files());
    ASSERT_TRUE(set);
    std::set<std::string> rules;
    for (const EventType* type : ::sample::contracts()) {
        const Schema& schema = set->find(type->name.value, type->name.major)->data;
        for (const auto& valid : {minimal_instance(schema), maximal_instance(schema)}) {
            ASSERT_TRUE(valid) << valid.error().message;
            EXPECT_TRUE(type->check(*valid)) << *valid << type->check(*valid).error().message;
        }
        const auto broken = invalid_instances(schema);
        ASSERT_TRUE(broken) << broken.error().message;
        for (const InvalidInstance& one : *broken) {
            EXPECT_FALSE(schema.check(one.json)) << one.rule << " " << one.field << one.json;
            EXPECT_FALSE(type->check(one.json)) << one.rule << " " << one.field << one.json;
            rules.insert(one.rule);
        }
    }
    const std::set<std::string> wanted{"additionalProperties",
                                       "const",
                                       "enum",
                                       "exclusiveMinimum",
                                       "format",
                                       "items",
                                       "maxItems",
                                       "maxLength",
                                       "maximum",
                                       "minItems",
                                       "minLength",
                                       "minimum",
                                       "pattern",
                                       "required",
                                       "type",
                                       "uniqueItems"};
    EXPECT_EQ(rules, wanted);
}

TEST(Instances, AreTheSameEachTime) {
    const std::string properties = "a: { type: string, format: email }";
    EXPECT_EQ(maximal(properties), maximal(properties));
    EXPECT_EQ(invalid_instances(schema_of(properties))->size(),
              invalid_instances(schema_of(properties))->size());
}

TEST(Instances, TakeAnExampleWhereNoTextIsFound) {
    const std::string pattern = "a: { type: string, pattern: '^(?i:[[:alpha:]])$'";
    const auto failed = maximal_instance(schema_of(pattern + " }"));
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, ErrorCode::unsupported);
    EXPECT_EQ(failed.error().message, "field /a: no text was found that keeps its schema");
    EXPECT_EQ(maximal(pattern + ", examples: [q] }"), R"({"id":"aaa","a":"q"})");
}

TEST(Instances, StayBelowALimit) {
    const auto failed = minimal_instance(
        schema_of("a: { type: array, minItems: 900000, items: { type: boolean } }", "id, a"));
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, ErrorCode::limit_exceeded);
}

TEST(PatternText, IsMatchedByItsPattern) {
    for (const std::string_view expression :
         {"^[a-z]+@[a-z]+$", "^(abc|x{2,3})\\.[^0-9]$", "^\\d{4}-\\w\\s$", "sku-[0-9A-F]{8}",
          "^(?:a|b)*c?$", "^[\\]-]+$", "^\\p{L}?$|z", "^\u00e4[\u00f6\u00fc]$"}) {
        const contract::Pattern pattern{expression};
        for (std::size_t index = 0; index < 20; ++index) {
            const auto text = contract::text_for_pattern(expression, index % 4, index);
            if (expression.find("\\p") != std::string_view::npos) {
                EXPECT_FALSE(text);
                continue;
            }
            ASSERT_TRUE(text) << expression;
            EXPECT_TRUE(pattern.matches(*text)) << expression << " " << *text;
        }
    }
}

}  // namespace
}  // namespace tidings
