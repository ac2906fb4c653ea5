#include "testing/process.h"

#include <tidings/base/assert.h>

#include "testing/run.h"

#include <fmt/format.h>

#include <utility>

namespace tidings::sim {
namespace {

constexpr std::string_view data_directory = "data";

io::HttpResponse connection_lost(const std::string& service) {
    return io::problem(503, "no answer", service + " is not there");
}

Journal::Options journal_options(const Run& run) {
    if (run.watches_order()) return {LogLevel::info, 1};
    return {LogLevel::warning, 0};
}

}  // namespace

SimulatedProcess::SimulatedProcess(Run& run, const Definition::OneService& service)
    : run_(run),
      service_(service),
      limits_(limits()),
      journal_(run.world(), journal_options(run), [this](std::string_view line) {
          if (alive_ && !is_dead()) run_.tell_journal(service_.name, line);
          return true;
      }) {}

SimulatedProcess::~SimulatedProcess() { close(); }

/// Small bounds, so that full queues are ordinary.
StepLoop::Options SimulatedProcess::limits() const {
    if (service_.options.limits) return *service_.options.limits;
    constexpr std::array<std::size_t, 4> group_sizes{1, 4, 32, 512};
    constexpr std::array<std::int64_t, 3> outbox_sizes{8, 64, 512};
    Random random = run_.world().stream("limits of " + service_.name);
    StepLoop::Options drawn;
    drawn.group_steps_max = group_sizes[random.below(group_sizes.size())];
    drawn.outbox_max = outbox_sizes[random.below(outbox_sizes.size())];
    drawn.commands_max = 100;
    return drawn;
}

bool SimulatedProcess::is_dead() const {
    return run_.world().is_stopped() || run_.world().is_stopped(service_.name);
}

Result<void> SimulatedProcess::start() {
    TIDINGS_ASSERT(!is_up());
    ++lives_;
    alive_ = true;
    Result<void> opened = open();
    if (!opened) {
        run_.world().kill(service_.name);  // A process that cannot open what it needs ends.
        close();
    }
    return opened;
}

Result<void> SimulatedProcess::open() {
    made_ = service_.make(run_.world().process(service_.name));
    TIDINGS_ASSERT(made_ != nullptr);
    HostOptions options;
    options.data = data_directory;
    options.limits = limits_;
    options.journal = journal_;
    options.log_events = run_.watches_order();
    options.broker = [&](io::World& world) -> Result<std::unique_ptr<Broker>> {
        auto log = open_log_broker(world, options.data + "/log",
                                   {.segment_bytes_max = service_.options.segment_bytes_max,
                                    .retention_bytes_max = service_.options.retention_bytes_max},
                                   journal_);
        if (!log) return log;
        log_ = std::move(*log);
        auto broker = std::make_unique<FaultyBroker>(
            run_.world(), *log_, BrokerFaults{},
            fmt::format("broker of {}, life {}", service_.name, lives_));
        broker->set_script(this);
        broker_ = broker.get();
        return std::unique_ptr<Broker>{std::move(broker)};
    };
    auto opened = Host::open(run_.world().process(service_.name), options);
    if (!opened) return std::move(opened).error();
    host_ = std::move(*opened);
    if (Result<void> added = host_->add(*made_); !added) return added;
    auto reader = host_->reader(service_.name);
    if (!reader) return std::move(reader).error();
    reader_ = std::move(*reader);
    workers_ = host_->workers();
    workers_.push_back(broker_);
    for (io::Worker* worker : workers_) run_.add_worker(*worker, *this);
    return {};
}

void SimulatedProcess::kill() {
    if (!is_up()) return;
    duplicates_before_ += status().duplicates;
    run_.world().kill(service_.name);
    hang_up();
    close();
}

void SimulatedProcess::close() {
    alive_ = false;  // It is told what its end makes of it, and says that; nobody listens.
    for (io::Worker* worker : workers_) run_.remove_worker(*worker);
    workers_.clear();
    reader_.reset();
    host_.reset();
    broker_ = nullptr;
    log_.reset();
    made_.reset();
}

void SimulatedProcess::hang_up() {
    const auto unanswered = std::exchange(unanswered_, {});
    for (const auto& [number, reply] : unanswered) reply(connection_lost(service_.name));
}

void SimulatedProcess::request(io::HttpRequest request, io::HttpReply reply) {
    if (!is_up() || is_dead()) return reply(connection_lost(service_.name));
    const std::uint64_t number = ++requests_made_;
    unanswered_.emplace(number, std::move(reply));
    host_->request(std::move(request), [this, number](io::HttpResponse response) {
        // What a process says after it has come to its end, nobody hears.
        if (is_dead()) return;
        const auto waiting = unanswered_.extract(number);
        if (waiting) waiting.mapped()(std::move(response));
    });
}

StoreTransaction& SimulatedProcess::reader() { return *reader_; }

std::int64_t SimulatedProcess::duplicates() const {
    return duplicates_before_ + (is_up() ? status().duplicates : 0);
}

DeliveryFault SimulatedProcess::deliver(const Topic& topic, const DeliveredEvent& event) {
    return run_.fault_of_delivery(service_.name, lives_, topic, event);
}

bool SimulatedProcess::loses_answer(const Topic& topic, Offset first) {
    return run_.loses_answer(service_.name, lives_, topic, first);
}

void SimulatedProcess::handed_over(const Topic& topic, const DeliveredEvent& event) {
    run_.tell_event(topic, event, service_.name);
}

void SimulatedProcess::published(const Topic& topic, Offset first,
                                 std::span<const OutgoingEvent> events) {
    run_.tell_published(service_.name, topic, first, events);
}

}  // namespace tidings::sim
