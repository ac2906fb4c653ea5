// What a loss of power can leave, of a few operations.
#include "crash_states.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace tidings::proof {
namespace {

/// Records what `work` does to a disk that holds the directory `d`.
template <class Work>
std::vector<Operation> trace_of(Work work) {
    std::vector<Operation> trace;
    MemoryWorld world{1};
    world.files().make_directory("d").value();
    world.ask([&](const Operation& operation, std::size_t&) -> Result<void> {
        trace.push_back(operation);
        return {};
    });
    work(world.files());
    return trace;
}

CrashStates after_all(const std::vector<Operation>& trace) {
    CrashStates states{trace};
    while (states.step()) {
    }
    return states;
}

TEST(CrashStates, KeepWhatWasFlushedAndNothingElseIsCertain) {
    const auto trace = trace_of([](io::FileSystem& files) {
        auto file = files.open("d/a", io::OpenMode::create_new).value();
        file->write_at(0, "flushed").value();
        file->flush().value();
        files.flush_directory("d").value();
        file->write_at(0, "WRITTEN").value();
    });
    const CrashStates states = after_all(trace);
    EXPECT_TRUE(states.is_uncertain());
    EXPECT_EQ(states.strict().files.at("d/a").text(), "flushed");
    EXPECT_EQ(states.all().files.at("d/a").text(), "WRITTEN");
    sim::Random random{1};
    std::set<std::string> seen;
    for (int i = 0; i < 50; ++i) seen.insert(states.drawn(random).files.at("d/a").text());
    EXPECT_EQ(seen, (std::set<std::string>{"flushed", "WRITTEN"}));  // It is one sector.
}

TEST(CrashStates, LoseANameWhoseDirectoryWasNotFlushed) {
    const auto trace = trace_of([](io::FileSystem& files) {
        auto file = files.open("d/a", io::OpenMode::create_new).value();
        file->write_at(0, "flushed").value();
        file->flush().value();
    });
    const CrashStates states = after_all(trace);
    EXPECT_TRUE(states.strict().files.empty());
    EXPECT_EQ(states.all().files.size(), 1U);
}

TEST(CrashStates, TearAWriteBetweenSectors) {
    const auto trace = trace_of([](io::FileSystem& files) {
        auto file = files.open("d/a", io::OpenMode::create_new).value();
        file->write_at(0, std::string(1024, 'o')).value();
        file->flush().value();
        files.flush_directory("d").value();
        file->write_at(0, std::string(1024, 'n')).value();
    });
    const CrashStates states = after_all(trace);
    sim::Random random{1};
    std::set<std::string> seen;
    for (int i = 0; i < 100; ++i) {
        const std::string text = states.drawn(random).files.at("d/a").text();
        EXPECT_EQ(text.substr(0, 512), std::string(512, text[0]));
        EXPECT_EQ(text.substr(512), std::string(512, text[512]));
        seen.insert({text[0], text[512]});
    }
    EXPECT_EQ(seen, (std::set<std::string>{"oo", "on", "no", "nn"}));
}

TEST(CrashStates, ForgetAnIgnoredFlush) {
    const auto trace = trace_of([](io::FileSystem& files) {
        auto file = files.open("d/a", io::OpenMode::create_new).value();
        file->flush().value();
        files.flush_directory("d").value();
    });
    CrashStates states{trace, [](const Operation& operation) {
                           return operation.kind == Operation::Kind::flush_directory;
                       }};
    while (states.step()) {
    }
    EXPECT_TRUE(states.strict().files.empty());
}

}  // namespace
}  // namespace tidings::proof
