#include <tidings/contract/contract.h>

#include "contract/sample_files.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tidings {
namespace {

/// A contract that is right; each test breaks one thing of it.
std::string valid_contract() {
    return R"(event: order.created
version: 1.0.0
owner: order-service
consumers: [payment-service]
key: orderId
summary: An order exists.
published: When an order was taken.
expected: Capture the payment.
data:
  type: object
  required: [orderId, count]
  properties:
    orderId: { type: string, format: uuid }
    count: { type: integer, minimum: 1 }
    flag: { type: string, enum: [no, yes] }
examples:
  - { orderId: 5f1cbb4e-3f8e-4c2d-9a51-7a0f2f6f1d11, count: 1, flag: no }
)";
}

std::string replace(std::string text, std::string_view what, std::string_view with) {
    const std::size_t at = text.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    return text.replace(at, what.size(), with);
}

constexpr const char* path = "contracts/order/created.v1.yaml";

/// The first thing that is wrong with a text, as the compiler prints it.
std::string problem_of(const std::string& text, const std::string& file = path) {
    const std::vector<SourceFile> files{{file, text}};
    const CheckedContracts checked = check_contracts(files);
    return checked.problems.empty() ? "" : to_string(checked.problems.front());
}

std::string problem_with(std::string_view what, std::string_view with) {
    return problem_of(replace(valid_contract(), what, with));
}

TEST(Contract, IsLoadedWithAllThatItSays) {
    const auto contract = load_contract({path, valid_contract()});
    ASSERT_TRUE(contract) << contract.error().message;
    EXPECT_EQ(contract->event, "order.created");
    EXPECT_EQ(contract->domain(), "order");
    EXPECT_EQ(contract->version, (SchemaVersion{1, 0, 0}));
    EXPECT_EQ(contract->owner, "order-service");
    EXPECT_EQ(contract->consumers, std::vector<std::string>{"payment-service"});
    EXPECT_EQ(contract->key, "orderId");
    EXPECT_EQ(contract->published, "When an order was taken.");
    ASSERT_EQ(contract->examples.size(), 1U);
}

TEST(Contract, ReadsScalarsByTheirSchema) {
    const auto contract = load_contract({path, valid_contract()});
    ASSERT_TRUE(contract);
    EXPECT_EQ(contract->examples[0],
              R"({"orderId":"5f1cbb4e-3f8e-4c2d-9a51-7a0f2f6f1d11","count":1,"flag":"no"})");
}

TEST(Contract, IsNamedAsAFact) {
    EXPECT_EQ(problem_with("order.created", "order.create"),
              "contracts/order/created.v1.yaml:1:8: error: an event is named as a fact that has "
              "happened: \"order.create\"; did you mean order.created?");
    EXPECT_EQ(problem_with("order.created", "Order.Created"),
              "contracts/order/created.v1.yaml:1:8: error: an event is named domain.event_name in "
              "snake case: \"Order.Created\"; did you mean order.created?");
    EXPECT_EQ(problem_of(valid_contract(), "contracts/order/made.v1.yaml"),
              "contracts/order/made.v1.yaml:1:8: error: a contract's file is named "
              "<domain>/<event>.v<major>.yaml: \"order/made.v1.yaml\"; rename it to "
              "order/created.v1.yaml");
}

TEST(Contract, SaysEverythingThatTheStandardAsks) {
    for (const char* line :
         {"version: 1.0.0\n", "owner: order-service\n", "consumers: [payment-service]\n",
          "key: orderId\n", "summary: An order exists.\n", "published: When an order was taken.\n",
          "expected: Capture the payment.\n"}) {
        const std::string name = std::string{line}.substr(0, std::string_view{line}.find(':'));
        EXPECT_NE(problem_with(line, "").find("no " + name + "; add " + name), std::string::npos)
            << problem_with(line, "");
    }
    EXPECT_EQ(problem_with("owner: order-service", "owner: orders"),
              "contracts/order/created.v1.yaml:3:8: error: an owner is a service named like "
              "order-service: \"orders\"; did you mean order-service?");
    EXPECT_EQ(problem_with("summary: An order exists.", "summary: ' '"),
              "contracts/order/created.v1.yaml:6:10: error: summary says something: \" \"");
    EXPECT_EQ(problem_with("published:", "publishd:"),
              "contracts/order/created.v1.yaml:7:1: error: a file has only the fields that are "
              "known: \"publishd\"; did you mean published?");
    EXPECT_EQ(problem_with("version: 1.0.0", "version: 1.0"),
              "contracts/order/created.v1.yaml:2:10: error: a version is three numbers, "
              "major.minor.patch: \"1.0\"; write it like 1.0.0");
}

