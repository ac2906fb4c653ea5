#include <tidings/contract/compatibility.h>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

namespace tidings {
namespace {

/// A contract of parcel.sent whose data has `id` and what `properties` says beside it.
Contract contract(const std::string& properties, const std::string& more = "required: [id]",
                  const std::string& version = "1.4.2") {
    const std::string text = fmt::format(R"(event: parcel.sent
version: {}
owner: parcel-service
consumers: []
key: id
summary: A parcel has been sent.
published: Always.
expected: Nothing.
data:
  type: object
  {}
  properties:
    id: {{ type: string }}
{}  $defs:
    A: {{ type: object, required: [k], properties: {{ k: {{ type: string, const: a }} }} }}
    B:
      type: object
      required: [k]
      properties: {{ k: {{ type: string, const: b }}, x: {{ type: string }} }}
    ShortB:
      type: object
      required: [k]
      properties: {{ k: {{ type: string, const: b }}, x: {{ type: string, maxLength: 3 }} }}
    C: {{ type: object, required: [k], properties: {{ k: {{ type: string, const: c }} }} }}
    Other: {{ type: object, required: [o], properties: {{ o: {{ type: string, const: a }} }} }}
examples:
  - {{ id: a{} }}
)",
                                         version, more, properties,
                                         more.find("size") == std::string::npos ? "" : ", size: 3");
    auto loaded = load_contract({"contracts/parcel/sent.v1.yaml", text});
    EXPECT_TRUE(loaded) << loaded.error().message << "\n" << text;
    return loaded ? std::move(*loaded) : Contract{};
}

struct Expected {
    const char* name;
    const char* before;
    const char* after;
    const char* field;
    ChangeLevel for_producers;
    ChangeLevel for_consumers;
};

void PrintTo(const Expected& expected, std::ostream* out) { *out << expected.name; }

constexpr ChangeLevel none = ChangeLevel::none;
constexpr ChangeLevel patch = ChangeLevel::patch;
constexpr ChangeLevel minor = ChangeLevel::minor;
constexpr ChangeLevel breaking = ChangeLevel::breaking;

class OneChange : public testing::TestWithParam<Expected> {};

TEST_P(OneChange, IsAsGraveForProducersAndForConsumersAsTheEventsSay) {
    const Expected& expected = GetParam();
    const auto difference = compare_contracts(contract(expected.before), contract(expected.after));
    ASSERT_EQ(difference.changes.size(), 1U);
    const ContractChange& change = difference.changes.front();
    EXPECT_EQ(change.field, expected.field);
    EXPECT_EQ(change.for_producers, expected.for_producers) << change.what;
    EXPECT_EQ(change.for_consumers, expected.for_consumers) << change.what;
}

constexpr Expected table[] = {
    {"new_field", "", "    size: { type: integer }\n", "/size", minor, minor},
    {"optional_field_gone", "    size: { type: integer }\n", "", "/size", none, minor},
    {"null_allowed", "    city: { type: string }\n", "    city: { type: [string, \"null\"] }\n",
     "/city", none, breaking},
    {"null_forbidden", "    city: { type: [string, \"null\"] }\n", "    city: { type: string }\n",
     "/city", breaking, none},
    {"integer_to_number", "    size: { type: integer }\n", "    size: { type: number }\n", "/size",
     none, breaking},
    {"number_to_integer", "    size: { type: number }\n", "    size: { type: integer }\n", "/size",
     breaking, none},
    {"other_type", "    size: { type: integer }\n",
     "    size: { type: array, items: { type: "
     "string } }\n",
     "/size", breaking, breaking},
    {"enum_grows", "    state: { type: string, enum: [up, down] }\n",
     "    state: { type: string, enum: [up, down, off] }\n", "/state", none, breaking},
    {"enum_shrinks", "    state: { type: string, enum: [up, down] }\n",
     "    state: { type: string, enum: [up] }\n", "/state", breaking, none},
    {"longer", "    city: { type: string, maxLength: 80 }\n",
     "    city: { type: string, maxLength: 90 }\n", "/city", none, breaking},
    {"shorter", "    city: { type: string, maxLength: 80 }\n",
     "    city: { type: string, maxLength: 70 }\n", "/city", breaking, none},
    {"first_bound", "    size: { type: integer }\n", "    size: { type: integer, minimum: 1 }\n",
     "/size", breaking, none},
    {"bound_gone", "    size: { type: integer, minimum: 1 }\n", "    size: { type: integer }\n",
     "/size", none, breaking},
    {"pattern_new", "    city: { type: string }\n", "    city: { type: string, pattern: \"^B\" }\n",
     "/city", breaking, none},
    {"pattern_other", "    city: { type: string, pattern: \"^B\" }\n",
     "    city: { type: string, pattern: \"^Bo\" }\n", "/city", breaking, breaking},
    {"item_bound", "    list: { type: array, items: { type: integer, maximum: 5 } }\n",
     "    list: { type: array, items: { type: integer, maximum: 4 } }\n", "/list/*", breaking,
     none},
    {"words", "    note: { type: string, description: one }\n",
     "    note: { type: string, description: two }\n", "/note", patch, patch},
    {"deprecated", "    note: { type: string }\n", "    note: { type: string, deprecated: true }\n",
     "/note", minor, minor},
    {"kind_new", "    by: { oneOf: [{ $ref: '#/$defs/A' }, { $ref: '#/$defs/B' }] }\n",
     "    by: { oneOf: [{ $ref: '#/$defs/A' }, { $ref: '#/$defs/B' }, { $ref: '#/$defs/C' }] }\n",
     "/by", none, breaking},
    {"kind_gone", "    by: { oneOf: [{ $ref: '#/$defs/A' }, { $ref: '#/$defs/B' }] }\n",
     "    by: { oneOf: [{ $ref: '#/$defs/A' }] }\n", "/by", breaking, none},
    {"kind_narrowed", "    by: { oneOf: [{ $ref: '#/$defs/A' }, { $ref: '#/$defs/B' }] }\n",
     "    by: { oneOf: [{ $ref: '#/$defs/A' }, { $ref: '#/$defs/ShortB' }] }\n", "/by/(b)/x",
     breaking, none},
    {"kind_of_another_property", "    by: { oneOf: [{ $ref: '#/$defs/A' }] }\n",
     "    by: { oneOf: [{ $ref: '#/$defs/Other' }] }\n", "/by", breaking, breaking},
    {"object_to_kinds", "    by: { $ref: '#/$defs/A' }\n",
     "    by: { oneOf: [{ $ref: '#/$defs/A' }] }\n", "/by", breaking, breaking},
    {"position_new", "    at: { type: array, minItems: 1, prefixItems: [{ type: number }] }\n",
     "    at: { type: array, minItems: 2, prefixItems: [{ type: number }, { type: number }] }\n",
     "/at", breaking, minor},
    {"position_new_in_closed",
     "    at: { type: array, minItems: 1, prefixItems: [{ type: number }], items: false }\n",
     "    at: { type: array, minItems: 2, prefixItems: [{ type: number }, { type: number }], "
     "items: "
     "false }\n",
     "/at", breaking, breaking},
    {"position_gone",
     "    at: { type: array, minItems: 2, prefixItems: [{ type: number }, { type: number }] }\n",
     "    at: { type: array, minItems: 1, prefixItems: [{ type: number }] }\n", "/at", none,
     breaking},
    {"positions_closed", "    at: { type: array, minItems: 1, prefixItems: [{ type: number }] }\n",
     "    at: { type: array, minItems: 1, prefixItems: [{ type: number }], items: false }\n", "/at",
     breaking, none},
    {"position_bound", "    at: { type: array, minItems: 1, prefixItems: [{ type: number }] }\n",
     "    at: { type: array, minItems: 1, prefixItems: [{ type: number, minimum: 0 }] }\n", "/at/0",
     breaking, none},
    {"list_to_positions", "    at: { type: array, items: { type: number } }\n",
     "    at: { type: array, minItems: 1, prefixItems: [{ type: number }] }\n", "/at", breaking,
     breaking},
    {"others_keep_a_schema_now", "    o: { type: object, properties: { a: { type: string } } }\n",
     "    o: { type: object, properties: { a: { type: string } }, additionalProperties: { type: "
     "string } }\n",
     "/o", breaking, none},
    {"others_keep_no_schema_any_more",
     "    o: { type: object, properties: { a: { type: string } }, additionalProperties: { type: "
     "string } }\n",
     "    o: { type: object, properties: { a: { type: string } } }\n", "/o", none, breaking},
    {"one_of_the_others_named",
     "    o: { type: object, properties: { a: { type: string } }, additionalProperties: { type: "
     "string } }\n",
     "    o: { type: object, properties: { a: { type: string }, b: { type: integer } }, "
     "additionalProperties: { type: string } }\n",
     "/o/b", breaking, breaking},
    {"number_fixed", "    size: { type: number }\n", "    size: { type: number, const: 1.5 }\n",
     "/size", breaking, none},
    {"default_other", "    note: { type: string, default: a }\n",
     "    note: { type: string, default: b }\n", "/note", none, breaking},
};

INSTANTIATE_TEST_SUITE_P(Compatibility, OneChange, testing::ValuesIn(table),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST(Compatibility, ARequiredFieldThatIsNewBreaksEventsThatAreInTheLog) {
    const auto difference = compare_contracts(
        contract(""), contract("    size: { type: integer }\n", "required: [id, size]"));
    ASSERT_FALSE(difference.changes.empty());
    EXPECT_EQ(difference.changes[0].for_producers, breaking);
    EXPECT_EQ(difference.changes[0].for_consumers, minor);
}

TEST(Compatibility, ARequiredFieldThatIsGoneBreaksConsumers) {
    const std::string size = "    size: { type: integer }\n";
    const auto gone = compare_contracts(contract(size, "required: [id, size]"), contract(""));
    EXPECT_EQ(gone.changes.at(0).for_consumers, breaking);
    EXPECT_EQ(gone.changes.at(0).for_producers, none);
}

TEST(Compatibility, AClosedObjectTakesNothingNew) {
    const std::string closed = "required: [id]\n  additionalProperties: false";
    const std::string size = "    size: { type: integer }\n";
    const auto before = contract(size, closed);
    const auto after = contract(size + "    more: { type: integer }\n", closed);
    EXPECT_EQ(compare_contracts(before, after).changes.at(0).for_consumers, breaking);
}

TEST(Compatibility, DemandsTheVersionThatSaysWhatHasChanged) {
    const auto demanded = [](const std::string& before, const std::string& after) {
        return to_string(compare_contracts(contract(before), contract(after)).demanded);
    };
    const std::string words = "    note: { type: string, description: one }\n";
    EXPECT_EQ(demanded("", ""), "1.4.2");
    EXPECT_EQ(demanded("    note: { type: string }\n", words), "1.4.3");
    EXPECT_EQ(demanded("", words), "1.5.0");
    EXPECT_EQ(demanded(words, "    note: { type: string, minLength: 1 }\n"), "2.0.0");
}

TEST(Compatibility, AVersionThatIsTooSmallIsNotHonest) {
    const std::string size = "    size: { type: integer }\n";
    const auto stated = [&](const std::string& version) {
        return compare_contracts(contract(""), contract(size, "required: [id]", version));
    };
    EXPECT_FALSE(stated("1.4.2").is_honest());
    EXPECT_FALSE(stated("1.4.3").is_honest());
    EXPECT_TRUE(stated("1.5.0").is_honest());
    EXPECT_TRUE(stated("1.7.0").is_honest());
}

TEST(Compatibility, AnotherKeyOrOwnerBreaksEverybody) {
    Contract other = contract("");
    other.key = "city";
    EXPECT_EQ(compare_contracts(contract(""), other).level(), breaking);
    other = contract("");
    other.owner = "depot-service";
    EXPECT_EQ(compare_contracts(contract(""), other).level(), breaking);
    other = contract("");
    other.consumers = {"depot-service"};
    EXPECT_EQ(compare_contracts(contract(""), other).level(), patch);
}

TEST(Compatibility, AMajorVersionMayGoOnceTwoNewerOnesAreThere) {
    const auto of_major = [](int major) {
        Contract made = contract("");
        made.version = {major, 0, 0};
        return made;
    };
    const ContractSet first{{of_major(1)}};
    EXPECT_FALSE(compare_contracts(first, ContractSet{}).at(0).is_honest());

    const auto second = compare_contracts(first, ContractSet{{of_major(2)}});
    ASSERT_EQ(second.size(), 2U);
    EXPECT_FALSE(second[0].is_honest());
    EXPECT_TRUE(second[1].is_honest());
    EXPECT_EQ(second[1].level(), minor);

    const ContractSet both{{of_major(1), of_major(2)}};
    EXPECT_TRUE(compare_contracts(both, ContractSet{{of_major(2), of_major(3)}}).at(0).is_honest());
}

TEST(Compatibility, SaysWhatTheMoveToANewMajorVersionNeeds) {
    Contract old = contract("");
    Contract next = contract("");
    next.version = {2, 0, 0};
    const auto moved = [](const Contract& before, const Contract& after, const Contract& newer) {
        return compare_contracts(ContractSet{{before}}, ContractSet{{after, newer}});
    };
    const auto beside = moved(old, old, next);
    ASSERT_EQ(beside.size(), 1U) << "the old one stays as it was";
    EXPECT_TRUE(beside[0].is_honest());
    EXPECT_EQ(beside[0].level(), minor);
    EXPECT_EQ(beside[0].changes.at(0).what, "is new beside 1.4.2");
    EXPECT_EQ(
        beside[0].changes[0].why,
        "write an upcaster from 1 to 2, then deploy the consumers, then parcel-service; while "
        "a consumer has to wait, version 1 can be published beside it: downcast: true");

    Contract cast_down = old;
    cast_down.downcast = true;
    const auto both = moved(old, cast_down, next);
    ASSERT_EQ(both.size(), 2U);
    EXPECT_TRUE(both[0].is_honest()) << "no new version for that";
    EXPECT_EQ(both[0].changes.at(0).why, "write the downcaster that makes it");
    EXPECT_EQ(both[1].changes.at(0).why,
              "write an upcaster from 1 to 2 and a downcaster from 2 to 1, then deploy the "
              "consumers, then parcel-service");
    EXPECT_EQ(moved(cast_down, old, next)[0].changes.at(0).what,
              "is not published beside the next major version any more");
}

TEST(Compatibility, AMajorVersionMayGoIfTheNewestRetiresIt) {
    Contract next = contract("");
    next.version = {2, 0, 0};
    next.retired = 1;
    const auto gone = compare_contracts(ContractSet{{contract(""), next}}, ContractSet{{next}});
    ASSERT_EQ(gone.size(), 1U);
    EXPECT_TRUE(gone[0].is_honest());
    EXPECT_EQ(gone[0].changes.at(0).what, "is gone, and a newer major version retires it");
}

TEST(Compatibility, SaysNothingOfSetsThatAreEqual) {
    const ContractSet set{{contract("    size: { type: integer }\n")}};
    EXPECT_TRUE(compare_contracts(set, set).empty());
}

}  // namespace
}  // namespace tidings
