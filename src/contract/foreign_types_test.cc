// References to what other domains define: `common#/$defs/Party`.
#include <tidings/contract/contract.h>

#include "contract/generate.h"
#include "contract/sample_files.h"

#include <gtest/gtest.h>

namespace tidings::contract {
namespace {

SourceFile event(const std::string& domain, const std::string& of_field) {
    return {domain + "/created.v1.yaml", "event: " + domain + R"(.created
version: 1.0.0
owner: )" + domain + R"(-service
consumers: [other-service]
key: id
summary: A.
published: A.
expected: A.
data:
  type: object
  required: [id]
  properties: { id: { type: string }, field: )" +
                                             of_field + R"( }
examples: [{ id: a }]
)"};
}

SourceFile types(const std::string& domain, const std::string& schema) {
    return {domain + "/_types.yaml", "$defs:\n  Thing: " + schema + "\n"};
}

std::string problem_of(const std::vector<SourceFile>& files) {
    const Generated generated = generate_code(files, {}, "sample");
    return generated.problems.empty() ? "" : to_string(generated.problems.front());
}

constexpr const char* object = "{ type: object, properties: { a: { type: integer } } }";

TEST(ForeignTypes, AreThoseOfTheDomainThatDefinesThem) {
    const Generated generated = generate_code(
        std::vector{event("order", "{ $ref: 'common#/$defs/Thing' }"), types("common", object)}, {},
        "sample");
    ASSERT_TRUE(generated.problems.empty()) << to_string(generated.problems.front());
    const std::string& header = generated.files.at("contracts/order.h");
    EXPECT_NE(header.find("#include <contracts/common.h>"), std::string::npos);
    EXPECT_NE(header.find("std::optional<common::Thing> field{};"), std::string::npos);
    EXPECT_NE(generated.files.at("contracts/common.h").find("struct Thing {"), std::string::npos);
}

TEST(ForeignTypes, StandInASchemaThatStandsAlone) {
    const auto set = load_contracts(sample::contract_files());
    ASSERT_TRUE(set) << set.error().message;
    const std::string& json = set->find("parcel.paid", 1)->data.json();
    EXPECT_EQ(json.find("common#"), std::string::npos);
    EXPECT_NE(json.find(R"("payer":{"$ref":"#/$defs/CommonParty")"), std::string::npos) << json;
    EXPECT_NE(json.find(R"("role":{"$ref":"#/$defs/CommonRole"})"), std::string::npos) << json;
    const auto again = parse_bundle(to_json(*set));
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(to_json(*again), to_json(*set));
    const Contract* paid = again->find("parcel.paid", 1);
    std::string data = paid->examples.front();
    data.replace(data.size() - 1, 1, R"(,"payer":{"name":"Ana","role":"king"}})");
    EXPECT_EQ(paid->data.check(data).error().message,
              "field /payer/role: must be one of sender, receiver, is \"king\"");
}

TEST(ForeignTypes, AreUsedInOneDirection) {
    EXPECT_EQ(problem_of({event("order", "{ $ref: 'user#/$defs/Thing' }"), types("order", object),
                          event("user", "{ $ref: 'order#/$defs/Thing' }"), types("user", object)}),
              "order/created.v1.yaml:1:1: error: domains use each other's types in one direction: "
              "order and user; put what both use into the _types.yaml of a folder without events");
}

TEST(ForeignTypes, AreDefinedByADomainAndKnownByName) {
    EXPECT_EQ(
        problem_of({event("order", "{ $ref: 'comon#/$defs/Thing' }"), types("common", object)}),
        "order/created.v1.yaml:12:54: error: a reference names a domain that has a "
        "_types.yaml: \"comon\"; did you mean common?");
    EXPECT_EQ(
        problem_of({event("order", "{ $ref: 'common#/$defs/Thin' }"), types("common", object)}),
        "order/created.v1.yaml:12:54: error: a reference names a definition under $defs: "
        "\"Thin\"; did you mean Thing?");
    EXPECT_EQ(problem_of({event("order", "{ type: string }"),
                          types("common", "{ $ref: 'order#/$defs/Thing' }")}),
              "common/_types.yaml:2:18: error: _types.yaml refers to its own definitions only: "
              "\"order#/$defs/Thing\"; move the definition there, or refer to it where it is used");
}

}  // namespace
}  // namespace tidings::contract
