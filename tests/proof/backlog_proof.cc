// T18: a million events wait in a log, or in an outbox, and the service is started anew. It is
// there within seconds, needs no more memory than for a few of them, and does them all.
#include <tidings/broker/log_broker.h>

#include "rig.h"
#include "served.h"

#include <fmt/format.h>

#include <algorithm>
#include <contracts/order.h>
#include <map>

namespace tidings::proof {
namespace {

namespace order = proof_flow::order;

constexpr Duration start_max = 5s;
constexpr std::uint64_t memory_max = std::uint64_t{256} << 20;
constexpr std::int64_t bytes_per_event_max = 150;
constexpr std::int64_t part = 2000;  ///< That is published at once.

/// Does events; a `keeper` remembers each of them, as it should not.
std::vector<std::unique_ptr<Service>> make_consumer(bool keeper) {
    std::vector<std::unique_ptr<Service>> services;
    Service& payments = *services.emplace_back(std::make_unique<Service>("payment-service"));
    const auto kept = std::make_shared<std::vector<std::string>>();
    payments.handlers().on<order::Created>([keeper, kept](const order::Created&, Transaction&) {
        if (keeper) kept->emplace_back(1024, 'x');
    });
    return services;
}

std::vector<std::unique_ptr<Service>> make_producer() {
    std::vector<std::unique_ptr<Service>> services;
    Service& orders = *services.emplace_back(std::make_unique<Service>("order-service"));
    orders.command("POST", "/fill", [](const Request&, Transaction& tx) {
        for (std::int64_t i = 0; i < part; ++i) tx.publish(order::Created{.order_id = tx.new_id()});
        return Reply{202, "{}", {}};
    });
    return services;
}

/// A broker that is away: it knows its topics, and takes nothing.
class Away final : public Broker {
public:
    explicit Away(std::unique_ptr<Broker> broker) : broker_(std::move(broker)) {}
    Result<void> claim(const Topic& topic, std::string_view owner) override {
        return broker_->claim(topic, owner);
    }
    void release(const Topic& topic) override { broker_->release(topic); }
    Result<Offset> publish(const Topic&, std::span<const OutgoingEvent>) override {
        return Error{ErrorCode::unavailable, "the broker is away"};
    }
    Result<std::unique_ptr<Subscription>> subscribe(const Topic& topic, const ConsumerGroup& group,
                                                    const SubscriptionOptions& options) override {
        return broker_->subscribe(topic, group, options);
    }
    std::vector<Topic> topics() override { return broker_->topics(); }
    BrokerFeatures features() const noexcept override { return broker_->features(); }

private:
    std::unique_ptr<Broker> broker_;
};

HostOptions options_for(const std::string& data) {
    HostOptions options;
    options.data = data;
    options.journal = Journal::to_stderr(io::real_world(), {LogLevel::off, 0});
    options.limits.outbox_max = std::int64_t{1} << 40;
    return options;
}

/// Fills the log of `order` with `count` events, as a service that is away has left it.
void fill_log(const std::string& data, std::int64_t count) {
    ServedProcess{options_for(data), [] { return make_consumer(false); }}.stop();
    io::World& world = io::real_world();
    const auto broker = open_log_broker(world, data + "/log").value();
    broker->claim(Topic{"order"}, "order-service").value();
    const Uuid epoch = world.new_uuid();
    std::vector<EventHeaders> headers(part);
    std::vector<std::string> envelopes(part);
    for (std::int64_t done = 0; done < count; done += part) {
        std::vector<OutgoingEvent> events;
        for (std::size_t i = 0; i < part; ++i) {
            EventHeaders& header = headers[i];
            header.type = "order.created";
            header.source = "order-service";
            header.key = std::to_string(done + static_cast<std::int64_t>(i));
            header.epoch = epoch;
            header.sequence = Sequence{done + static_cast<std::int64_t>(i) + 1};
            Envelope envelope{world.new_uuid(),
                              header.type,
                              header.source,
                              {1, 0, 0},
                              world.now(),
                              "backlog",
                              "{\"orderId\":\"" + header.key + "\"}"};
            envelopes[i].clear();
            write_envelope(envelope, envelopes[i]);
            events.push_back({&header, envelopes[i]});
        }
        broker->publish(Topic{"order"}, events).value();
    }
}

struct Drained {
    Duration start{0};  ///< The longest of all starts, until it had done something.
    double seconds = 0;
    std::uint64_t peak = 0;
    std::vector<std::string> wrong;
};

/// Waits until the service's account says `wanted` at `name`; false if it does not get on.
bool reaches(const ServedProcess& served, const std::string& service, const std::string& name,
             std::int64_t wanted, Duration patience) {
    io::World& world = io::real_world();
    io::Wakeup nobody_rings;
    std::int64_t last = -1;
    for (TimePoint moved = world.monotonic(); world.monotonic() - moved < patience;) {
        const std::int64_t now = served.account(service, name);
        if (now >= wanted) return true;
        if (now != last) moved = world.monotonic();
        last = now;
        nobody_rings.wait_until(world.monotonic() + 50ms);
    }
    return false;
}

/// Starts the service, kills it on the way, starts it again, and lets it do all of them.
Drained drain(const HostOptions& options, const ServedProcess::Make& services,
              const std::string& service, const std::string& name, std::int64_t count) {
    Drained result;
    io::World& world = io::real_world();
    const TimePoint began = world.monotonic();
    for (const std::int64_t until : {count / 4, count}) {
        const TimePoint started = world.monotonic();
        ServedProcess served{options, services};
        if (!reaches(served, service, name, 1, 30s)) result.wrong.emplace_back("it does nothing");
        result.start = std::max<Duration>(result.start, world.monotonic() - started);
        if (!reaches(served, service, name, until, 30s)) {
            result.wrong.push_back(
                fmt::format("it stands at {} of {}", served.account(service, name), count));
        }
        result.peak = std::max(result.peak, served.peak_bytes());
        if (until != count) continue;
        const std::int64_t found = served.account(service, name);
        if (found != count) result.wrong.push_back(fmt::format("{} instead of {}", found, count));
        if (!served.stop()) result.wrong.emplace_back("it does not stop in good order");
    }
    result.seconds = std::chrono::duration<double>(world.monotonic() - began).count();
    return result;
}

Drained drain_log(std::int64_t count, bool keeper) {
    const RunDirectory directory{"backlog"};
    fill_log(directory / "data", count);
    return drain(
        options_for(directory / "data"), [keeper] { return make_consumer(keeper); },
        "payment-service", "done", count);
}

Drained drain_outbox(std::int64_t count) {
    const RunDirectory directory{"backlog-outbox"};
    HostOptions away = options_for(directory / "data");
    away.broker = [log = away.data + "/log"](io::World& in) -> Result<std::unique_ptr<Broker>> {
        auto broker = open_log_broker(in, log);
        if (!broker) return broker.error();
        return std::unique_ptr<Broker>{std::make_unique<Away>(std::move(*broker))};
    };
    std::uint64_t peak = 0;
    {
        ServedProcess served{away, make_producer};
        std::int64_t left = count / part;
        while (left > 0) {
            // One caller, who asks again as long as it is told to wait.
            const Seen seen = send_at_rate(served.port(), "/fill", 1000, 1, 50ms);
            left -= static_cast<std::int64_t>(seen.accepted.size());
            if (!seen.wrong.empty()) return {{}, 0, 0, seen.wrong};
        }
        count = served.account("order-service", "outboxPending");
        peak = served.peak_bytes();
        served.kill();
    }
    Drained result =
        drain(options_for(directory / "data"), make_producer, "order-service", "published", count);
    result.peak = std::max(result.peak, peak);
    return result;
}

void judge(Rig& rig, const std::string& what, std::int64_t count, const Drained& drained) {
    rig.figure(what + ", start", fmt::format("{} ms", drained.start / 1ms));
    rig.figure(what + ", peak memory", fmt::format("{} MiB", drained.peak >> 20));
    rig.figure(what + ", done",
               fmt::format("{} in {:.1f} s, two starts included", count, drained.seconds));
    for (const std::string& wrong : drained.wrong) rig.broken(what + ": " + wrong);
    if (drained.start > start_max) rig.broken(what + ": it takes too long to start");
    if (drained.peak > memory_max) rig.broken(what + ": it takes too much memory");
}

int run(int argc, char** argv) {
    Rig rig{"T18", argc, argv};
    const std::int64_t count = rig.amount(1'000'000, 100'000) / part * part;
    const Drained few = drain_log(count / 10 / part * part, false);
    const Drained many = drain_log(count, false);
    judge(rig, "events in a log", count, many);
    const auto per_event = [&few, count](const Drained& drained) {
        return (static_cast<std::int64_t>(drained.peak) - static_cast<std::int64_t>(few.peak)) /
               (count - count / 10);
    };
    rig.figure("memory for each event more", fmt::format("{} bytes", per_event(many)));
    if (per_event(many) > bytes_per_event_max) rig.broken("memory grows with the backlog");
    const std::int64_t outbox = std::max(count / 4 / part * part, part);
    judge(rig, "events in an outbox", outbox, drain_outbox(outbox));
    rig.control("a consumer that keeps what it has done",
                per_event(drain_log(count, true)) > bytes_per_event_max);
    return rig.finish(fmt::format("a backlog of {} events", count));
}

}  // namespace
}  // namespace tidings::proof

int main(int argc, char** argv) { return tidings::proof::run(argc, argv); }
