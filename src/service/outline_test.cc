// A service held against the contracts it was built with, before it starts.
#include <tidings/service/host.h>
#include <tidings/sim/world.h>

#include <gtest/gtest.h>

#include <contracts/all.h>
#include <string>
#include <vector>

namespace tidings {
namespace {

using sample::depot::Opened;

/// An event that the sample's contracts do not know.
struct Unknown : sample::parcel::Lost {
    static constexpr EventName name{"garage.closed", 1};
};

/// What a host says when it is to run the service.
std::string refusal_of(Service& service) {
    sim::SimWorld world{1};
    HostOptions options;
    options.data = "data";
    auto host = Host::open(world.process("host"), std::move(options)).value();
    const Result<void> added = host->add(service);
    return added ? "" : added.error().message;
}

void know_contracts(Service& service) {
    service.contracts(sample::contracts(), sample::contracts_json());
}

TEST(ServiceContracts, LetTheOwnerOfADomainStart) {
    Service service{"depot-service"};
    know_contracts(service);
    EXPECT_EQ(refusal_of(service), "");
}

TEST(ServiceContracts, LetNobodyElsePublishADomain) {
    Service service{"garage-service"};
    service.owns({"depot"});
    know_contracts(service);
    EXPECT_EQ(refusal_of(service),
              "garage-service owns the domain depot, and the contract of depot.opened says that "
              "depot-service does");
}

TEST(ServiceContracts, WantTheOwnerToKnowThatItIs) {
    Service service{"depot-service"};
    service.owns({"garage"});
    know_contracts(service);
    EXPECT_EQ(refusal_of(service),
              "depot-service does not own the domain depot, and the contract of depot.opened says "
              "that it does");
}

TEST(ServiceContracts, RefuseAnEventThatIsConsumedAndThatNobodyPublishes) {
    Service service{"depot-service"};
    know_contracts(service);
    service.handlers().on<Unknown>([](const Unknown&, Transaction&) {});
    EXPECT_EQ(refusal_of(service),
              "depot-service handles garage.closed v1, which no contract describes: nobody "
              "publishes it");
}

TEST(ServiceContracts, SayWhatIsConsumedWithoutBeingDeclared) {
    Service service{"garage-service"};
    know_contracts(service);
    service.handlers().on<Opened>([](const Opened&, Transaction&) {});
    EXPECT_EQ(refusal_of(service), "") << "it is said in the journal, and starts";
    EXPECT_EQ(service.undeclared(),
              (std::vector<EventName>{{"depot.opened", 1}, {"depot.opened", 2}}))
        << "an older major version is handled by way of its upcaster";
}

TEST(ServiceContracts, AreInItsOutline) {
    Service service{"garage-service"};
    service.handlers().on<Opened>([](const Opened&, Transaction&) {});
    EXPECT_EQ(to_json(service.outline()), R"({"service":"garage-service","domains":["garage"],)"
                                          R"("handles":[{"type":"depot.opened","major":1},)"
                                          R"({"type":"depot.opened","major":2}],"sagas":[]})");
}

}  // namespace
}  // namespace tidings
