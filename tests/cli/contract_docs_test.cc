/// What `tidings contract docs`, `typescript` and `json-schema` write, and `tidings cloudevents`.
#include "cli_testing.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace tidings::testing {
namespace {

class ContractFiles : public ::testing::Test {
protected:
    Ran run(const std::string& arguments) {
        return place.shell(tidings_program + " contract " + arguments);
    }
    std::string read(const std::string& name) const {
        std::ifstream in{place.file(name), std::ios::binary};
        return {std::istreambuf_iterator<char>{in}, {}};
    }

    DataDirectory place;
    const std::string contracts = CONTRACTS_DIRECTORY;
};

TEST_F(ContractFiles, AreASite) {
    const Ran ran = run("docs " + contracts + " -o " + place.file("a/site") + " --title Depot");
    EXPECT_EQ(ran.status, 0) << ran.err;
    EXPECT_TRUE(ran.says(" files in ")) << ran.out;
    EXPECT_NE(read("a/site/index.html").find("<title>Depot - Depot</title>"), std::string::npos);
    EXPECT_NE(read("a/site/events/order.created.html").find("<h1>order.created</h1>"),
              std::string::npos);
}

TEST_F(ContractFiles, AreASiteWithSagasAndAChangelog) {
    std::ofstream{place.file("services.json")}
        << R"({"service":"order-service","domains":["order"],"handles":[],"sagas":[)"
           R"({"name":"order.way","start":{"type":"order.created","major":1},"steps":[],)"
           R"("failures":[]}]})"
        << '\n';
    const Ran ran = run("docs " + contracts + " -o " + place.file("site") + " --services " +
                        place.file("services.json") + " --since " + contracts);
    EXPECT_EQ(ran.status, 0) << ran.err;
    EXPECT_NE(read("site/sagas/order.way.html").find("begins with"), std::string::npos);
    EXPECT_NE(read("site/changelog.html").find("Nothing has changed."), std::string::npos);
}

TEST_F(ContractFiles, AreNotWrittenOfWhatIsNotThere) {
    const std::string out = " -o " + place.file("site");
    EXPECT_EQ(run("docs " + contracts).status, 2) << "it says where to write";
    EXPECT_EQ(run("docs nowhere" + out).status, 1);
    EXPECT_EQ(run("docs " + contracts + out + " --since nowhere").status, 1);
    std::ofstream{place.file("wrong.json")} << "{}\n";
    const Ran ran = run("docs " + contracts + out + " --services " + place.file("wrong.json"));
    EXPECT_EQ(ran.status, 1);
    EXPECT_TRUE(ran.complains("line 1: field /service: is missing")) << ran.err;
    EXPECT_TRUE(ran.complains("hint: write it with the service's own --outline")) << ran.err;
    EXPECT_FALSE(std::filesystem::exists(place.file("site")));
}

TEST_F(ContractFiles, AreTypesAndSchemas) {
    EXPECT_EQ(run("typescript " + contracts + " -o " + place.file("types")).status, 0);
    EXPECT_NE(read("types/index.ts").find("OrderCreatedV1"), std::string::npos);
    EXPECT_EQ(run("json-schema " + contracts + " -o " + place.file("schemas")).status, 0);
    EXPECT_TRUE(is_json(read("schemas/order/created.v1.schema.json")));
    EXPECT_TRUE(is_json(read("schemas/order/created.v1.data.schema.json")));
}

TEST_F(ContractFiles, AndCloudEventsOfWhatIsWrongSayTheLine) {
    std::ofstream{place.file("events.json")}
        << R"({"specversion":"1.0","id":"8fbd0e0c-6a5c-4a7e-9d1b-3f4f5a6b7c8d",)"
           R"("source":"/order-service","type":"order.created","time":"2026-11-23T10:00:00Z",)"
           R"("dataversion":"1.0.0","data":{}})"
        << "\n{}\n";
    const Ran ran = place.shell("sh -c '" + tidings_program + " cloudevents read < " +
                                place.file("events.json") + "'");
    EXPECT_EQ(ran.status, 3);
    EXPECT_EQ(ran.lines().size(), 1U) << "what is right is translated";
    EXPECT_TRUE(ran.complains("error: line 2: field /data: is missing")) << ran.err;
}

}  // namespace
}  // namespace tidings::testing
