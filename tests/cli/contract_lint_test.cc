/// What `tidings contract lint` says, and how it ends.
#include "cli_testing.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace tidings::testing {
namespace {

class ContractLint : public ::testing::Test {
protected:
    /// Writes one contract of the parcel domain, and returns what lint makes of the directory.
    Ran lint(const std::string& event, const std::string& consumers,
             const std::string& arguments = {}) {
        const std::string folder = place.file("contracts") + "/parcel";
        std::filesystem::create_directories(folder);
        std::ofstream{folder + "/" + event + ".v1.yaml"}
            << "event: parcel." << event
            << "\nversion: 1.0.0\nowner: parcel-service\nconsumers: " << consumers
            << "\nkey: id\nsummary: It is so.\npublished: Always.\nexpected: Nothing.\n"
               "data: { type: object, required: [id], properties: { id: { type: string } } }\n"
               "examples: [{ id: a }]\n";
        return place.shell("sh -c 'cd " + place.file("") + " && " + tidings_program +
                           " contract lint contracts " + arguments + "'");
    }

    DataDirectory place;
};

TEST_F(ContractLint, IsContentWithWhatIsInOrder) {
    const Ran ran = lint("sent", "[order-service]", "--strict");
    EXPECT_EQ(ran.status, 0) << ran.err;
    EXPECT_EQ(ran.out, "1 file: 0 errors, 0 warnings\n");
}

TEST_F(ContractLint, LetsWarningsPassUnlessTheyCountAsErrors) {
    const std::string said =
        "contracts/parcel/sent.v1.yaml:4:12: warning: an event has a consumer: \"parcel.sent\" is "
        "consumed by nobody; name who consumes it, or stop publishing it\n"
        "1 file: 0 errors, 1 warning\n";
    const Ran ran = lint("sent", "[]");
    EXPECT_EQ(ran.out, said);
    EXPECT_EQ(ran.status, 0);
    const Ran strict = lint("sent", "[]", "--strict");
    EXPECT_EQ(strict.out, said);
    EXPECT_EQ(strict.status, 3);
}

TEST_F(ContractLint, FailsOverAnError) {
    const Ran ran = lint("send", "[order-service]");
    EXPECT_EQ(ran.status, 3);
    EXPECT_TRUE(
        ran.says("send.v1.yaml:1:8: error: an event is named as a fact that has happened: "
                 "\"parcel.send\"; did you mean parcel.sent?\n"))
        << ran.out;
}

TEST_F(ContractLint, PrintsJsonForPrograms) {
    const Ran ran = lint("sent", "[]", "--json");
    EXPECT_EQ(field(ran.out, "severity"), "warning");
    EXPECT_EQ(field(ran.out, "rule"), "an event has a consumer");
    EXPECT_EQ(ran.lines().size(), 1U);
}

}  // namespace
}  // namespace tidings::testing
