#include <tidings/base/text.h>
#include <tidings/model/json.h>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <rapidcheck/gtest.h>

#include <limits>
#include <string>
#include <vector>

namespace tidings::json {
namespace {

/// Reads everything and returns the error's message, or "" for a document that is right.
std::string error_of(std::string_view text, const Reader::Options& options = {}) {
    Reader reader{text, options};
    reader.skip();
    const auto finished = reader.finish();
    return finished ? "" : finished.error().message;
}

TEST(JsonReader, ReadsStraightThrough) {
    Reader reader{
        R"( {"a" : [1, -2 , 3.5e1], "b":{"c":"x\n\u00e9\ud83d\ude00"}, "d":true,"e":null} )"};
    std::vector<double> numbers;
    std::string text;
    bool flag = false;
    std::string_view name;
    reader.begin_object();
    while (reader.next_field(name)) {
        if (name == "a") {
            reader.begin_array();
            while (reader.next_element()) numbers.push_back(reader.number());
        } else if (name == "b") {
            reader.begin_object();
            while (reader.next_field(name)) text = reader.text();
        } else if (name == "d") {
            flag = reader.boolean();
        } else {
            EXPECT_EQ(reader.kind(), Kind::null);
            reader.null();
        }
    }
    ASSERT_TRUE(reader.finish()) << reader.error().message;
    EXPECT_EQ(numbers, (std::vector<double>{1, -2, 35}));
    EXPECT_EQ(text, "x\n\u00e9\U0001F600");
    EXPECT_TRUE(flag);
}

TEST(JsonReader, ReturnsValuesAsTheyAreWritten) {
    Reader reader{R"({"price":12.340,"data": {"x" : [1, {} ]} ,"n":1})"};
    std::string_view name;
    reader.begin_object();
    ASSERT_TRUE(reader.next_field(name));
    EXPECT_EQ(reader.number_text(), "12.340");
    ASSERT_TRUE(reader.next_field(name));
    EXPECT_EQ(reader.raw(), R"({"x" : [1, {} ]})");
    ASSERT_TRUE(reader.next_field(name));  // its value is not read: it is skipped
    EXPECT_FALSE(reader.next_field(name));
    EXPECT_TRUE(reader.finish());
}

TEST(JsonReader, RefusesWhatIsBrokenAndSaysWhere) {
    EXPECT_EQ(error_of(R"({"a":1 "b":2})"),
              R"(field /a: broken JSON at byte 7: expected ',' or '}', is "b")");
    EXPECT_EQ(error_of(R"({"a":[1,2,{"x":tru}]})"),
              "field /a/2/x: broken JSON at byte 15: expected a value, is tru");
    EXPECT_EQ(error_of(R"({"a":1,"a":2})"), "field /a: must not be there twice");
    EXPECT_EQ(error_of(R"({"a":1,"\u0061":2})"), "field /a: must not be there twice");
    EXPECT_EQ(error_of("{} x"),
              "document: broken JSON at byte 3: expected the end of the text, is x");
    EXPECT_EQ(error_of(""), "document: must be JSON, is empty");
    EXPECT_EQ(error_of(R"({"a/b":{"~":01}})"),
              "field /a~1b/~0: broken JSON at byte 12: expected a number, is 01");
}

TEST(JsonReader, RefusesEveryKindOfBrokenText) {
    const std::vector<std::string> texts{"[",
                                         "{",
                                         "]",
                                         "[1",
                                         "[1,",
                                         "[1,]",
                                         "[,1]",
                                         "{,}",
                                         "{1:2}",
                                         "{\"a\"}",
                                         "{\"a\":}",
                                         "{\"a\":1,}",
                                         "[1 2]",
                                         "[1}",
                                         "{\"a\":1]",
                                         "\"a",
                                         "\"a\"b",
                                         "\"a\"\"b\"",
                                         "1\"a\"",
                                         "1\"a,b\"",
                                         "nul",
                                         "nulll",
                                         "tru",
                                         "TRUE",
                                         "-",
                                         "01",
                                         "1.",
                                         ".5",
                                         "1e",
                                         "1e+",
                                         "+1",
                                         "0x1",
                                         "NaN",
                                         "Infinity",
                                         "'a'",
                                         "\"\\x\"",
                                         "\"\\u12\"",
                                         "\"\\u12g4\"",
                                         "\"\\ud800\"",
                                         "\"\\udc00\"",
                                         "\"\\ud800\\u0041\"",
                                         "\"\n\"",
                                         "\"\t\"",
                                         std::string("\"\0\"", 3),
                                         "\xEF\xBB\xBF{}",
                                         "\"\xC3\"",
                                         "\"\xED\xA0\x80\"",
                                         "\"\xC0\x80\"",
                                         "\xFF",
                                         std::string(1, '\0'),
                                         "// c\n1",
                                         "1 1",
                                         "[1]]",
                                         "{\"a\":1}}",
                                         "\"a\\\"",
                                         "\\",
                                         "[\"a\",,\"b\"]",
                                         "{\"a\"::1}"};
    for (const std::string& text : texts) EXPECT_NE(error_of(text), "") << quote(text);
}

TEST(JsonReader, RefusesDuplicateKeysAlsoAmongMany) {
    std::string text = "{";
    for (int i = 0; i < 1000; ++i) text += "\"key" + std::to_string(i) + "\":1,";
    EXPECT_EQ(error_of(text + "\"last\":1}"), "");
    EXPECT_EQ(error_of(text + "\"key7\":1}"), "field /key7: must not be there twice");
}

TEST(JsonReader, HoldsToItsLimits) {
    const std::string deep(64, '[');
    EXPECT_EQ(error_of(deep + std::string(64, ']')), "");
    const std::string deeper = "[" + deep;
    Reader too_deep{deeper};
    too_deep.skip();
    EXPECT_EQ(too_deep.error().code, ErrorCode::limit_exceeded);
    Reader too_large{"[1,2,3]", {6, 64}};
    EXPECT_EQ(too_large.finish().error().message,
              "document: must not be larger than 6 bytes, is 7");
    EXPECT_EQ(too_large.error().code, ErrorCode::limit_exceeded);
    EXPECT_NE(error_of(std::string(100'000, '[')), "");
}

TEST(JsonReader, NamesFieldValueAndRule) {
    Reader reader{R"({"items":[{"quantity":1},{"quantity":0}]})"};
    std::string_view name;
    reader.begin_object();
    ASSERT_TRUE(reader.next_field(name));
    reader.begin_array();
    while (reader.next_element()) {
        reader.begin_object();
        while (reader.next_field(name)) {
            if (reader.integer() < 1) reader.fail("must be at least 1");
        }
    }
    EXPECT_EQ(reader.finish().error().message, "field /items/1/quantity: must be at least 1, is 0");
    EXPECT_EQ(reader.finish().error().code, ErrorCode::contract_violation);
}

TEST(JsonReader, TellsWrongTypesWithTheirValues) {
    const auto error = [](std::string_view text, auto read) {
        Reader reader{text};
        read(reader);
        return reader.finish().error().message;
    };
    EXPECT_EQ(error("[1,2]", [](Reader& r) { r.begin_object(); }),
              "document: must be an object, is [1,2]");
    EXPECT_EQ(error("\"x\"", [](Reader& r) { r.integer(); }),
              "document: must be an integer, is \"x\"");
    EXPECT_EQ(error("1.5", [](Reader& r) { r.integer(); }), "document: must be an integer, is 1.5");
    EXPECT_EQ(error("1e-1", [](Reader& r) { r.integer(); }),
              "document: must be an integer, is 1e-1");
    EXPECT_EQ(error("1e19", [](Reader& r) { r.integer(); }),
              "document: must be an integer of 64 bits, is 1e19");
    EXPECT_EQ(error("1.0e99999999999999999999", [](Reader& r) { r.integer(); }),
              "document: must be an integer of 64 bits, is 1.0e99999999999999999999");
    EXPECT_EQ(error("9223372036854775808", [](Reader& r) { r.integer(); }),
              "document: must be an integer of 64 bits, is 9223372036854775808");
    EXPECT_EQ(error("1e999", [](Reader& r) { r.number(); }),
              "document: must be a number that a double can hold, is 1e999");
    EXPECT_EQ(error("7", [](Reader& r) { r.text(); }), "document: must be a string, is 7");
    EXPECT_EQ(error("{\"b\":1}", [](Reader& r) { r.boolean(); }),
              "document: must be true or false, is {\"b\":1}");
    const std::string hostile = "\"\\u001b[31m\\n" + std::string(100, 'x') + "\"";
    EXPECT_EQ(error(hostile, [](Reader& r) { r.null(); }),
              "document: must be null, is \"\\u{1b}[31m\\n" + std::string(58, 'x') + "...\"");
}

TEST(JsonReader, ReadsWholeNumbersHoweverTheyAreWritten) {
    Reader reader{"[1.0,-3e2,1200e-2,0.0,-0,0e99999999999,9223372036854775807.0,1.5E1]"};
    reader.begin_array();
    for (const std::int64_t wanted : std::initializer_list<std::int64_t>{
             1, -300, 12, 0, 0, 0, std::numeric_limits<std::int64_t>::max(), 15}) {
        ASSERT_TRUE(reader.next_element());
        EXPECT_EQ(reader.integer(), wanted);
    }
    EXPECT_FALSE(reader.next_element());
    EXPECT_TRUE(reader.finish());
}

TEST(JsonReader, LooksAheadForATextWithoutMovingOn) {
    const std::string text =
        R"({"deep":{"kind":"no"},"list":["kind","no"],"k\u0069nd":"c\u0061rd","n":1})";
    Reader reader{text};
    EXPECT_EQ(reader.text_ahead("kind"), "card");
    EXPECT_EQ(reader.text_ahead("n"), std::nullopt);
    EXPECT_EQ(reader.text_ahead("no"), std::nullopt);
    EXPECT_EQ(reader.raw(), text);
    EXPECT_TRUE(reader.finish());
    for (const char* other :
         {"[\"kind\",\"no\"]", "\"kind\"", "{\"kind\"", "{\"kind\":", "{", "{\"kind\":}"}) {
        Reader broken{other};
        EXPECT_EQ(broken.text_ahead("kind"), std::nullopt) << other;
    }
}

TEST(JsonReader, TellsWhatIsMissingInTheObjectReadLast) {
    Reader reader{R"({"items":[{}]})"};
    std::string_view name;
    reader.begin_object();
    reader.next_field(name);
    reader.begin_array();
    reader.next_element();
    reader.begin_object();
    reader.next_field(name);
    reader.missing("productId");
    EXPECT_EQ(reader.error().message, "field /items/0/productId: is missing");
}

TEST(JsonReader, MayBeNestedOnOneThread) {
    Reader outer{R"({"a":"{\"b\":[1,2]}","c":3})"};
    std::string_view name;
    outer.begin_object();
    ASSERT_TRUE(outer.next_field(name));
    const std::string inner_text{outer.text()};
    {
        Reader inner{inner_text};
        inner.skip();
        EXPECT_TRUE(inner.finish());
    }
    ASSERT_TRUE(outer.next_field(name));
    EXPECT_EQ(name, "c");
    EXPECT_EQ(outer.integer(), 3);
    EXPECT_FALSE(outer.next_field(name));
    EXPECT_TRUE(outer.finish());
}

TEST(JsonReader, DoesNothingAfterAnError) {
    Reader reader{"[1,{]"};
    reader.skip();
    ASSERT_TRUE(reader.failed());
    const std::string first = reader.error().message;
    std::string_view name;
    reader.begin_object();
    EXPECT_FALSE(reader.next_field(name));
    EXPECT_FALSE(reader.next_element());
    EXPECT_EQ(reader.text(), "");
    EXPECT_EQ(reader.integer(), 0);
    EXPECT_EQ(reader.raw(), "");
    EXPECT_EQ(reader.kind(), Kind::null);
    reader.fail("must be something else");
    EXPECT_EQ(reader.finish().error().message, first);
}

TEST(JsonWriter, WritesEveryKindOfValue) {
    std::string out;
    Writer writer{out};
    writer.begin_object();
    writer.name("text");
    writer.text("a\"b\\c\n\x01\u00e9/");
    writer.name("list");
    writer.begin_array();
    writer.integer(std::numeric_limits<std::int64_t>::min());
    writer.number(0.1);
    writer.number(std::numeric_limits<double>::infinity());
    writer.boolean(true);
    writer.null();
    writer.raw("{}");
    writer.end_array();
    writer.name("empty");
    writer.begin_object();
    writer.end_object();
    writer.name("money");
    writer.value(Money{-5});
    writer.name("time");
    writer.value(Timestamp{});
    writer.name("id");
    writer.value(Uuid{});
    writer.end_object();
    EXPECT_EQ(
        out,
        "{\"text\":\"a\\\"b\\\\c\\n\\u0001\u00e9/\",\"list\":[-9223372036854775808,0.1,null,true,"
        "null,{}],\"empty\":{},\"money\":\"-0.05\",\"time\":\"1970-01-01T00:00:00.000Z\","
        "\"id\":\"00000000-0000-0000-0000-000000000000\"}");
}

/// Any text of Unicode characters, control characters and those beyond the first plane among them.
rc::Gen<std::string> any_text() {
    const auto character = rc::gen::oneOf(rc::gen::inRange(0, 0x80), rc::gen::inRange(0x80, 0xD800),
                                          rc::gen::inRange(0xE000, 0x110000));
    return rc::gen::map(rc::gen::container<std::vector<int>>(character), [](const auto& points) {
        std::string text;
        for (const int point : points) {
            const auto c = static_cast<unsigned>(point);
            if (c < 0x80) {
                text += static_cast<char>(c);
            } else if (c < 0x800) {
                text += static_cast<char>(0xC0 | c >> 6);
                text += static_cast<char>(0x80 | (c & 0x3F));
            } else if (c < 0x10000) {
                text += static_cast<char>(0xE0 | c >> 12);
                text += static_cast<char>(0x80 | (c >> 6 & 0x3F));
                text += static_cast<char>(0x80 | (c & 0x3F));
            } else {
                text += static_cast<char>(0xF0 | c >> 18);
                text += static_cast<char>(0x80 | (c >> 12 & 0x3F));
                text += static_cast<char>(0x80 | (c >> 6 & 0x3F));
                text += static_cast<char>(0x80 | (c & 0x3F));
            }
        }
        return text;
    });
}

RC_GTEST_PROP(Json, ReadsAnyTextThatItWrote, ()) {
    const std::string text = *any_text();
    std::string json;
    Writer writer{json};
    writer.begin_object();
    writer.name(text);
    writer.text(text);
    writer.end_object();
    Reader reader{json};
    std::string_view name;
    reader.begin_object();
    RC_ASSERT(reader.next_field(name));
    RC_ASSERT(name == text);
    RC_ASSERT(reader.text() == text);
    RC_ASSERT(!reader.next_field(name));
    RC_ASSERT(reader.finish().has_value());
}

RC_GTEST_PROP(Json, ReadsAnyNumberThatItWrote, (std::int64_t integer, double number)) {
    std::string json;
    Writer writer{json};
    writer.begin_array();
    writer.integer(integer);
    writer.number(number);
    writer.end_array();
    Reader reader{json};
    reader.begin_array();
    RC_ASSERT(reader.next_element());
    RC_ASSERT(reader.integer() == integer);
    RC_ASSERT(reader.next_element());
    RC_ASSERT(reader.number() == number);
    RC_ASSERT(!reader.next_element());
    RC_ASSERT(reader.finish().has_value());
}

/// Pieces of JSON in any order: more often right, or nearly right, than any bytes would be.
rc::Gen<std::string> nearly_json() {
    const auto piece = rc::gen::element<std::string>(
        "{", "}", "[", "]", ",", ":", "\"a\"", "\"b\"", "\"\"", "1", "-0.5e3", "true", "false",
        "null", " ", "\n", "\"\\u00e9\"", "\"\\ud83d\\ude00\"", "\"\\", "\"", "\\", "0", "{\"a\":1",
        "[1,2", "{}", "[]", "nul", "\xC3\xA9", "\xFF");
    return rc::gen::map(rc::gen::container<std::vector<std::string>>(piece),
                        [](const auto& pieces) {
                            std::string text;
                            for (const std::string& one : pieces) text += one;
                            return text;
                        });
}

/// What another parser accepts, with duplicate keys refused.
bool is_accepted_elsewhere(const std::string& text) {
    std::vector<std::vector<std::string>> keys;
    bool has_twin = false;
    const auto watch = [&](int, nlohmann::json::parse_event_t event, nlohmann::json& parsed) {
        using Event = nlohmann::json::parse_event_t;
        if (event == Event::object_start) keys.emplace_back();
        if (event == Event::object_end) keys.pop_back();
        if (event == Event::key) {
            for (const std::string& key : keys.back()) has_twin |= key == parsed.get<std::string>();
            keys.back().push_back(parsed.get<std::string>());
        }
        return true;
    };
    return !nlohmann::json::parse(text, watch, false).is_discarded() && !has_twin;
}

RC_GTEST_PROP(Json, AcceptsWhatAnotherParserAccepts, ()) {
    const std::string text = *nearly_json();
    const std::string error = error_of(text);
    RC_ASSERT(error.empty() == is_accepted_elsewhere(text));
}

}  // namespace
}  // namespace tidings::json
