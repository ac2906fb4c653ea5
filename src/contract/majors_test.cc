/// Which major versions of an event there must be, and what their contracts say of each other.
#include <tidings/contract/contract.h>

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace tidings {
namespace {

SourceFile packed(int major, const std::string& more = "") {
    const std::string number = std::to_string(major);
    return {"contracts/box/packed.v" + number + ".yaml",
            "event: box.packed\nversion: " + number +
                ".0.0\nowner: box-service\nconsumers: []\nkey: id\nsummary: s\npublished: p\n"
                "expected: e\n" +
                more +
                "data:\n  type: object\n  required: [id]\n  properties:\n    id: { type: string }\n"
                "examples:\n  - { id: a }\n"};
}

/// The problems with a set, each by its file, rule, thing and suggestion.
std::vector<std::string> problems_of(const std::vector<SourceFile>& files) {
    std::vector<std::string> texts;
    for (const Diagnostic& problem : check_contracts(files).problems) {
        texts.push_back(to_string(problem));
    }
    return texts;
}

using Texts = std::vector<std::string>;

TEST(Majors, StandSideBySide) {
    EXPECT_EQ(problems_of({packed(1)}), Texts{});
    EXPECT_EQ(problems_of({packed(1), packed(2)}), Texts{});
    EXPECT_EQ(problems_of({packed(2), packed(3)}), Texts{}) << "two newer ones are there";
}

TEST(Majors, HaveTheOneBeforeTheNewestWithThem) {
    EXPECT_EQ(problems_of({packed(2)}),
              Texts{"contracts/box/packed.v2.yaml:1:1: error: the contract of the major version "
                    "before stays: box.packed has version 2, and not 1; bring packed.v1.yaml back, "
                    "and write an upcaster from 1 to 2; or state retired: 1 in the newest, if "
                    "nothing of it is in any log"});
    EXPECT_EQ(problems_of({packed(1), packed(3)}).size(), 1U) << "no gaps";
    EXPECT_EQ(problems_of({packed(1), packed(3), packed(4)}).size(), 1U) << "nor below";
}

TEST(Majors, AreRetiredByTheNewest) {
    EXPECT_EQ(problems_of({packed(2, "retired: 1\n")}), Texts{});
    EXPECT_EQ(problems_of({packed(1), packed(2, "retired: 1\n")}),
              Texts{"contracts/box/packed.v1.yaml:1:1: error: a retired major version has no "
                    "contract: box.packed 1; delete the file, or do not retire it in "
                    "contracts/box/packed.v2.yaml"});
    EXPECT_EQ(problems_of({packed(1, "retired: 1\n")}).size(), 1U);
    EXPECT_EQ(problems_of({packed(2, "retired: one\n")}).at(0),
              "contracts/box/packed.v2.yaml:9:10: error: retired is a major version: \"one\"; "
              "write it like 1");
}

TEST(Majors, AreCastDownOneAfterTheOther) {
    const std::string downcast = "downcast: true\n";
    EXPECT_EQ(problems_of({packed(1, downcast), packed(2)}), Texts{});
    EXPECT_EQ(problems_of({packed(1, downcast), packed(2, downcast), packed(3)}), Texts{});
    EXPECT_EQ(problems_of({packed(1), packed(2, downcast), packed(3)}), Texts{});
    EXPECT_EQ(
        problems_of({packed(1, downcast), packed(2), packed(3)}),
        Texts{"contracts/box/packed.v1.yaml:1:1: error: a major version is cast down from the "
              "one after it: box.packed 1 says downcast; state downcast: true in that one, "
              "too"});
    EXPECT_EQ(
        problems_of({packed(1, downcast)}),
        Texts{"contracts/box/packed.v1.yaml:1:1: error: a major version is cast down from the "
              "one after it: box.packed 1 says downcast; there is no newer one: take it out"});
    EXPECT_EQ(problems_of({packed(1, "downcast: perhaps\n"), packed(2)}).at(0),
              "contracts/box/packed.v1.yaml:9:11: error: downcast is true or false: \"perhaps\"");
}

TEST(Majors, SayTheSameInABundle) {
    const std::vector<SourceFile> files{packed(2, "downcast: true\n"), packed(3, "retired: 1\n")};
    const ContractSet set = load_contracts(files).value();
    const ContractSet again = parse_bundle(to_json(set)).value();
    EXPECT_TRUE(again.contracts[0].downcast);
    EXPECT_EQ(again.contracts[1].retired, 1);
    EXPECT_EQ(to_json(again), to_json(set));
}

TEST(Majors, OfOneFileAloneAreItsOwnAffair) {
    EXPECT_EQ(load_contract(packed(2)).value().version.major, 2);
}

}  // namespace
}  // namespace tidings