TEST(Contract, KeysAreRequiredFields) {
    EXPECT_EQ(problem_with("key: orderId", "key: orderID"),
              "contracts/order/created.v1.yaml:5:6: error: a key is a field of data: \"orderID\"; "
              "did you mean orderId?");
    EXPECT_EQ(problem_with("required: [orderId, count]", "required: [count]"),
              "contracts/order/created.v1.yaml:5:6: error: a key is a required field: \"orderId\"; "
              "add it to required, without null");
}

TEST(Contract, ExamplesKeepTheirSchema) {
    EXPECT_EQ(problem_with("count: 1,", "count: 0,"),
              "contracts/order/created.v1.yaml:17:5: error: an example keeps its own schema: field "
              "/count: must be at least 1, is 0");
    EXPECT_EQ(problem_with("count: 1,", "cuont: 1,"),
              "contracts/order/created.v1.yaml:17:5: error: an example keeps its own schema: field "
              "/count: is missing");
}

TEST(Contract, RefusesWhatYamlWouldLetPass) {
    EXPECT_EQ(problem_with("key: orderId", "key: orderId\nkey: orderId"),
              "contracts/order/created.v1.yaml:6:1: error: a name stands in a mapping once: "
              "\"key\"; remove or rename one of them");
    EXPECT_NE(problem_with("event: order", "event: &a order").find("anchors and aliases"),
              std::string::npos);
    EXPECT_NE(problem_with("event: order", "event: !x order").find("tags are not read"),
              std::string::npos);
    EXPECT_NE(problem_with("key: orderId", "key: [orderId").find("a file is YAML"),
              std::string::npos);
    EXPECT_NE(problem_of(valid_contract() + "---\na: b\n").find("one document"), std::string::npos);
    EXPECT_NE(problem_of("").find("one document"), std::string::npos);
    EXPECT_NE(problem_of("\xFF").find("UTF-8"), std::string::npos);
    EXPECT_NE(problem_of(std::string(1000, '[')), "");
}

struct BadSchema {
    const char* schema;
    const char* expected;  ///< A part of the problem.
};

TEST(Contract, RefusesSchemasItCannotKeep) {
    const std::vector<BadSchema> schemas{
        {"{ type: strin }", "did you mean string?"},
        {"{ type: string, minLenght: 1 }", "did you mean minLength?"},
        {"{ type: string, anyOf: [] }", "\"anyOf\" is not supported"},
        {"{ type: string, discriminator: kind }", "leave it out; the required const"},
        {"{ oneOf: [] }", "oneOf is a list of schemas"},
        {"{ oneOf: [{ type: 'null' }] }", "a branch beside null"},
        {"{ oneOf: [{ type: string }, { type: integer }] }", "are objects with properties"},
        {"{ oneOf: [{ type: object, properties: {} }, { type: object, properties: {} }] }",
         "are told apart by a const"},
        {"{ oneOf: [{ type: object, required: [k], properties: { k: { type: string, const: a } } "
         "}, "
         "{ type: object, required: [k], properties: { k: { type: string, const: a } } }] }",
         "are told apart by a const"},
        {"{ oneOf: [{ type: object, required: [k], properties: { k: { type: string, const: a } } "
         "}, "
         "{ type: object, properties: { k: { type: string, const: b } } }] }",
         "are told apart by a const"},
        {"{ type: object, oneOf: [{ type: string }, { type: 'null' }] }",
         "beside oneOf stand title, description and deprecated only: \"type\""},
        {"{ type: array, prefixItems: [] }", "prefixItems is a list of schemas"},
        {"{ type: array, prefixItems: [{ type: string }] }", "write minItems: 1"},
        {"{ type: array, minItems: 1, prefixItems: [{ type: string }], items: { type: string } }",
         "beside prefixItems, items is false or left out"},
        {"{ type: array, minItems: 1, maxItems: 2, prefixItems: [{ type: string }] }",
         "beside prefixItems, maxItems is their number"},
        {"{ type: array, items: false }", "a list says what its items are"},
        {"{ type: array, items: true }", "a list says what its items are"},
        {"{ type: [string, 'null'], enum: [a] }", "add null to the enum"},
        {"{ type: [string, 'null'], const: a }", "leave null out of the type"},
        {"{ type: boolean, enum: [true] }", "enum of type boolean"},
        {"{ type: integer, enum: [1, 1.0] }", "once: \"1.0\""},
        {"{ type: integer, minLength: 1 }", "minLength of type integer"},
        {"{ type: string, format: uid }", "did you mean uuid?"},
        {"{ type: string, pattern: '(' }", "a pattern is a regular expression of RE2"},
        {"{ type: string, pattern: '(?=a)' }", "a pattern is a regular expression of RE2"},
        {"{ type: integer, minimum: 2, maximum: 1 }", "a minimum is not above its maximum"},
        {"{ type: integer, minimum: 1.5 }", "an integer of 64 bits"},
        {"{ type: string, minLength: -1 }", "an integer from 0"},
        {"{ type: array }", "a list says what its items are"},
        {"{ type: object }", "an object says its properties"},
        {"{ minLength: 1 }", "a schema says its type"},
        {"{ type: [string, integer] }", "one type, or null beside it"},
        {"{ $ref: '#/$defs/Item' }", "a reference names a definition"},
        {"{ $ref: 'http://example.com/x' }", "a reference is to a definition of this platform"},
        {"{ $ref: 'user#/$defs/Item' }", "a reference names a domain that has a _types.yaml"},
        {"{ type: string, enum: [] }", "enum is a list of values"},
        {"{ type: string, enum: [a, a] }", "once: \"a\""},
        {"{ type: integer, enum: [a] }", "must be an integer"},
        {"{ type: string, default: '', minLength: 1 }", "a default keeps its own schema"},
        {"{ type: object, properties: { Order_Id: { type: string } } }", "did you mean orderId?"},
        {"{ type: object, required: [b], properties: { a: { type: string } } }",
         "a required field is one of the properties"},
        {"{ type: array, items: { type: number }, uniqueItems: true }", "uniqueItems is for"},
        {"[]", "a schema is a mapping"}};
    for (const BadSchema& bad : schemas) {
        const std::string found = problem_with("{ type: integer, minimum: 1 }", bad.schema);
        EXPECT_NE(found.find(bad.expected), std::string::npos) << bad.schema << "\n" << found;
        EXPECT_EQ(found.find("contracts/order/created.v1.yaml:14:"), 0U) << found;
    }
}

