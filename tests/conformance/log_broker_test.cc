#include <tidings/broker/log_broker.h>
#include <tidings/sim/world.h>

#include "broker_suite.h"

#include <cstdlib>
#include <filesystem>
#include <thread>

namespace tidings::conformance {
namespace {

/// Small enough for the tests to need many segments, large enough for the largest publish.
log::Options options() {
    log::Options options;
    options.segment_bytes_max = 17 * 1024 * 1024;
    return options;
}

class SimulatedPlace final : public BrokerPlace {
public:
    std::unique_ptr<Broker> open(std::string_view process) override {
        return open_log_broker(world_.process(process), "data", options()).value();
    }
    void restart() override { world_.crash(); }
    io::World& world() override { return world_; }
    void let_time_pass() override { world_.advance(5ms); }

private:
    sim::SimWorld world_{7, sim::DiskProfile::strict};
};

class DirectoryPlace final : public BrokerPlace {
public:
    DirectoryPlace() {
        std::string pattern = (std::filesystem::temp_directory_path() / "tidings-XXXXXX").string();
        directory_ = ::mkdtemp(pattern.data());
    }
    ~DirectoryPlace() override { std::filesystem::remove_all(directory_); }

    std::unique_ptr<Broker> open(std::string_view) override {
        return open_log_broker(io::real_world(), directory_, options()).value();
    }
    void restart() override {}
    io::World& world() override { return io::real_world(); }
    void let_time_pass() override {
        const Timestamp before = world().now();
        while (world().now() <= before) std::this_thread::yield();
    }

private:
    std::string directory_;
};

INSTANTIATE_TEST_SUITE_P(
    LogBroker, BrokerSuite,
    testing::Values(BrokerUnderTest{"Simulated", [] { return std::make_unique<SimulatedPlace>(); }},
                    BrokerUnderTest{"OnDisk", [] { return std::make_unique<DirectoryPlace>(); }}),
    BrokerUnderTest::name_of);

}  // namespace
}  // namespace tidings::conformance
