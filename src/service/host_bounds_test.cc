// A Host that stays within bounds: the disk that fills up, the log that nobody reads.
#include <tidings/io/file.h>
#include <tidings/service/host.h>
#include <tidings/sim/scheduler.h>
#include <tidings/sim/world.h>

#include "service/host_watch.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <contracts/all.h>
#include <memory>
#include <models/depot_service.h>
#include <string>

namespace tidings {
namespace {

using sample::depot::Opened;
using sample::depot_service::StartTour;

class Bounds : public ::testing::Test {
protected:
    Bounds() {
        depot.contracts(sample::contracts(), sample::contracts_json());
        depot.command<StartTour>("POST", "/tours",
                                 [](const StartTour& tour, const Request&, Transaction& tx) {
                                     tx.publish(Opened{1, tour.van});
                                     return Reply::accepted("/tours/" + tour.van, tour);
                                 });
        options.data = "data";
    }
    ~Bounds() override { host.reset(); }

    void start() {
        host.reset();
        host = Host::open(world.process("host"), options).value();
        ASSERT_TRUE(host->add(depot));
    }
    int post(const std::string& van) {
        answer = {};
        answer.status = 0;
        host->request({"POST", "/tours", "/tours", {}, {}, "{\"van\":\"" + van + "\"}"},
                      [this](io::HttpResponse given) { answer = std::move(given); });
        for (int i = 0; i < 5 && answer.status == 0; ++i) run_for(1ms);
        return answer.status;
    }
    std::string ready() {
        host->request({"GET", "/health/ready", "/health/ready", {}, {}, ""},
                      [this](io::HttpResponse given) { answer = std::move(given); });
        return answer.body;
    }
    void run_for(Duration duration) {
        sim::Scheduler scheduler{world};
        for (io::Worker* worker : host->workers()) scheduler.add(*worker);
        for (io::Worker* worker : host->watchers()) scheduler.add(*worker);
        scheduler.run_for(duration);
    }
    std::int64_t published() { return host->status("depot-service").published; }

