#include <tidings/base/time.h>

#include <gtest/gtest.h>

#include <ctime>
#include <random>

namespace tidings {
namespace {

std::string in_utc(std::string_view text) { return to_string(parse_timestamp(text).value()); }

Timestamp at_ms(std::int64_t ms) { return Timestamp{std::chrono::milliseconds{ms}}; }

TEST(Timestamp, ReadsTheExamplesOfRfc3339) {
    EXPECT_EQ(in_utc("1985-04-12T23:20:50.52Z"), "1985-04-12T23:20:50.520Z");
    EXPECT_EQ(in_utc("1996-12-19T16:39:57-08:00"), "1996-12-20T00:39:57.000Z");
    EXPECT_EQ(in_utc("1937-01-01T12:00:27.87+00:20"), "1937-01-01T11:40:27.870Z");
}

TEST(Timestamp, CountsALeapSecondAsTheFirstOfTheNextDay) {
    EXPECT_EQ(in_utc("1990-12-31T23:59:60Z"), "1991-01-01T00:00:00.000Z");
    EXPECT_EQ(in_utc("1990-12-31T15:59:60-08:00"), "1991-01-01T00:00:00.000Z");
    EXPECT_FALSE(parse_timestamp("1990-12-31T23:59:60-08:00"));
    EXPECT_FALSE(parse_timestamp("1990-12-31T22:59:60Z"));
}

TEST(Timestamp, ReadsAnyOffsetAndUpToNineFractionDigits) {
    EXPECT_EQ(in_utc("2026-11-23t10:00:00z"), "2026-11-23T10:00:00.000Z");
    EXPECT_EQ(in_utc("2026-11-23T10:00:00-00:00"), "2026-11-23T10:00:00.000Z");
    EXPECT_EQ(in_utc("2026-11-23T10:00:00.1+05:30"), "2026-11-23T04:30:00.100Z");
    EXPECT_EQ(in_utc("2026-11-23T10:00:00.123999999Z"), "2026-11-23T10:00:00.123Z");
    EXPECT_EQ(in_utc("0000-01-01T00:00:00Z"), "0000-01-01T00:00:00.000Z");
    EXPECT_EQ(in_utc("9999-12-31T23:59:59.999Z"), "9999-12-31T23:59:59.999Z");
    EXPECT_EQ(in_utc("2000-02-29T00:00:00Z"), "2000-02-29T00:00:00.000Z");
}

TEST(Timestamp, RefusesEverythingElseAndSaysWhichRuleItBreaks) {
    for (const std::string_view text : {
             "",
             "2026",
             "2026-11-23",
             "2026-11-23T10:00:00",
             "2026-11-23 10:00:00Z",
             "2026-11-23T10:00Z",
             "2026-11-23T10:00:00.Z",
             "2026-11-23T10:00:00.1234567890Z",
             "2026-11-23T10:00:00,5Z",
             "2026-11-23T10:00:00+0530",
             "2026-11-23T10:00:00+05",
             "2026-11-23T10:00:00Zx",
             "+026-11-23T10:00:00Z",
             "2026-1-23T10:00:00Z",
             "2026-11-23T1:00:00Z",
             " 2026-11-23T10:00:00Z",
             "2026-11-23T10:00:00Z ",
         }) {
        const auto time = parse_timestamp(text);
        ASSERT_FALSE(time) << text;
        EXPECT_EQ(time.error().code, ErrorCode::invalid_argument);
        EXPECT_NE(time.error().message.find("the form is"), std::string::npos) << text;
    }
    const auto rule = [](std::string_view text) { return parse_timestamp(text).error().message; };
    EXPECT_NE(rule("2026-02-29T10:00:00Z").find("no such day"), std::string::npos);
    EXPECT_NE(rule("1900-02-29T10:00:00Z").find("no such day"), std::string::npos);
    EXPECT_NE(rule("2026-00-10T10:00:00Z").find("no such day"), std::string::npos);
    EXPECT_NE(rule("2026-13-10T10:00:00Z").find("no such day"), std::string::npos);
    EXPECT_NE(rule("2026-11-00T10:00:00Z").find("no such day"), std::string::npos);
    EXPECT_NE(rule("2026-11-23T24:00:00Z").find("no such time"), std::string::npos);
    EXPECT_NE(rule("2026-11-23T10:60:00Z").find("no such time"), std::string::npos);
    EXPECT_NE(rule("2026-11-23T10:00:61Z").find("no such time"), std::string::npos);
    EXPECT_NE(rule("2026-11-23T10:00:00+24:00").find("the offset"), std::string::npos);
    EXPECT_NE(rule("0000-01-01T00:00:00+00:01").find("outside the years"), std::string::npos);
    EXPECT_NE(rule("9999-12-31T23:59:59-00:01").find("outside the years"), std::string::npos);
}

TEST(Timestamp, IsWrittenAsTheSystemWouldWriteIt) {
    std::mt19937_64 random{1};
    constexpr std::int64_t first = -62'167'219'200'000;
    constexpr std::int64_t last = 253'402'300'799'999;
    std::uniform_int_distribution<std::int64_t> any{first, last};
    for (int i = 0; i < 10'000; ++i) {
        const std::int64_t ms = any(random);
        const std::time_t seconds = (ms - ((ms % 1000) + 1000) % 1000) / 1000;
        std::tm parts{};
        gmtime_r(&seconds, &parts);
        char expected[64];
        std::snprintf(expected, sizeof expected, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
                      parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour,
                      parts.tm_min, parts.tm_sec, static_cast<int>(ms - seconds * 1000));
        ASSERT_EQ(to_string(at_ms(ms)), expected);
        ASSERT_EQ(parse_timestamp(expected).value(), at_ms(ms));
    }
}

TEST(Timestamp, OutsideTheYearsItIsWrittenAsTheNearestMomentInside) {
    EXPECT_EQ(to_string(Timestamp::min()), "0000-01-01T00:00:00.000Z");
    EXPECT_EQ(to_string(Timestamp::max()), "9999-12-31T23:59:59.999Z");
}

TEST(Duration, ReadsAWholeNumberAndAUnit) {
    EXPECT_EQ(parse_duration("250ms").value(), 250ms);
    EXPECT_EQ(parse_duration("15s").value(), 15s);
    EXPECT_EQ(parse_duration("2m").value(), 2min);
    EXPECT_EQ(parse_duration("48h").value(), 48h);
    EXPECT_EQ(parse_duration("30d").value(), 720h);
    EXPECT_EQ(parse_duration("0s").value(), 0s);
    EXPECT_EQ(parse_duration("9223372036s").value(), 9223372036s);
}

TEST(Duration, RefusesEverythingElse) {
    for (const std::string_view text :
         {"", "s", "15", "15 s", "-15s", "+15s", "1.5s", "15sec", "15S", "9223372037s", "106752d",
          "9223372036854775808ms", "99999999999999999999999s"}) {
        const auto duration = parse_duration(text);
        ASSERT_FALSE(duration) << text;
        EXPECT_EQ(duration.error().code, ErrorCode::invalid_argument);
    }
}

}  // namespace
}  // namespace tidings
