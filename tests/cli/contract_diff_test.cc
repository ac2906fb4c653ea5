/// What `tidings contract diff` says of directories, bundles and git revisions.
#include "cli_testing.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace tidings::testing {
namespace {

/// Contracts of one event in directories of their own.
class ContractDiff : public ::testing::Test {
protected:
    /// Writes parcel.sent with a field `size` of this schema, and returns the directory.
    std::string contracts(const std::string& directory, const std::string& version,
                          const std::string& size) {
        const std::string folder = place.file(directory) + "/parcel";
        std::filesystem::create_directories(folder);
        std::ofstream{folder + "/sent.v1.yaml"}
            << "event: parcel.sent\nversion: " << version
            << "\nowner: parcel-service\nconsumers: []\nkey: id\nsummary: Sent.\n"
               "published: Always.\nexpected: Nothing.\ndata:\n  type: object\n"
               "  required: [id]\n  properties:\n    id: { type: string }\n    size: "
            << size << "\nexamples:\n  - { id: a }\n";
        return place.file(directory);
    }
    Ran diff(const std::string& before, const std::string& after) {
        return place.shell(tidings_program + " contract diff " + before + " " + after);
    }

    DataDirectory place;
};

const std::string to_ten = "{ type: integer, maximum: 10 }";
const std::string to_nine = "{ type: integer, maximum: 9 }";

TEST_F(ContractDiff, SaysWhatHasChangedForWhomAndWhatToDo) {
    const Ran ran = diff(contracts("old", "1.0.0", to_ten), contracts("new", "1.1.0", to_nine));
    EXPECT_EQ(ran.status, 3) << ran.err;
    EXPECT_EQ(ran.out,
              "parcel.sent 1.0.0 -> 1.1.0: breaking\n"
              "  breaking for producers: /size maximum is 9 instead of 10; values beyond it in the "
              "log and of producers that are not updated are refused\n"
              "  the version does not say so: leave sent.v1.yaml as it was, state version 2.0.0 in "
              "sent.v2.yaml, and write an upcaster from 1 to 2\n");
}

TEST_F(ContractDiff, IsContentWithAVersionThatSaysWhatHasChanged) {
    const std::string with_words = "{ type: integer, maximum: 10, description: In boxes. }";
    const std::string old = contracts("old", "1.0.0", to_ten);
    EXPECT_EQ(diff(old, contracts("same", "1.0.0", to_ten)).out, "no difference\n");
    EXPECT_EQ(diff(old, contracts("new", "1.0.1", with_words)).status, 0);
    EXPECT_EQ(diff(old, contracts("newer", "1.0.0", with_words)).status, 3);
}

TEST_F(ContractDiff, PrintsJsonForPrograms) {
    const Ran ran =
        diff(contracts("old", "1.0.0", to_ten), contracts("new", "1.1.0", to_nine) + " --json");
    EXPECT_TRUE(ran.says(R"("level":"breaking","demanded":"2.0.0","honest":false)")) << ran.out;
    EXPECT_TRUE(ran.says(R"({"field":"/size","what":"maximum is 9 instead of 10",)"
                         R"("forProducers":"breaking","forConsumers":"none")"))
        << ran.out;
}

TEST_F(ContractDiff, SaysWhomAChangeConcernsByWhatServicesUse) {
    const std::string usage = place.file("usage");
    std::filesystem::create_directories(usage);
    const auto keep = [&usage](const std::string& service, const std::string& fields) {
        std::ofstream{usage + '/' + service + ".json"}
            << R"({"service":")" << service << R"(","events":[{"event":"parcel.sent","major":1,)"
            << fields << "}]}";
    };
    keep("box-service", R"("uses":["/id","/size"],"unused":[],"unknown":[])");
    keep("report-service", R"("uses":["/id"],"unused":["/size"],"unknown":[])");
    keep("new-service", R"("uses":[],"unused":[],"unknown":["/id","/size"])");
    const std::string old = contracts("old", "1.0.0", to_nine);
    const auto says = [&](const std::string& size) {
        return diff(old, contracts("new", "1.1.0", size) + " --usage " + usage);
    };

    EXPECT_TRUE(says(to_ten).says(
        "\n    breaks box-service (uses it), new-service (may use it), report-service (only "
        "checks it)\n"))
        << says(to_ten).out;
    const std::string with_default = "{ type: integer, maximum: 9, default: 3 }";
    EXPECT_TRUE(says(with_default).says("\n    used by box-service, new-service (may use it)\n"))
        << says(with_default).out;
    EXPECT_TRUE(
        diff(old, contracts("new", "1.1.0", to_ten) + " --json --usage " + usage)
            .says(R"("consumers":[{"service":"box-service","use":"used"},{"service":"new-service",)"
                  R"("use":"unknown"},{"service":"report-service","use":"unused"}])"));
    EXPECT_TRUE(diff(old, old + " --usage " + place.file("old")).complains("no usage in"));
}

TEST_F(ContractDiff, ComparesWithABundleThatAReleaseKeeps) {
    const std::string current = contracts("new", "1.0.0", to_ten);
    const std::string bundle = place.file("released.json");
    ASSERT_EQ(place
                  .shell("sh -c '" + tidings_program + " contract bundle " + current + " > " +
                         bundle + "'")
                  .status,
              0);
    EXPECT_EQ(diff(bundle, current).out, "no difference\n");
    EXPECT_EQ(diff(bundle, contracts("newer", "1.0.0", to_nine)).status, 3);
}

TEST_F(ContractDiff, ReadsARevisionOfGit) {
    const std::string current = contracts("repository/contracts", "1.0.0", to_ten);
    const std::string git =
        "git -c user.name=a -c user.email=a@b.example -C " + place.file("repository") + " ";
    ASSERT_EQ(
        place.shell("sh -c '" + git + "init -q && " + git + "add . && " + git + "commit -qm first'")
            .status,
        0);
    contracts("repository/contracts", "1.0.0", to_nine);
    const std::string inside =
        "sh -c 'cd " + place.file("repository") + " && " + tidings_program + " contract diff ";

    const Ran changed = place.shell(inside + "HEAD:contracts contracts'");
    EXPECT_EQ(changed.status, 3) << changed.err;
    EXPECT_TRUE(changed.says("maximum is 9 instead of 10")) << changed.out;

    const Ran unknown = place.shell(inside + "no-such-revision:contracts contracts'");
    EXPECT_EQ(unknown.status, 1);
    EXPECT_TRUE(unknown.complains("no-such-revision")) << unknown.err;
    EXPECT_TRUE(unknown.complains("hint: name a revision")) << unknown.err;
}

TEST_F(ContractDiff, SaysWhatIsNotThereOrWrong) {
    const std::string current = contracts("new", "1.0.0", to_ten);
    EXPECT_TRUE(diff("nowhere", current).complains("no contracts at \"nowhere\""));
    const std::string wrong = contracts("wrong", "1.0.0", "{ type: integre }");
    const Ran ran = diff(wrong, current);
    EXPECT_EQ(ran.status, 1);
    EXPECT_TRUE(ran.complains("sent.v1.yaml:14:")) << ran.err;
}

}  // namespace
}  // namespace tidings::testing