TEST(Contract, DefinitionsDoNotContainThemselves) {
    const std::string text = replace(valid_contract(), "data:\n", R"(data:
  $defs:
    Tree: { type: object, properties: { child: { $ref: '#/$defs/Tree' } } }
)");
    EXPECT_NE(problem_of(text).find("does not contain itself: \"Tree\""), std::string::npos)
        << problem_of(text);
}

TEST(Contracts, AreCheckedTogether) {
    const std::string created = valid_contract();
    const std::string paid = replace(replace(created, "order.created", "order.paid"),
                                     "order-service", "payment-service");
    const CheckedContracts owners = check_contracts(
        std::vector<SourceFile>{{path, created}, {"contracts/order/paid.v1.yaml", paid}});
    ASSERT_EQ(owners.problems.size(), 1U);
    EXPECT_EQ(
        to_string(owners.problems[0]),
        "contracts/order/paid.v1.yaml:1:1: error: a domain has one owner: order.paid is owned "
        "by payment-service; contracts/order/created.v1.yaml says order-service");
    const CheckedContracts twins = check_contracts(
        std::vector<SourceFile>{{path, created}, {"more/order/created.v1.yaml", created}});
    ASSERT_EQ(twins.problems.size(), 1U);
    EXPECT_EQ(twins.problems[0].rule, "an event has one contract for each major version");
}

TEST(Contracts, OfTheShopAreRight) {
    const std::string shop = std::string{TIDINGS_SOURCE_DIR} + "/examples/shop/contracts";
    std::vector<SourceFile> files = sample::files_below(shop);
    std::erase_if(files, [](const SourceFile& file) { return !file.path.ends_with(".yaml"); });
    const auto set = load_contracts(files);
    ASSERT_TRUE(set) << set.error().message;
    EXPECT_EQ(set->contracts.size(), 25U);
}

TEST(Contracts, TravelAsOneText) {
    const auto set = load_contracts(sample::contract_files());
    ASSERT_TRUE(set) << set.error().message;
    const std::string text = to_json(*set);
    const auto again = parse_bundle(text);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(to_json(*again), text);
    ASSERT_EQ(again->contracts.size(), set->contracts.size());
    for (const Contract& contract : again->contracts) {
        for (const std::string& example : contract.examples) {
            EXPECT_TRUE(contract.data.check(example)) << contract.event;
        }
    }
    ASSERT_NE(again->find("depot.opened", 2), nullptr);
    EXPECT_FALSE(again->find("depot.opened", 2)->data.check(R"({"number":1})"));
    EXPECT_EQ(again->find("depot.opened", 3), nullptr);
}

TEST(Contracts, RefuseABrokenBundle) {
    EXPECT_FALSE(parse_bundle(""));
    EXPECT_FALSE(parse_bundle("[]"));
    EXPECT_FALSE(parse_bundle(R"({"contracts":{}})"));
    EXPECT_FALSE(parse_bundle(R"({"contracts":[1]})"));
    EXPECT_FALSE(parse_bundle(R"({"contracts":[{"event":"order.create"}]})"));
    EXPECT_TRUE(parse_bundle(R"({"contracts":[]})"));
}

}  // namespace
}  // namespace tidings
