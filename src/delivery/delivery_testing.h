#pragma once

#include <tidings/broker/log_broker.h>
#include <tidings/delivery/accounting.h>
#include <tidings/delivery/step_loop.h>
#include <tidings/sim/faulty_broker.h>
#include <tidings/sim/scheduler.h>
#include <tidings/sim/world.h>
#include <tidings/store/sqlite.h>

#include <gtest/gtest.h>

#include <array>
#include <contracts/depot.h>
#include <contracts/parcel.h>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tidings::testbench {

using sample::depot::Opened;
using sample::parcel::Lost;

inline std::string parcel_id(std::int64_t number) {
    std::string digits = std::to_string(number);
    return "00000000-0000-4000-8000-" + std::string(12 - digits.size(), '0') + digits;
}

/// Another event of the depots, as the generator would make it.
struct Moved {
    static constexpr EventName name{"depot.moved", 1};
    static constexpr std::string_view version = "1.0.0";
    std::int64_t number = 0;

    friend std::string key_of(const Moved& event) { return std::to_string(event.number); }
    friend Result<void> validate(const Moved&) { return {}; }
    friend void write_data(json::Writer& writer, const Moved& event) {
        writer.begin_object();
        writer.name("number");
        writer.integer(event.number);
        writer.end_object();
    }
    friend Result<void> read_data(json::Reader& reader, Moved& event) {
        std::string_view field;
        reader.begin_object();
        while (reader.next_field(field)) event.number = reader.integer();
        return {};
    }
};

/// A simulated machine with a parcel-service on it, which handles what depots say and states that
/// parcels are lost; the test itself speaks for the depots.
class Bench {
public:
    explicit Bench(std::uint64_t seed = 1) : world(seed) {
        options.service = "parcel-service";
        options.domains = {"parcel"};
        handlers.retry.initial_delay = 100ms;
        handlers.retry.attempts = 3;
        handlers.on<Opened>([this](const Opened& event, Transaction& tx) {
            ++calls;
            tx.execute("INSERT INTO handled (number, city) VALUES ($1, $2)", event.number,
                       event.city);
            if (on_opened) on_opened(event, tx);
        });
    }
    ~Bench() { drop(); }
    Bench(const Bench&) = delete;
    Bench& operator=(const Bench&) = delete;

    void start() {
        log = open_log_broker(world.process("machine"), "log", log_options).value();
        broker = std::make_unique<sim::FaultyBroker>(world, *log);
        ASSERT_TRUE(broker->claim(Topic{"depot"}, "depot-service"));
        store = open_sqlite(world.process("machine"), "parcel.db").value();
        static constexpr std::array schema{
            Migration{1, "handled",
                      "CREATE TABLE handled (place INTEGER PRIMARY KEY, number BIGINT NOT NULL, "
                      "city TEXT NOT NULL);"}};
        store->migrate("parcel-service", schema).value();
        loop = StepLoop::open(world.process("machine"), *store, *broker, handlers, options).value();
    }
    void drop() {
        loop.reset();
        store.reset();
        broker.reset();
        log.reset();
    }
    void kill() {
        world.kill();
        drop();
        start();
    }
    void crash() {
        world.crash();
        drop();
        start();
    }

    void poll() {
        for (io::Worker* worker : workers()) worker->poll(world.monotonic());
    }
    std::vector<io::Worker*> workers() {
        return {loop.get(), &loop->relay(), &loop->effects(), broker.get()};
    }
    /// Lets all go on until nothing is left to do before `limit`.
    void settle(Duration limit = 10min) {
        sim::Scheduler scheduler{world};
        for (io::Worker* worker : workers()) scheduler.add(*worker);
        scheduler.run_until_quiet(limit);
    }
    void run_for(Duration duration) {
        sim::Scheduler scheduler{world};
        for (io::Worker* worker : workers()) scheduler.add(*worker);
        scheduler.run_for(duration);
    }

