// An instance of a saga that goes on under another build, which knows a newer major version of what
// the first one has kept.
#include <tidings/saga/saga.h>
#include <tidings/testing/flow.h>

#include "saga/facts.h"

#include <gtest/gtest.h>

#include <concepts>
#include <memory>

namespace tidings {
namespace {

using namespace facts;

/// What events in two major versions hold, as the generator would make them.
struct Told {
    std::string id{};
    std::string reason{};
};
template <std::derived_from<Told> E>
std::string key_of(const E& event) {
    return event.id;
}
template <std::derived_from<Told> E>
Result<void> validate(const E&) {
    return {};
}
template <std::derived_from<Told> E>
void write_data(json::Writer& writer, const E& event) {
    write_data(writer, Fulfilment{event.id, event.reason});
}
template <std::derived_from<Told> E>
Result<void> read_data(json::Reader& reader, E& event) {
    Fulfilment read;
    const Result<void> done = read_data(reader, read);
    event.id = read.id;
    event.reason = read.reason;
    return done;
}

/// `Build` is the newest version that the build knows.
template <int Build, int Major>
struct Packed : Told {
    static constexpr EventName name{"depot.packed", Major};
    static constexpr std::string_view version = Major == 1 ? "1.0.0" : "2.0.0";
};
template <>
struct Packed<2, 2> : Told {
    static constexpr EventName name{"depot.packed", 2};
    static constexpr std::string_view version = "2.0.0";
    using Previous = Packed<2, 1>;
};
Packed<2, 2> upcast(const Packed<2, 1>& event) { return {{event.id, event.reason + ", of old"}}; }

template <int Build, int Major>
struct GivenUp : Told {
    static constexpr EventName name{"order.given_up", Major};
    static constexpr std::string_view version = Major == 1 ? "1.0.0" : "2.0.0";
};
template <>
struct GivenUp<2, 2> : Told {
    static constexpr EventName name{"order.given_up", 2};
    static constexpr std::string_view version = "2.0.0";
    using Previous = GivenUp<2, 1>;
};
GivenUp<2, 2> upcast(const GivenUp<2, 1>& event) { return {{event.id, event.reason + ", of old"}}; }

template <int Build>
Saga<Fulfilment> packing() {
    return saga<Fulfilment>("order.packing")
        .start([](const order::Created& event) {
            return Fulfilment{event.id, {}};
        })
        .step("payment", 1h, [](Fulfilment&, const payment::Completed&) {})
        .template undo<payment::Refunded>([](const Fulfilment& state) {
            return order::PaymentRevoked{state.id, {}};
        })
        .step("packing", 1h,
              [](Fulfilment& state, const Packed<Build, Build>& event) {
                  return order::Completed{state.id, event.reason};
              })
        .template fail_on<DeadlineExceeded>([](const Fulfilment& state, const auto& failure) {
            return GivenUp<Build, Build>{{state.id, failure.reason}};
        });
}

class SagaBuilds : public ::testing::Test {
protected:
    struct Orders {
        explicit Orders(int build) {
            build == 1 ? service.add(packing<1>()) : service.add(packing<2>());
        }
        Service service{"order-service"};
    };
    SagaBuilds() {
        flow.service("order-service", [build = build] {
            auto orders = std::make_shared<Orders>(*build);
            return std::shared_ptr<Service>{orders, &orders->service};
        });
        flow.publish(order::Created{"o1", ""});
    }
    void deploy(int next) {
        flow.kill("order-service");
        *build = next;
        flow.start("order-service");
    }
    Flow flow;
    std::shared_ptr<int> build = std::make_shared<int>(1);
};

TEST_F(SagaBuilds, UseAnAnswerThatCameEarlyInAnOlderMajorVersion) {
    flow.publish(Packed<1, 1>{{"o1", "box 7"}});
    deploy(2);
    flow.publish(payment::Completed{"o1", ""});
    EXPECT_TRUE(flow.then(published(order::Completed{"o1", "box 7, of old"})));
    EXPECT_TRUE(flow.then_all_is_done());
}

TEST_F(SagaBuilds, EndWithWhatAnOlderBuildHasKeptInTheNewestMajorVersion) {
    flow.publish(payment::Completed{"o1", ""});
    flow.pass(1h);
    EXPECT_TRUE(flow.then(published(order::PaymentRevoked{"o1", ""})));
    deploy(2);
    flow.publish(payment::Refunded{"o1", ""});
    EXPECT_TRUE(flow.then(published(GivenUp<2, 2>{{"o1", "DEADLINE_EXCEEDED, of old"}})));
}

TEST_F(SagaBuilds, KeepTheMajorVersionOfTheirEnd) {
    deploy(2);
    flow.publish(payment::Completed{"o1", ""});
    flow.pass(1h);
    deploy(2);
    flow.publish(payment::Refunded{"o1", ""});
    EXPECT_TRUE(flow.then(published(GivenUp<2, 2>{{"o1", "DEADLINE_EXCEEDED"}})));
}

}  // namespace
}  // namespace tidings
