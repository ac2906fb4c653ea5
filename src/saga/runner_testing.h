#pragma once

#include <tidings/broker/log_broker.h>
#include <tidings/delivery/step_loop.h>
#include <tidings/saga/saga.h>
#include <tidings/sim/scheduler.h>
#include <tidings/sim/world.h>
#include <tidings/store/sqlite.h>

#include "saga/facts.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace tidings::testbench {

using namespace facts;

/// An order service with one saga on a simulated machine, and what it hears and says.
class Sagas : public ::testing::Test {
public:
    using Names = std::vector<std::string>;

protected:
    Sagas() {
        auto declared =
            fulfilment().observe([this](const Fulfilment&, const SagaProgress& progress,
                                        Transaction&) { observed.push_back(progress.status); });
        runner = std::make_unique<SagaRunner>(declared.definition());
    }
    ~Sagas() override { drop(); }

    void start(bool own = true) {
        if (!handlers) {
            handlers = std::make_unique<Handlers>();
            handlers->retry.attempts = 100;
            runner->add_to(*handlers, own);
        }
        log = open_log_broker(world.process("machine"), "log").value();
        for (const char* domain : {"payment", "inventory", "shipping"}) {
            ASSERT_TRUE(log->claim(Topic{domain}, domain));
        }

        store = open_sqlite(world.process("machine"), "order.db").value();
        store->migrate("tidings_saga", saga_migrations()).value();
        StepLoop::Options options;
        options.service = own ? "order-service" : "follower-service";
        if (own) options.domains = {"order"};
        loop = StepLoop::open(world.process("machine"), *store, *log, *handlers, options).value();
    }
    void drop() {
        loop.reset();
        store.reset();
        log.reset();
    }
    void crash() {
        settle();
        world.crash();
        drop();
        start();
    }
    /// Lets all go on until nothing is left to do, except what waits for longer.
    void settle(Duration limit = 10s) {
        sim::Scheduler scheduler{world};
        scheduler.add(*loop);
        scheduler.add(loop->relay());
        scheduler.add(loop->effects());
        scheduler.run_until_quiet(limit);
    }
    void command(std::function<void(Transaction&)> run) {
        ASSERT_TRUE(loop->submit({"test", "", std::move(run), {}}));
        settle();
    }
    void create() {
        command([](Transaction& tx) { tx.publish(order::Created{.id = "o1"}); });
    }
    template <Event E>
    void send(const E& event) {
        const PublishedEvent erased = erase(event).value();
        const std::string domain{E::name.domain()};
        EventHeaders headers;
        headers.type = E::name.value;
        headers.key = erased.key;
        headers.source = domain + "-service";
        headers.epoch = epoch;
        headers.sequence = Sequence{++sequences[domain]};
        Envelope envelope;
        envelope.id = world.new_uuid();
        envelope.type = headers.type;
        envelope.source = headers.source;
        envelope.timestamp = world.now();
        envelope.correlation_id = "flow";
        envelope.data = erased.data;
        std::string text;
        write_envelope(envelope, text);
        const OutgoingEvent outgoing{&headers, text};
        ASSERT_TRUE(log->publish(Topic{domain}, std::span{&outgoing, 1}));
        settle();
    }
    std::optional<SagaProgress> cancel() {
        std::optional<SagaProgress> progress;
        command([&](Transaction& tx) { progress = runner->cancel("o1", "CHANGED_MIND", tx); });
        return progress;
    }
    /// Has a saga whose compensation of its second step does not come: it needs an operator.
    void get_stuck() {
        create();
        send(payment::Completed{.id = "o1"});
        send(inventory::Reserved{.id = "o1"});
        cancel();
        settle(25h);
        ASSERT_EQ(observed.back(), SagaStatus::needs_operator);
    }
    Names said() {
        Names names;
        const auto reader = log->subscribe(Topic{"order"}, ConsumerGroup{""}, {}).value();
        const Fetched fetched = reader->fetch(100).value();
        for (const DeliveredEvent& event : fetched.events) names.push_back(event.headers.type);
        return names;
    }

    sim::SimWorld world{1};
    std::unique_ptr<SagaRunner> runner;
    std::unique_ptr<Handlers> handlers;
    std::unique_ptr<Broker> log;
    std::unique_ptr<Store> store;
    std::unique_ptr<StepLoop> loop;
    Uuid epoch = Uuid::parse("11111111-1111-4111-8111-111111111111").value();
    std::map<std::string, std::int64_t> sequences;
    std::vector<SagaStatus> observed;
};

}  // namespace tidings::testbench
