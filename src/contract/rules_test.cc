#include <tidings/contract/rules.h>

#include <gtest/gtest.h>

namespace tidings::contract {
namespace {

TEST(Rules, KnowUuids) {
    EXPECT_TRUE(is_uuid("5f1cbb4e-3f8e-4c2d-9a51-7a0f2f6f1d11"));
    EXPECT_TRUE(is_uuid("5F1CBB4E-3F8E-1C2D-0A51-7A0F2F6F1D11"));
    EXPECT_FALSE(is_uuid(""));
    EXPECT_FALSE(is_uuid("5f1cbb4e-3f8e-4c2d-9a51-7a0f2f6f1d1"));
    EXPECT_FALSE(is_uuid("5f1cbb4e+3f8e-4c2d-9a51-7a0f2f6f1d11"));
    EXPECT_FALSE(is_uuid("5f1cbb4e-3f8e-4c2d-9a51-7a0f2f6f1d1g"));
}

TEST(Rules, KnowDaysThatExist) {
    EXPECT_TRUE(is_date("2024-02-29"));
    EXPECT_TRUE(is_date("0000-01-01"));
    for (const char* text : {"2023-02-29", "2024-13-01", "2024-00-01", "2024-01-00", "2024-1-01",
                             "24-01-01", "-024-01-01", "2024-01-01T", "2024/01/01", "2024-0a-01"}) {
        EXPECT_FALSE(is_date(text)) << text;
    }
}

TEST(Rules, KnowEmailsByTheirShape) {
    for (const char* text : {"ana@example.com", "a.b+c@d", "\"a b\"@example.com", "a@[127.0.0.1]",
                             "o'neil@x-y.org", "jos\u00e9@ex\u00e4mple.de"}) {
        EXPECT_TRUE(is_email(text)) << text;
    }
    for (const char* text : {"", "a", "@b", "a@", "a b@c", "a@b..c", "a@-b", "a@b-", "a@b c",
                             "a\n@b", "a<b>@c", "a@b@", "a@.b"}) {
        EXPECT_FALSE(is_email(text)) << text;
    }
    EXPECT_FALSE(is_email(std::string(65, 'a') + "@b"));
    EXPECT_FALSE(is_email("a@" + std::string(64, 'b')));
}

TEST(Rules, KnowUris) {
    for (const char* text : {"https://example.com/a?b=c#d", "urn:isbn:0451450523", "mailto:a@b",
                             "a+b:c%20d", "http://[::1]/"}) {
        EXPECT_TRUE(is_uri(text)) << text;
    }
    for (const char* text : {"", "example.com", ":a", "1a:b", "a b:c", "a:b c", "a:%2", "a:%zz",
                             "a:<b>", "a:\u00e9", "a:b\n"}) {
        EXPECT_FALSE(is_uri(text)) << text;
    }
}

TEST(Rules, CountCharactersAndNotBytes) {
    EXPECT_EQ(count_characters(""), 0U);
    EXPECT_EQ(count_characters("abcdefghij"), 10U);
    EXPECT_EQ(count_characters("abcdefgh\u00e9\U0001F600j"), 11U);
    EXPECT_EQ(count_characters("abc\xFF"), no_maximum);
    EXPECT_EQ(count_characters("\xC3"), no_maximum);
}

TEST(Rules, MatchPatternsInLinearTime) {
    const Pattern pattern{"^(a+)+$"};
    EXPECT_TRUE(pattern.matches("aaa"));
    EXPECT_FALSE(pattern.matches(std::string(100'000, 'a') + "!"));
    EXPECT_TRUE(Pattern{"b"}.matches("abc"));  // anywhere, as JSON Schema says
    EXPECT_EQ(pattern_error("a|b"), "");
    EXPECT_NE(pattern_error("a(b"), "");
    EXPECT_NE(pattern_error("(?<=a)b"), "");
}

TEST(Rules, NameThePlaceOfWhatIsBroken) {
    Checker checker;
    const Place root;
    const Place items{&root, "items"};
    const Place third{&items, {}, 2};
    checker.integer({&third, "quantity"}, 5, 1, 9);
    EXPECT_TRUE(checker.result());
    checker.integer({&third, "quantity"}, 0, 1, 9);
    checker.integer({&third, "quantity"}, 10, 1, 9);  // only the first counts
    EXPECT_EQ(checker.result().error().message,
              "field /items/2/quantity: must be at least 1, is 0");
    EXPECT_EQ(checker.result().error().code, ErrorCode::contract_violation);
}

TEST(Rules, BoundAmountsAndTimes) {
    const Place root;
    const Place at{&root, "x"};
    Checker large;
    large.money(at, Money{100'000'000'000'000'000}, true);
    EXPECT_TRUE(large.failed());
    Checker negative;
    negative.money(at, Money{-1}, true);
    EXPECT_FALSE(negative.failed());
    Checker late;
    late.timestamp(at, Timestamp{std::chrono::milliseconds{253'402'300'800'000}});
    EXPECT_TRUE(late.failed());
}

}  // namespace
}  // namespace tidings::contract
