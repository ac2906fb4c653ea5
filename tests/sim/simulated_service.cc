#include "simulated_service.h"

#include <tidings/base/assert.h>

#include <fmt/format.h>

#include <utility>

namespace shop {

using namespace tidings;

namespace {

constexpr std::string_view data_directory = "data";
/// Small, so that the logs roll, and still larger than any batch that the relay makes here.
constexpr std::uint64_t segment_bytes = 512 * 1024;

io::HttpResponse connection_lost(const std::string& service) {
    return io::problem(503, "no answer", service + " is not there");
}

}  // namespace

SimulatedService::SimulatedService(sim::SimWorld& world, sim::Scheduler& scheduler,
                                   const OutsideWorld& outside, Options options)
    : world_(world),
      scheduler_(scheduler),
      outside_(outside),
      options_(std::move(options)),
      journal_(world, {LogLevel::warning, 0}, [this](std::string_view line) {
          if (alive_ && !world_.is_stopped()) options_.tell(line);
          return true;
      }) {}

SimulatedService::~SimulatedService() { close(); }

Result<void> SimulatedService::start(const sim::BrokerFaults& faults) {
    TIDINGS_ASSERT(!is_up());
    ++lives_;
    alive_ = true;
    Result<void> opened = open(faults);
    if (!opened) {
        world_.kill(options_.name);  // A process that cannot open what it needs ends.
        close();
    }
    return opened;
}

Result<void> SimulatedService::open(const sim::BrokerFaults& faults) {
    platform_ = std::make_unique<Platform>(outside_, options_.platform);
    HostOptions host;
    host.data = data_directory;
    host.limits = options_.limits;
    host.journal = journal_;
    host.broker = [&](io::World& process) -> Result<std::unique_ptr<Broker>> {
        auto log = open_log_broker(process, host.data + "/log",
                                   {.segment_bytes_max = segment_bytes}, journal_);
        if (!log) return log;
        log_ = std::move(*log);
        // Another name in each life: otherwise each would meet the faults of the first.
        auto broker = std::make_unique<sim::FaultyBroker>(
            world_, *log_, faults, fmt::format("broker of {}, life {}", options_.name, lives_));
        broker_ = broker.get();
        return std::unique_ptr<Broker>{std::move(broker)};
    };
    auto opened = Host::open(world_.process(options_.name), host);
    if (!opened) return std::move(opened).error();
    host_ = std::move(*opened);
    if (Result<void> added = host_->add(*platform_->find(options_.name)); !added) return added;
    workers_ = host_->workers();
    workers_.push_back(broker_);
    for (io::Worker* worker : workers_) scheduler_.add(*worker);
    return {};
}

void SimulatedService::kill() {
    if (!is_up()) return;
    duplicates_before_ += status().duplicates;
    world_.kill(options_.name);
    hang_up();
    close();
}

void SimulatedService::close() {
    alive_ = false;  // It is told what its end makes of it, and says that; nobody listens.
    for (io::Worker* worker : workers_) scheduler_.remove(*worker);
    workers_.clear();
    host_.reset();
    broker_ = nullptr;
    log_.reset();
    platform_.reset();
}

void SimulatedService::hang_up() {
    const auto unanswered = std::exchange(unanswered_, {});
    for (const auto& [number, reply] : unanswered) reply(connection_lost(options_.name));
}

void SimulatedService::request(io::HttpRequest request, io::HttpReply reply) {
    if (!is_up()) return reply(connection_lost(options_.name));
    const std::uint64_t number = ++requests_made_;
    unanswered_.emplace(number, std::move(reply));
    host_->request(std::move(request), [this, number](io::HttpResponse response) {
        // What a process says after it has come to its end, nobody hears.
        if (world_.is_stopped()) return;
        const auto waiting = unanswered_.extract(number);
        if (waiting) waiting.mapped()(std::move(response));
    });
}

std::int64_t SimulatedService::duplicates() const {
    return duplicates_before_ + (is_up() ? status().duplicates : 0);
}

}  // namespace shop
