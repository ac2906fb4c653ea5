#include "log/log_testing.h"

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <thread>

namespace tidings::log {
namespace {

class LogThreads : public testing::Test {
protected:
    LogThreads() {
        std::string pattern = (std::filesystem::temp_directory_path() / "tidings-XXXXXX").string();
        directory_ = ::mkdtemp(pattern.data());
    }
    ~LogThreads() override { std::filesystem::remove_all(directory_); }
    std::string path() const { return directory_ + "/order"; }

private:
    std::string directory_;
};

Options churning() {
    Options options;
    options.segment_bytes_max = 32 * 1024;
    options.retention_bytes_max = 1;
    options.durable = false;
    return options;
}

TEST_F(LogThreads, ReadersFollowThroughRollsAndReuse) {
    constexpr std::int64_t count = 3'000;
    auto log = open_log(io::real_world(), churning(), path());
    std::atomic<std::int64_t> read_to{0};
    std::thread consumer{[&] {
        auto reader = open_reader(io::real_world(), Reader::Unacknowledged::hidden, path());
        while (read_to.load() < count) {
            const auto end = read_all(*reader, read_to.load(), 700, 3);
            if (!end) {
                ADD_FAILURE() << end.error().message;
                read_to.store(count);
                return;
            }
            read_to.store(*end);
            std::this_thread::yield();
        }
    }};
    while (log->next().value < count) {
        append(*log, 4, 700).value();
        // Frees what the consumer has passed, as the broker does by its groups.
        log->retain(Offset{std::min(read_to.load(), log->next().value)}).value();
    }
    consumer.join();
}

TEST_F(LogThreads, AReaderThatRetentionOvertakesIsToldAndNeverMisled) {
    auto log = open_log(io::real_world(), churning(), path());
    std::atomic<bool> done{false};
    std::atomic<int> told{0};
    std::thread consumer{[&] {
        auto reader = open_reader(io::real_world(), Reader::Unacknowledged::hidden, path());
        std::int64_t at = 0;
        while (!done.load()) {
            const auto records = reader->read(Offset{at}, 2, 1);
            if (!records) {
                // Nothing else may be wrong: not "corruption", above all.
                EXPECT_EQ(records.error().code, ErrorCode::not_found) << records.error().message;
                ++told;
                at = reader->first().value;
                continue;
            }
            for (const Record& record : *records) {
                EXPECT_EQ(record.offset.value, at);
                EXPECT_EQ(record.payload, payload_of(at++, 700));
            }
        }
    }};
    while (log->next().value < 6'000 || (told.load() == 0 && log->next().value < 200'000)) {
        append(*log, 4, 700).value();
        log->retain(log->next()).value();
    }
    done.store(true);
    consumer.join();
    EXPECT_GT(told.load(), 0);
}

}  // namespace
}  // namespace tidings::log
