// What a service does when its database, or a log, is another than the one it left: restored from
// a backup, or replaced.
#include "delivery/delivery_testing.h"

#include <map>

namespace tidings::testbench {
namespace {

/// Copies of files, to be put back as a restore does.
class Backup {
public:
    Backup(sim::SimWorld& world, std::vector<std::string> paths) : world_(world) {
        for (std::string& path : paths) {
            auto file = world_.files().open(path, io::OpenMode::read);
            if (!file) continue;
            std::string bytes((*file)->size().value(), '\0');
            (*file)->read_at(0, bytes).value();
            files_.emplace(std::move(path), std::move(bytes));
        }
    }
    /// Requires: nobody has them open.
    void restore() const {
        for (const auto& [path, bytes] : files_) {
            auto file = world_.files().open(path, io::OpenMode::create).value();
            file->truncate(0).value();
            file->write_at(0, bytes).value();
            file->flush().value();
        }
    }

private:
    sim::SimWorld& world_;
    std::map<std::string, std::string> files_;
};

class RestoredService : public testing::Test {
protected:
    RestoredService() { bench.start(); }

    void lose(int count) {
        for (int i = 0; i < count; ++i) {
            bench
                .submit(
                    [this](Transaction& tx) { tx.publish(Lost{.parcel_id = parcel_id(++lost_)}); })
                .value();
        }
        bench.settle();
    }
    /// Stops service and machine: within one boot the log's own watermark tells an older copy.
    void stop() {
        bench.store->close().value();
        bench.world.crash();
        bench.drop();
    }
    Backup back_up(const std::string& what) {
        std::vector<std::string> paths;
        if (what == "database") {
            paths = {"parcel.db", "parcel.db-wal", "parcel.db-shm"};
        } else {
            for (const std::string& name : bench.world.files().list(what).value()) {
                paths.push_back(what + '/' + name);
            }
        }
        return {bench.world, paths};
    }
    /// Opens log, broker and database as `Bench::start` does, and says what the loop said.
    Result<void> try_to_start() {
        bench.log = open_log_broker(bench.world.process("machine"), "log").value();
        bench.broker = std::make_unique<sim::FaultyBroker>(bench.world, *bench.log);
        bench.store = open_sqlite(bench.world.process("machine"), "parcel.db").value();
        auto loop = StepLoop::open(bench.world.process("machine"), *bench.store, *bench.broker,
                                   bench.handlers, bench.options);
        if (!loop) return std::move(loop).error();
        bench.loop = std::move(*loop);
        return {};
    }

    Bench bench;

private:
    int lost_ = 0;
};

TEST_F(RestoredService, NumbersItsEventsAnewSoThatNoneIsTakenForADuplicate) {
    lose(3);
    stop();
    const Backup backup = back_up("database");
    bench.start();
    lose(2);
    const Uuid old_epoch = bench.published().back().headers.epoch;
    stop();

    backup.restore();
    bench.start();
    lose(2);

    // A consumer that has seen five of the old epoch takes the two of the new one.
    const auto said = bench.published();
    ASSERT_EQ(said.size(), 7U);
    EXPECT_EQ(said[4].headers.sequence, Sequence{5});
    EXPECT_NE(said[5].headers.epoch, old_epoch);
    EXPECT_EQ(said[5].headers.sequence, Sequence{1});
    EXPECT_EQ(said[6].headers.epoch, said[5].headers.epoch);
    EXPECT_EQ(said[6].headers.sequence, Sequence{2});
}

TEST_F(RestoredService, PublishesNothingAgainThatItsLogHas) {
    bench.broker->outage(true);
    lose(2);
    stop();
    const Backup backup = back_up("database");  // With both still in the outbox.
    bench.start();
    lose(1);
    stop();

    backup.restore();
    bench.start();
    bench.settle();

    EXPECT_EQ(bench.published().size(), 3U);
    EXPECT_EQ(bench.status().outbox_pending, 0);
    EXPECT_EQ(bench.count("tidings_outbox"), 0);
}

TEST_F(RestoredService, KeepsTheNewEpochFromThenOn) {
    lose(3);
    stop();
    const Backup backup = back_up("database");
    bench.start();
    lose(2);
    stop();
    backup.restore();
    bench.start();
    lose(1);
    stop();
    bench.start();
    lose(1);

    const auto said = bench.published();
    ASSERT_EQ(said.size(), 7U);
    EXPECT_EQ(said[6].headers.epoch, said[5].headers.epoch);
    EXPECT_EQ(said[6].headers.sequence, Sequence{2});
}

TEST_F(RestoredService, KeepsItsEpochAfterAnyCrash) {
    lose(3);
    const Uuid epoch = bench.published().back().headers.epoch;
    bench.crash();
    lose(1);
    EXPECT_EQ(bench.published().back().headers.epoch, epoch);
    EXPECT_EQ(bench.published().back().headers.sequence, Sequence{4});
}

TEST_F(RestoredService, DoesNotWriteOnALogThatLacksWhatWasPublished) {
    lose(1);
    stop();
    const Backup backup = back_up("log/parcel");
    bench.start();
    lose(2);
    stop();
    backup.restore();

    const Result<void> started = try_to_start();

    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().code, ErrorCode::corruption);
    EXPECT_NE(started.error().message.find("the log of topic parcel ends with event 1 of "
                                           "parcel-service, which has published 3"),
              std::string::npos)
        << started.error().message;
}

TEST_F(RestoredService, DoesNotReadOnInALogThatIsNotTheOneItHasRead) {
    bench.send(1, "Bern");
    bench.settle();
    stop();
    const Backup backup = back_up("log/depot");
    bench.start();
    bench.send(2, "Graz");
    bench.send(3, "Linz");
    bench.settle();
    stop();

    // The older log grows beyond the place up to which the service has read the newer one.
    backup.restore();
    bench.start();
    for (int number = 4; number <= 7; ++number) bench.send(number, "Wien");
    bench.run_for(10s);

    EXPECT_EQ(bench.handled(), (std::vector<std::string>{"Bern", "Graz", "Linz"}));
    ASSERT_TRUE(bench.status().intake_error);
    EXPECT_EQ(bench.status().intake_error->code, ErrorCode::corruption);
    EXPECT_NE(bench.status().intake_error->message.find("topic depot holds another event at 2"),
              std::string::npos)
        << bench.status().intake_error->message;
}

}  // namespace
}  // namespace tidings::testbench