    // What the depots say.
    void send_raw(const EventHeaders& headers, const std::string& envelope) {
        const OutgoingEvent event{&headers, envelope};
        ASSERT_TRUE(log->publish(Topic{"depot"}, std::span{&event, 1}));
    }
    EventHeaders headers(std::int64_t number, std::int64_t place,
                         const std::string& type = "depot.opened") const {
        EventHeaders made;
        made.type = type;
        made.key = std::to_string(number);
        made.source = "depot-service";
        made.epoch = epoch;
        made.sequence = Sequence{place};
        return made;
    }
    std::string envelope(const std::string& data, SchemaVersion version = {2, 0, 0},
                         const std::string& type = "depot.opened") {
        Envelope made;
        made.id = world.new_uuid();
        made.type = type;
        made.source = "depot-service";
        made.data_version = version;
        made.timestamp = world.now();
        made.correlation_id = "flow";
        made.data = data;
        std::string text;
        write_envelope(made, text);
        return text;
    }
    std::string opened(std::int64_t number, const std::string& city) {
        return envelope("{\"number\":" + std::to_string(number) + ",\"city\":\"" + city + "\"}");
    }
    /// Major version 1 knew no city.
    void send_old(std::int64_t number) {
        send_raw(headers(number, ++sequence),
                 envelope("{\"number\":" + std::to_string(number) + "}", {1, 0, 3}));
    }
    void send_moved(std::int64_t number) {
        const std::string data = "{\"number\":" + std::to_string(number) + "}";
        send_raw(headers(number, ++sequence, "depot.moved"),
                 envelope(data, {1, 0, 0}, "depot.moved"));
    }
    void send(std::int64_t number, const std::string& city) {
        send_raw(headers(number, ++sequence), opened(number, city));
    }

    // What the service says and has.
    std::vector<std::string> handled() {
        std::vector<std::string> cities;
        const auto reader = store->reader().value();
        Rows rows = reader->query("SELECT city FROM handled ORDER BY place");
        while (rows.next()) cities.push_back(rows.row().get<std::string>(0));
        return cities;
    }
    std::int64_t count(const std::string& table) {
        return store->reader()
            .value()
            ->value<std::int64_t>("SELECT count(*) FROM " + table)
            .value();
    }
    /// What the tables leave over, whatever the service itself says.
    std::int64_t unaccounted() {
        const auto reader = store->reader().value();
        EXPECT_TRUE(unaccounted_events(*reader).empty()) << unaccounted_events(*reader)[0].what;
        return tidings::unaccounted(account(*reader));
    }
    std::string dead_reason() {
        return store->reader()
            .value()
            ->value<std::string>("SELECT error FROM tidings_held WHERE state = 3")
            .value_or("none");
    }
    struct Said {
        EventHeaders headers;
        Envelope envelope;
    };
    std::vector<Said> published() {
        std::vector<Said> said;
        auto reader = log->subscribe(Topic{"parcel"}, ConsumerGroup{""}, {}).value();
        while (true) {
            const Fetched fetched = reader->fetch(100).value();
            if (fetched.events.empty()) return said;
            for (const DeliveredEvent& event : fetched.events) {
                said.push_back({event.headers, parse_envelope(event.envelope).value()});
            }
        }
    }
    DeliveryStatus status() const { return loop->status(); }

    /// Submits a command; its answer goes into `answers`.
    Result<void> submit(std::function<void(Transaction&)> run) {
        return loop->submit({"test", "", std::move(run), [this](Result<void> answer) {
                                 answers.push_back(answer ? "done" : answer.error().message);
                             }});
    }

    sim::SimWorld world;
    Handlers handlers;
    StepLoop::Options options;
    log::Options log_options;
    std::unique_ptr<Broker> log;
    std::unique_ptr<sim::FaultyBroker> broker;
    std::unique_ptr<Store> store;
    std::unique_ptr<StepLoop> loop;

    Uuid epoch = Uuid::parse("11111111-1111-4111-8111-111111111111").value();
    std::int64_t sequence = 0;
    int calls = 0;
    std::vector<std::string> answers;
    std::function<void(const Opened&, Transaction&)> on_opened;
};

/// The outside world, with answers as the test has them.
class TestPort : public EffectPort {
public:
    Result<EffectResult> perform(const EffectRequest& request) override {
        asked.push_back(request.idempotency_key);
        attempts.push_back(request.attempt);
        return answer(request);
    }

    std::vector<std::string> asked;
    std::vector<int> attempts;
    std::function<Result<EffectResult>(const EffectRequest&)> answer = [](const EffectRequest&) {
        return EffectResult{Answered{"{}"}};
    };
};

}  // namespace tidings::testbench
