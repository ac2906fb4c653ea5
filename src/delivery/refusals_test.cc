// What a contract refuses: each of the six reasons has its own error, counter and dead-letter
// cause, at the consumer as it comes from the log, and where a step would publish it.
#include <tidings/broker/record_headers.h>
#include <tidings/delivery/dead_letters.h>
#include <tidings/log/log.h>

#include "delivery/delivery_testing.h"

#include <set>

namespace tidings {
namespace {

using namespace testbench;

/// The contracts that parcel-service was built with, as far as they matter here.
constexpr EventType opened{Opened::name, Opened::version, "depot-service", "number", {}, nullptr};
constexpr std::array<const EventType*, 1> contracts{&opened};

class Refusals : public ::testing::Test {
protected:
    Refusals() {
        bench.options.metrics = &metrics;
        bench.options.contracts = contracts;
    }

    /// How often events were refused for `reason`.
    double counted(const std::string& at, Refusal reason) {
        return metrics
            .counter("tidings_contract_refusals_total",
                     "Events refused by their contract, by where and why.",
                     {{"service", "parcel-service"},
                      {"at", at},
                      {"reason", std::string{to_string(reason)}}})
            .value();
    }
    std::vector<DeadLetterGroup> groups() {
        const auto reader = bench.store->reader().value();
        return DeadLetters{*reader}.groups();
    }
    void send(const std::string& envelope) {
        bench.send_raw(bench.headers(1, ++bench.sequence), envelope);
    }
    /// Puts into the log what no broker of ours takes: as a foreign program may.
    void append_past_the_broker(const std::string& envelope) {
        bench.broker->release(Topic{"depot"});
        {
            auto log =
                log::Log::open(bench.world.process("machine"), "log/depot", "foreign", {}).value();
            std::string headers;
            write_record_headers(bench.headers(1, ++bench.sequence), headers);
            const log::NewRecord record{headers, envelope};
            ASSERT_TRUE(log->append({&record, 1}));
        }
        ASSERT_TRUE(bench.broker->claim(Topic{"depot"}, "depot-service"));
    }
    /// The event rests as a dead letter of its own cause, is counted once, and stops nobody else.
    void expect_refused(Refusal reason, ErrorCode code) {
        bench.send(9, "after");
        bench.settle();
        EXPECT_EQ(bench.handled().back(), "after");
        const auto dead = groups();
        ASSERT_EQ(dead.size(), 1U);
        EXPECT_EQ(dead[0].handler, "contract " + std::string{to_string(reason)});
        EXPECT_EQ(dead[0].error_code, static_cast<int>(code)) << dead[0].error;
        EXPECT_EQ(counted("consume", reason), 1);
        EXPECT_EQ(bench.status().unaccounted(), 0);
    }

