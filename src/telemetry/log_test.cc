#include <tidings/telemetry/log.h>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <vector>

namespace tidings {
namespace {

/// A world whose clock stands still, and that has nothing else.
class StillWorld : public io::World {
public:
    Timestamp now() override { return parse_timestamp("2026-11-23T10:00:00.123Z").value(); }
    TimePoint monotonic() override { return {}; }
    void random(std::span<std::uint8_t>) override {}
    io::FileSystem& files() override { std::abort(); }
    Result<io::DiskSpace> disk_space(const std::string&) override { return io::DiskSpace{}; }
    void end_process(int) override {}
    std::string boot_id() override { return "boot"; }
};

class JournalTest : public testing::Test {
protected:
    Journal journal(Journal::Options options = {}) {
        return {world, options, [this](std::string_view line) {
                    lines.emplace_back(line);
                    return true;
                }};
    }
    /// The text of one value as the journal shows it.
    std::string shown(std::string_view value) {
        journal().write(LogLevel::info, "m", {{"v", value}});
        const std::string& line = lines.back();
        const std::string before = "\"message\":\"m\",\"v\":\"";
        const auto begin = line.find(before) + before.size();
        return line.substr(begin, line.size() - begin - 2);
    }

    StillWorld world;
    std::vector<std::string> lines;
};

TEST_F(JournalTest, WritesOneJsonObjectPerLine) {
    const Uuid id = Uuid::parse("0123abcd-0000-4000-8000-00000000000f").value();
    const Journal order = journal().named("order-service");
    order.write(LogLevel::warning, "broker unavailable",
                {{"attempt", 3},
                 {"offset", std::uint64_t{7}},
                 {"delay", 0.25},
                 {"last", false},
                 {"event", id},
                 {"type", std::string{"order.created"}}});
    order.event("event handled", "flow-1", {{"outcome", "ok"}});
    journal().write(LogLevel::info, "bare");

    ASSERT_EQ(lines.size(), 3U);
    EXPECT_EQ(lines[0],
              R"({"time":"2026-11-23T10:00:00.123Z","level":"warning","service":"order-service",)"
              R"("message":"broker unavailable","attempt":3,"offset":7,"delay":0.25,"last":false,)"
              R"("event":"0123abcd-0000-4000-8000-00000000000f","type":"order.created"})");
    EXPECT_EQ(lines[1],
              R"({"time":"2026-11-23T10:00:00.123Z","level":"info","service":"order-service",)"
              R"("message":"event handled","correlationId":"flow-1","outcome":"ok"})");
    EXPECT_EQ(lines[2], R"({"time":"2026-11-23T10:00:00.123Z","level":"info","message":"bare"})");
}

TEST_F(JournalTest, WritesNothingBelowItsLevel) {
    const Journal quiet = journal({.level = LogLevel::warning});
    quiet.write(LogLevel::debug, "no");
    quiet.write(LogLevel::info, "no");
    quiet.event("no", "flow");
    EXPECT_FALSE(quiet.writes(LogLevel::info));
    EXPECT_FALSE(quiet.writes_events_of("flow"));
    EXPECT_TRUE(lines.empty());
    quiet.write(LogLevel::error, "yes");
    EXPECT_EQ(lines.size(), 1U);
}

TEST_F(JournalTest, IsSilentWhenOff) {
    const Journal off = journal({.level = LogLevel::off});
    off.write(LogLevel::error, "no");
    off.write(LogLevel::off, "no");
    Journal{}.write(LogLevel::error, "no");
    Journal{}.named("x").event("no", "flow");
    EXPECT_TRUE(lines.empty());
    EXPECT_EQ(Journal{}.lines_lost(), 0U);
}

TEST_F(JournalTest, WritesAllEventsOfAFlowOrNone) {
    const Journal sampled = journal({.event_sample = 10});
    int chosen = 0;
    for (int flow = 0; flow < 2000; ++flow) {
        const std::string id = "flow-" + std::to_string(flow);
        lines.clear();
        for (int event = 0; event < 3; ++event) sampled.event("event handled", id);
        EXPECT_EQ(lines.size(), sampled.writes_events_of(id) ? 3U : 0U);
        chosen += sampled.writes_events_of(id);
    }
    EXPECT_NEAR(chosen, 200, 60);
    lines.clear();
    sampled.write(LogLevel::info, "not about an event");
    EXPECT_EQ(lines.size(), 1U);
}

TEST_F(JournalTest, WritesNoEventsWhenTheSampleIsZero) {
    const Journal journal_without_events = journal({.event_sample = 0});
    journal_without_events.event("no", "flow");
    EXPECT_TRUE(lines.empty());
    journal_without_events.write(LogLevel::info, "yes");
    EXPECT_EQ(lines.size(), 1U);
}

TEST_F(JournalTest, EscapesWhatCouldForgeOrHideALine) {
    EXPECT_EQ(shown("a\"b\\c"), R"(a\"b\\c)");
    EXPECT_EQ(shown("a\r\nb\tc"), R"(a\r\nb\tc)");
    EXPECT_EQ(shown(std::string_view{"a\0b", 3}), R"(a\u0000b)");
    EXPECT_EQ(shown("\x1b[31mred\x7f"), R"(\u001b[31mred\u007f)");
    EXPECT_EQ(shown("\xc2\x9b"
                    "2J"),
              R"(\u009b2J)")
        << "a control sequence of one character";
    EXPECT_EQ(shown("\xe2\x80\xa8\xe2\x80\xa9"), R"(\u2028\u2029)") << "line separators";
    EXPECT_EQ(shown("\xe2\x80\xae"
                    "cba\xe2\x81\xa6"),
              R"(\u202ecba\u2066)")
        << "direction";
    EXPECT_EQ(shown("\xf3\xa0\x81\x81"), R"(\udb40\udc41)") << "an invisible letter";
    EXPECT_EQ(shown("S\xc3\xa3o Paulo \xf0\x9f\x93\xa6"), "S\xc3\xa3o Paulo \xf0\x9f\x93\xa6");
}

TEST_F(JournalTest, ReplacesBrokenUtf8) {
    EXPECT_EQ(shown("a\xff"
                    "b"),
              R"(a\ufffdb)");
    EXPECT_EQ(shown("\xc3"), R"(\ufffd)") << "cut short";
    EXPECT_EQ(shown("\xc0\xaf"), R"(\ufffd\ufffd)") << "overlong";
    EXPECT_EQ(shown("\xed\xa0\x80"), R"(\ufffd\ufffd\ufffd)") << "surrogate";
    EXPECT_EQ(shown("\xf4\x90\x80\x80"), R"(\ufffd\ufffd\ufffd\ufffd)") << "past the last";
    EXPECT_EQ(shown("\xe2\x28\xa1"), R"(\ufffd(\ufffd)");
}

TEST_F(JournalTest, EscapesMessagesKeysAndServicesToo) {
    journal().named("s\n").event("m\n", "c\n", {{"k\n", "v"}});
    EXPECT_EQ(lines.at(0), R"({"time":"2026-11-23T10:00:00.123Z","level":"info","service":"s\n",)"
                           R"("message":"m\n","correlationId":"c\n","k\n":"v"})");
}

TEST_F(JournalTest, CutsLongValues) {
    const std::string most(Journal::value_bytes_max, 'x');
    EXPECT_EQ(shown(most), most);
    EXPECT_EQ(shown(most + "y"), most + "...");
    EXPECT_EQ(shown(most.substr(1) + "\xc3\xa9"
                                     "z"),
              most.substr(1) + "\xc3\xa9...")
        << "never within a character";
}

TEST_F(JournalTest, WritesNumbersThatJsonHasNoWordForAsText) {
    journal().write(LogLevel::info, "m",
                    {{"a", std::nan("")}, {"b", -std::numeric_limits<double>::infinity()}});
    EXPECT_NE(lines.at(0).find(R"("a":"nan","b":"-inf")"), std::string::npos);
}

TEST_F(JournalTest, CountsTheLinesThatAreLost) {
    const Journal full{world, {}, [](std::string_view) { return false; }};
    full.write(LogLevel::error, "a");
    full.named("copy").event("b", "flow");
    EXPECT_EQ(full.lines_lost(), 2U);
}

TEST_F(JournalTest, AddsToAFile) {
    const auto path = std::filesystem::path{testing::TempDir()} / "tidings_journal_test.log";
    std::filesystem::remove(path);
    for (int run = 0; run < 2; ++run) {
        auto to_file = Journal::to_file(world, path.string(), {});
        ASSERT_TRUE(to_file);
        to_file->write(LogLevel::info, "one {} %v line");
    }
    std::ifstream file{path};
    const std::string expected =
        R"({"time":"2026-11-23T10:00:00.123Z","level":"info","message":"one {} %v line"})";
    std::string line;
    for (int run = 0; run < 2; ++run) {
        ASSERT_TRUE(std::getline(file, line));
        EXPECT_EQ(line, expected);
    }
    EXPECT_FALSE(std::getline(file, line));
    std::filesystem::remove(path);
}

TEST_F(JournalTest, SaysWhichFileItCouldNotOpen) {
    const auto refused = Journal::to_file(world, "/dev/null/x.log", {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::io_error);
    EXPECT_NE(refused.error().message.find("open log file '/dev/null/x.log'"), std::string::npos);
}

TEST_F(JournalTest, ReadsLevelsByName) {
    for (const auto level :
         {LogLevel::debug, LogLevel::info, LogLevel::warning, LogLevel::error, LogLevel::off}) {
        EXPECT_EQ(parse_log_level(to_string(level)).value(), level);
    }
    EXPECT_EQ(parse_log_level("verbose").error().message, "there is no log level 'verbose'");
}

}  // namespace
}  // namespace tidings
