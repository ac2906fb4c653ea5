// What contract tests find: in these tests a service, or what its contract says of it, is wrong.
#include <tidings/testing/contract_tests.h>

#include <gtest/gtest.h>

#include <array>
#include <contracts/all.h>
#include <memory>
#include <string>

namespace tidings {
namespace {

using sample::depot::Opened;
using sample::parcel::Lost;
using Problems = ContractTests::Problems;

/// Notes the numbers of depots that open, and tells of parcels that are lost.
class ParcelService {
public:
    explicit ParcelService(bool handles_depots = true) {
        static constexpr std::array schema{
            Migration{1, "depots", "CREATE TABLE depots (number BIGINT PRIMARY KEY);"}};
        service.schema(schema);
        if (handles_depots) service.on<Opened>(*this);
        service.command("DELETE", "/parcels/{id}", [](const Request& request, Transaction& tx) {
            tx.publish(Lost{.parcel_id = request.parameter("id")});
            return Reply{204, {}, {}};
        });
    }
    void on(const Opened& event, Transaction& tx) {
        tx.execute("INSERT INTO depots (number) VALUES ($1)", event.number);
    }
    Service service{"parcel-service"};
};

/// The sample's contracts as a bundle, with one text in the contract of `event` and `version`
/// changed.
std::string bundle(const std::string& event = {}, const std::string& version = {},
                   const std::string& from = {}, const std::string& to = {}) {
    std::string text{sample::contracts_json()};
    if (event.empty()) return text;
    const std::size_t contract =
        text.find("\"event\":\"" + event + "\",\"version\":\"" + version + '"');
    const std::size_t at = text.find(from, contract);
    if (contract == std::string::npos || at == std::string::npos) {
        ADD_FAILURE() << "nothing to change: " << from;
        return text;
    }
    return text.replace(at, from.size(), to);
}

class ContractTesting : public ::testing::Test {
protected:
    ContractTesting() { test(bundle()); }

    void test(const std::string& contracts, bool handles_depots = true) {
        tests.contracts(contracts);
        tests.service(name, [handles_depots] {
            auto whole = std::make_shared<ParcelService>(handles_depots);
            return std::shared_ptr<Service>{whole, &whole->service};
        });
    }
    static void expect_one(const Problems& problems, const std::string& part) {
        std::size_t found = 0;
        std::string all;
        for (const std::string& problem : problems) {
            if (problem.find(part) != std::string::npos) ++found;
            all += problem + '\n';
        }
        EXPECT_EQ(found, 1U) << part << " is not once in\n" << all;
    }

    const std::string name = "parcel-service";
    ContractTests tests;
};

TEST_F(ContractTesting, FindsNothingButTheUpcasterThatCannotDoAllThatTheOldVersionAllows) {
    const Problems problems = tests.test_consumer(name);
    EXPECT_EQ(problems.size(), 1U);
    expect_one(problems, "depot.opened 1.0.3, maximal data: must be taken, is refused: ");
}

TEST_F(ContractTesting, FindsAConsumerThatRefusesWhatItsContractAllows) {
    test(bundle("depot.opened", "2.0.0", R"("minLength":1)", R"("minLength":0)"));
    expect_one(tests.test_consumer(name),
               "depot.opened 2.0.0, minimal data: must be taken, is refused: contract "
               "invalid_data: field /data/city");
}

TEST_F(ContractTesting, FindsAConsumerThatTakesWhatItsContractForbids) {
    test(bundle("depot.opened", "2.0.0", R"("minLength":1)", R"("minLength":1,"maxLength":7)"));
    expect_one(tests.test_consumer(name),
               "must rest as a dead letter of contract invalid_data, is none");
}

TEST_F(ContractTesting, FindsAReleasedExampleThatIsRefusedNow) {
    tests.released(bundle("depot.opened", "2.0.0", R"({"number":7,"city":"Bonn"})",
                          R"({"number":7,"city":"Ulm"})"));
    EXPECT_EQ(tests.test_consumer(name).size(), 1U) << "what was right is right";
    std::string looser = bundle("depot.opened", "2.0.0", R"("required":["number","city"])",
                                R"("required":["number"])");
    looser.replace(looser.find(R"({"number":7,"city":"Bonn"})"), 26, R"({"number":7})");
    tests.released(looser);
    expect_one(tests.test_consumer(name), "depot.opened 2.0.0, released example 1: must be taken");
}

TEST_F(ContractTesting, FindsAConsumerWithoutAHandlerAndAHandlerThatNoContractKnows) {
    test(bundle(), false);
    Problems problems = tests.test_consumer(name);
    expect_one(problems, "depot.opened 2.0.0, consumers: names parcel-service, which has no");
    test(bundle("depot.opened", "2.0.0", R"(["parcel-service"])", "[]"));
    expect_one(tests.test_consumer(name), "depot.opened 2.0.0, consumers: does not name parcel-");
}

const std::string parcel = "5f1cbb4e-3f8e-4c2d-9a51-7a0f2f6f1d11";

void lose(ServiceCase& parcels) { parcels.when(command("DELETE", "/parcels/" + parcel)); }

TEST_F(ContractTesting, FindsAnEventThatNoScenarioPublishes) {
    tests.scenario(name, "a parcel is lost", lose);
    const Problems problems = tests.test_producer(name);
    expect_one(problems, "parcel.accepted is parcel-service's, and no scenario has it published");
    for (const std::string& problem : problems) {
        EXPECT_NE(problem.find("no scenario has it published"), std::string::npos) << problem;
        EXPECT_EQ(problem.find("parcel.lost"), std::string::npos) << problem;
    }
}

TEST_F(ContractTesting, FindsWhatIsPublishedInAnotherVersionThanStated) {
    tests.scenario(name, "a parcel is lost", lose);
    test(bundle("parcel.lost", "1.0.0", R"("version":"1.0.0")", R"("version":"1.1.0")"));
    expect_one(tests.test_producer(name), "it says version 1.0.0, its contract says 1.1.0");
}

TEST_F(ContractTesting, FindsAScenarioThatFails) {
    tests.scenario(name, "no parcel",
                   [](ServiceCase& parcels) { parcels.when(command("DELETE", "/parcels/none")); });
    expect_one(tests.test_producer(name), "scenario \"no parcel\" fails");
    EXPECT_THROW(tests.usage(name), Failure);
}

TEST_F(ContractTesting, SeesWhichFieldsChangeWhatComesOfAnEvent) {
    tests.scenario(name, "a depot opens",
                   [](ServiceCase& parcels) { parcels.when(Opened{.number = 7, .city = "Bonn"}); });
    EXPECT_EQ(tests.usage(name),
              R"({"service":"parcel-service","events":[)"
              R"({"event":"depot.opened","major":1,"uses":[],"unused":[],"unknown":["/number"]},)"
              R"({"event":"depot.opened","major":2,"uses":["/number"],"unused":["/city"],)"
              R"("unknown":[]}]})");
}

TEST_F(ContractTesting, FindsServicesThatAreNotUnderTest) {
    const Problems problems = tests.test_complete();
    EXPECT_EQ(problems.size(), 2U);
    expect_one(problems, "billing-service is named by the contracts and not under test");
    expect_one(problems, "depot-service is named by the contracts and not under test");
}

}  // namespace
}  // namespace tidings