    Metrics metrics;
    Bench bench;
};

TEST_F(Refusals, OfAMajorVersionThatIsNotKnown) {
    bench.start();
    send(bench.envelope(R"({"number":1})", {7, 0, 0}));
    expect_refused(Refusal::unknown_major, ErrorCode::unsupported);
}

TEST_F(Refusals, OfDataThatBreaksItsSchema) {
    bench.start();
    send(bench.envelope(R"({"number":0,"city":"x"})"));
    expect_refused(Refusal::invalid_data, ErrorCode::contract_violation);
}

TEST_F(Refusals, OfWhatIsNoEnvelope) {
    bench.start();
    send(R"({"id":)");
    expect_refused(Refusal::invalid_data, ErrorCode::contract_violation);
}

TEST_F(Refusals, OfSomebodyWhoIsNotTheOwner) {
    bench.start();
    EventHeaders headers = bench.headers(1, ++bench.sequence);
    headers.source = "parcel-service";
    std::string text = bench.opened(1, "x");
    text.replace(text.find("depot-service"), 13, "parcel-service");
    bench.send_raw(headers, text);
    expect_refused(Refusal::wrong_owner, ErrorCode::contract_violation);
}

TEST_F(Refusals, OfTooManyBytes) {
    bench.start();
    append_past_the_broker(bench.envelope(R"({"number":1,"city":")" +
                                          std::string(Envelope::bytes_max, 'x') + R"("})"));
    expect_refused(Refusal::too_large, ErrorCode::limit_exceeded);
}

TEST_F(Refusals, OfTooDeepANest) {
    bench.start();
    const auto depth = static_cast<std::size_t>(Envelope::depth_max);
    send(bench.envelope(R"({"number":1,"city":"x","unknown":)" + std::string(depth, '[') +
                        std::string(depth, ']') + '}'));
    expect_refused(Refusal::too_deep, ErrorCode::limit_exceeded);
}

TEST_F(Refusals, OfATypeThatTheNewBuildDoesNotHandleAnyMore) {
    bench.on_opened = [](const Opened&, Transaction&) {
        throw Failure{{ErrorCode::unavailable, "down"}};
    };
    bench.start();
    bench.send(1, "held");
    bench.poll();
    bench.loop.reset();
    const Handlers none;
    const auto loop = StepLoop::open(bench.world.process("machine"), *bench.store, *bench.log, none,
                                     bench.options)
                          .value();
    sim::Scheduler scheduler{bench.world};
    scheduler.add(*loop);
    scheduler.run_until_quiet(10min);
    const auto dead = groups();
    ASSERT_EQ(dead.size(), 1U);
    EXPECT_EQ(dead[0].handler, "contract unknown_type");
    EXPECT_EQ(dead[0].error_code, static_cast<int>(ErrorCode::unsupported));
    EXPECT_EQ(counted("consume", Refusal::unknown_type), 1);
}

TEST_F(Refusals, DoNotMeetWhatAnOperatorPublishes) {
    bench.start();
    EventHeaders headers = bench.headers(1, 0);
    headers.source = operator_source;
    std::string text = bench.opened(1, "by hand");
    text.replace(text.find("depot-service"), 13, operator_source);
    bench.send_raw(headers, text);
    bench.settle();
    EXPECT_EQ(bench.handled(), std::vector<std::string>{"by hand"});
}

TEST_F(Refusals, AreNotWhatAHandlerFailsWith) {
    bench.on_opened = [](const Opened&, Transaction&) {
        throw Failure{{ErrorCode::contract_violation, "the handler's own"}};
    };
    bench.start();
    bench.send(1, "x");
    bench.settle();
    ASSERT_EQ(groups().size(), 1U);
    EXPECT_EQ(groups()[0].handler, "depot.opened v2");
    EXPECT_EQ(counted("consume", Refusal::invalid_data), 0);
    EXPECT_EQ(counted("publish", Refusal::invalid_data), 0);
}

TEST_F(Refusals, OfWhatAStepWouldPublishAreTheHandlersFailureAndCounted) {
    bench.on_opened = [](const Opened& event, Transaction& tx) {
        if (event.number == 1) tx.publish(Lost{.parcel_id = "no id"});
        if (event.number == 2) tx.publish(Opened{.number = 3, .city = "not ours"});
        if (event.number != 3) return;
        tx.publish(PublishedEvent{Lost::name, Lost::version, "key",
                                  '"' + std::string(Envelope::bytes_max, 'x') + '"'});
    };
    bench.start();
    for (const int number : {1, 2, 3}) bench.send(number, "x");
    bench.settle();
    EXPECT_TRUE(bench.published().empty());
    EXPECT_EQ(counted("publish", Refusal::invalid_data), 1);
    EXPECT_EQ(counted("publish", Refusal::wrong_owner), 1);
    EXPECT_EQ(counted("publish", Refusal::too_large), 1);
    std::set<std::string> causes;
    for (const DeadLetterGroup& group : groups()) {
        EXPECT_EQ(group.handler, "depot.opened v2");
        causes.insert(group.id);
    }
    EXPECT_EQ(causes.size(), 3U);
}

}  // namespace
}  // namespace tidings
