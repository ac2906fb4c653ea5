#include <tidings/contract/asyncapi.h>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <set>
#include <string>

namespace tidings {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

ContractSet sample() {
    std::vector<SourceFile> files;
    const fs::path root = fs::path{TIDINGS_SOURCE_DIR} / "tests/golden/sample/contracts";
    for (const auto& entry : fs::recursive_directory_iterator{root}) {
        if (entry.path().extension() != ".yaml") continue;
        std::ifstream in{entry.path()};
        files.push_back({entry.path().string(), {std::istreambuf_iterator<char>{in}, {}}});
    }
    return load_contracts(files).value();
}

json document(const AsyncApiOptions& options = {}) {
    return json::parse(to_asyncapi(sample(), options));
}

/// Calls `visit` for every `$ref` of a document.
void each_reference(const json& at, const std::function<void(const std::string&)>& visit) {
    if (at.is_object() && at.contains("$ref")) visit(at["$ref"].get<std::string>());
    if (!at.is_structured()) return;
    for (const auto& part : at) each_reference(part, visit);
}

TEST(AsyncApi, HasAChannelForEachDomainAndAMessageForEachMajorVersion) {
    const json made = document();
    EXPECT_EQ(made["asyncapi"], "3.0.0");
    EXPECT_TRUE(made["channels"]["depot"]["messages"].contains("depot.opened.v1"));
    EXPECT_TRUE(made["channels"]["depot"]["messages"].contains("depot.opened.v2"));
    EXPECT_TRUE(made["channels"].contains("parcel"));
    const json& payload = made["components"]["messages"]["depot.opened.v2"]["payload"];
    EXPECT_EQ(payload["required"].size(), 7U);
    EXPECT_EQ(payload["properties"]["type"]["const"], "depot.opened");
}

TEST(AsyncApi, RefersToNothingThatIsNotThere) {
    const json made = document();
    int references = 0;
    each_reference(made, [&](const std::string& reference) {
        ++references;
        ASSERT_TRUE(reference.starts_with("#/")) << reference;
        EXPECT_TRUE(made.contains(json::json_pointer{reference.substr(1)})) << reference;
    });
    EXPECT_GT(references, 10);
}

TEST(AsyncApi, SaysWhoPublishesAndWhoConsumes) {
    const json operations = document()["operations"];
    const json& published = operations.at("depot-service.send.depot.opened.v2");
    EXPECT_EQ(published["action"], "send");
    EXPECT_EQ(published["channel"]["$ref"], "#/channels/depot");
    for (const auto& [name, operation] : operations.items()) {
        const bool is_send = operation["action"] == "send";
        EXPECT_NE(name.find(is_send ? ".send." : ".receive."), std::string::npos) << name;
    }
}

TEST(AsyncApi, OfOneServiceHasOnlyWhatItHasToDoWith) {
    const json made = document({.service = "depot-service"});
    for (const auto& [name, operation] : made["operations"].items()) {
        EXPECT_TRUE(name.starts_with("depot-service.")) << name;
    }
    EXPECT_FALSE(made["operations"].empty());
    EXPECT_LT(made["components"]["messages"].size(),
              document()["components"]["messages"].size() + 1);
}

TEST(AsyncApi, HasTheContractsOwnExamplesInWholeEnvelopes) {
    const json made = document();
    const ContractSet set = sample();
    for (const Contract& contract : set.contracts) {
        const std::string name = contract.event + ".v" + std::to_string(contract.version.major);
        const json& examples = made["components"]["messages"][name]["examples"];
        ASSERT_EQ(examples.size(), contract.examples.size()) << name;
        EXPECT_EQ(examples[0]["payload"]["data"], json::parse(contract.examples[0])) << name;
        EXPECT_EQ(examples[0]["payload"].size(), 7U) << name;
    }
}

}  // namespace
}  // namespace tidings