    sim::SimWorld world{1};
    Service depot{"depot-service"};
    HostOptions options;
    std::unique_ptr<Host> host;
    io::HttpResponse answer;
};

TEST_F(Bounds, AFullDiskStopsTheIntakeAndRoomLetsItGoOnWithoutARestart) {
    world.set_disk_bytes_max(512 << 20);
    start();
    run_for(1s);
    EXPECT_EQ(io::read_file(world.files(), "data/reserve").value().size(), 16U << 20);
    ASSERT_EQ(post("before"), 202);
    run_for(1s);
    ASSERT_EQ(published(), 1);

    // Somebody else fills the disk to the last byte.
    world.set_disk_bytes_max(world.disk_bytes());
    run_for(1s);
    EXPECT_FALSE(io::read_file(world.files(), "data/reserve")) << "it is given up";
    EXPECT_EQ(post("refused"), 503);
    EXPECT_EQ(answer.headers["retry-after"], "5");
    EXPECT_NE(ready().find("is full"), std::string::npos) << answer.body;
    EXPECT_EQ(answer.status, 503);
    EXPECT_FALSE(host->status("depot-service").failed) << "what is done can be written down";

    world.set_disk_bytes_max(512 << 20);
    run_for(1s);
    EXPECT_TRUE(io::read_file(world.files(), "data/reserve")) << "it is there again";
    EXPECT_EQ(post("after"), 202);
    run_for(1s);
    EXPECT_EQ(published(), 2);
    ready();
    EXPECT_EQ(answer.status, 200) << answer.body;
}

TEST_F(Bounds, ADiskThatFillsIsToldOfEarly) {
    world.set_disk_bytes_max(64 << 20);
    start();
    run_for(1s);
    EXPECT_EQ(ready().find("left of"), std::string::npos);
    const std::uint64_t room = (64 << 20) - world.disk_bytes();
    ASSERT_TRUE(io::replace_file(world.files(), "papers", std::string(room - (5 << 20), 'x')));
    run_for(1s);
    EXPECT_NE(ready().find("5 MiB left of 64 MiB"), std::string::npos) << answer.body;
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(post("still"), 202);
}

TEST_F(Bounds, ALogThatAStoppedReaderFillsIsToldOfAndRefusesAndGoesOnWhenItWasRead) {
    options.log.segment_bytes_max = 256 * 1024;
    options.log.retention_bytes_max = 1024 * 1024;
    options.log.bytes_max = 2 * 1024 * 1024;
    options.limits.outbox_max = 20;
    // The Host's own check is for people; what is tested here is the log's.
    options.broker = [this](io::World& in) { return open_log_broker(in, "data/log", options.log); };
    start();
    auto reader =
        host->broker().subscribe(Topic{"depot"}, ConsumerGroup{"stock-service"}, {}).value();
    const std::string van(10'000, 'v');
    bool told = false;
    int accepted = 0;
    int status = 0;
    for (int i = 0; i < 300 && status != 503; ++i) {
        status = post(van);
        if (status == 202) ++accepted;
        run_for(100ms);
        if (status == 202) told = told || ready().find("the log of depot has") != std::string::npos;
    }
    EXPECT_EQ(status, 503) << "in the end the publisher waits";
    EXPECT_TRUE(told) << "and that was said while all was still accepted";
    EXPECT_NE(ready().find("stock-service is"), std::string::npos) << answer.body;
    EXPECT_LE(host->broker().usage()[0].bytes, 2U * 1024 * 1024);

    // The reader comes back, and nothing was removed before it was read.
    int read = 0;
    for (int i = 0; i < 100; ++i) {
        const Fetched fetched = reader->fetch(50).value();
        read += static_cast<int>(fetched.events.size());
        ASSERT_TRUE(reader->acknowledge(fetched.next));
        run_for(2s);
        if (read == accepted) break;
    }
    EXPECT_EQ(read, accepted);
    EXPECT_EQ(post(van), 202);
}

/// Two services on real files; the second one never returns from an event.
class Hanging {
public:
    explicit Hanging(std::string data) {
        options.data = std::move(data);
        options.limits.watchdog.stuck_after = 100ms;
        options.limits.watchdog.end_after = 200ms;
        depot.contracts(sample::contracts(), sample::contracts_json());
        parcel.handlers().retry.attempts = 1;
        parcel.handlers().on<Opened>([this](const Opened&, Transaction&) {
            while (hangs) {
            }
        });
    }
    /// Runs them until the event is dealt with.
    void run() {
        const auto host = Host::open(io::real_world(), options).value();
        host->add(depot).value();
        host->add(parcel).value();
        host->start().value();
        if (sends) {
            Command open;
            open.name = "open";
            open.run = [](Transaction& tx) { tx.publish(Opened{1, "Ys"}); };
            host->submit("depot-service", std::move(open)).value();
        }
        io::Wakeup nobody_rings;
        while (host->status("parcel-service").accepted == 0) {
            nobody_rings.wait_until(io::real_world().monotonic() + 10ms);
        }
        dead = host->status("parcel-service").dead;
    }

    std::atomic<bool> hangs{true};
    bool sends = true;
    std::int64_t dead = 0;

private:
    HostOptions options;
    Service depot{"depot-service"};
    Service parcel{"parcel-service"};
};

TEST(RealBounds, AHandlerThatNeverReturnsEndsTheProcessAndIsADeadLetterAtTheNextStart) {
    Hanging services{std::string{::testing::TempDir()} + "tidings-hanging-" +
                     to_string(io::real_world().new_uuid())};
    EXPECT_EXIT(services.run(), ::testing::ExitedWithCode(86), "");
    services.sends = false;
    services.run();
    EXPECT_EQ(services.dead, 1) << "the only attempt of its policy is on record";
}

TEST(LogOptions, RefuseABoundInWhichNothingFits) {
    log::Options wanted;
    wanted.bytes_max = 1 << 20;
    EXPECT_EQ(log_options(wanted).error().code, ErrorCode::invalid_argument);
    wanted.bytes_max = 1 << 30;
    const log::Options kept = log_options(wanted).value();
    EXPECT_EQ(kept.retention_bytes_max, 768U << 20);
    EXPECT_EQ(kept.segment_bytes_max, 64U << 20);
}

}  // namespace
}  // namespace tidings
