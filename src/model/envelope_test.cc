#include <tidings/model/envelope.h>
#include <tidings/model/json.h>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

namespace tidings {
namespace {

const std::string valid =
    R"({"id":"0b0f6a5e-6c1f-4c5e-9c5b-3d2a1e0f9b8a","type":"order.created",)"
    R"("source":"order-service","dataVersion":"1.2.0","timestamp":"2026-11-23T10:00:00.123Z",)"
    R"("correlationId":"flow-1","data":{"a":[1,{"b":"c"}]}})";

std::string with(std::string_view what, std::string_view replacement) {
    std::string text = valid;
    const std::size_t at = text.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    return text.replace(at, what.size(), replacement);
}

std::string error_of(std::string_view text) {
    const auto parsed = parse_envelope(text);
    return parsed ? "" : parsed.error().message;
}

TEST(Envelope, HasTheSevenFieldsOfTheStandard) {
    const auto envelope = parse_envelope(valid);
    ASSERT_TRUE(envelope) << envelope.error().message;
    EXPECT_EQ(to_string(envelope->id), "0b0f6a5e-6c1f-4c5e-9c5b-3d2a1e0f9b8a");
    EXPECT_EQ(envelope->type, "order.created");
    EXPECT_EQ(envelope->source, "order-service");
    EXPECT_EQ(envelope->data_version, (SchemaVersion{1, 2, 0}));
    EXPECT_EQ(to_string(envelope->timestamp), "2026-11-23T10:00:00.123Z");
    EXPECT_EQ(envelope->correlation_id, "flow-1");
    EXPECT_EQ(envelope->data, R"({"a":[1,{"b":"c"}]})");
    std::string written;
    write_envelope(*envelope, written);
    EXPECT_EQ(written, valid);
}

TEST(Envelope, NamesFieldValueAndRule) {
    EXPECT_EQ(error_of(with("0b0f6a5e-6c1f-4c5e", "0b0f6a5e-6c1f-1c5e")),
              "field /id: must be a UUID version 4, is \"0b0f6a5e-6c1f-1c5e-9c5b-3d2a1e0f9b8a\"");
    EXPECT_EQ(error_of(with("-9c5b-", "-1c5b-")),
              "field /id: must be a UUID version 4, is \"0b0f6a5e-6c1f-4c5e-1c5b-3d2a1e0f9b8a\"");
    EXPECT_EQ(error_of(with("order.created", "Order")),
              "field /type: must be domain.event_name in snake case, at most 128 characters, is "
              "\"Order\"");
    EXPECT_EQ(error_of(with("order-service", "../etc")),
              "field /source: must be the name of a service (a-z, 0-9 and -, at most 128 "
              "characters), is \"../etc\"");
    EXPECT_EQ(error_of(with("1.2.0", "1.2")),
              "field /dataVersion: must be a semantic version such as 1.0.0, is \"1.2\"");
    EXPECT_EQ(error_of(with("T10:", "T25:")),
              "field /timestamp: must be a time by RFC 3339, is \"2026-11-23T25:00:00.123Z\"");
    EXPECT_EQ(error_of(with("flow-1", "a\\nb")),
              "field /correlationId: must be 1 to 128 printable characters, is \"a\\nb\"");
    EXPECT_EQ(error_of(with("flow-1", "")),
              "field /correlationId: must be 1 to 128 printable characters, is \"\"");
    EXPECT_EQ(error_of(with("{\"a\":[1,{\"b\":\"c\"}]}", "[1]")),
              "field /data: must be an object, is [1]");
    EXPECT_EQ(error_of(with("\"flow-1\"", "7")), "field /correlationId: must be a string, is 7");
}

TEST(Envelope, LacksNothingAndRepeatsNothing) {
    for (const char* name :
         {"id", "type", "source", "dataVersion", "timestamp", "correlationId", "data"}) {
        const std::string quoted = "\"" + std::string{name} + "\"";
        EXPECT_EQ(error_of(with(quoted, "\"other\"")),
                  "field /" + std::string{name} + ": is missing");
        EXPECT_EQ(error_of(with("{", "{" + quoted + ":null,")).find("field /" + std::string{name}),
                  0U);
    }
    EXPECT_EQ(error_of(with("\"source\"", "\"type\"")), "field /type: must not be there twice");
}

TEST(Envelope, LetsUnknownFieldsPassButReadsThem) {
    EXPECT_EQ(error_of(with("{", R"({"new":{"deep":[1,"x"]},)")), "");
    EXPECT_NE(error_of(with("{", R"({"new":{"deep":[1,x]},)")), "");
    EXPECT_EQ(error_of(with("{", R"({"new":{"a":1,"a":2},)")),
              "field /new/a: must not be there twice");
}

TEST(Envelope, HoldsToItsLimits) {
    EnvelopeLimits limits;
    limits.bytes_max = valid.size();
    EXPECT_TRUE(parse_envelope(valid, limits));
    limits.bytes_max = valid.size() - 1;
    EXPECT_EQ(parse_envelope(valid, limits).error().code, ErrorCode::limit_exceeded);
    limits = {};
    limits.depth_max = 4;
    EXPECT_TRUE(parse_envelope(valid, limits));
    limits.depth_max = 3;
    EXPECT_EQ(parse_envelope(valid, limits).error().code, ErrorCode::limit_exceeded);
}

TEST(Envelope, HandsItsDataToATypedReader) {
    std::int64_t number = 0;
    const auto read = [&](json::Reader& reader) {
        std::string_view name;
        reader.begin_object();
        while (reader.next_field(name)) {
            number = reader.integer();
            if (number < 1) reader.fail("must be at least 1");
        }
    };
    const std::string data = R"({"a":[1,{"b":"c"}]})";
    const auto envelope = parse_envelope(with(data, R"({"n":7})"), {}, read);
    ASSERT_TRUE(envelope) << envelope.error().message;
    EXPECT_EQ(number, 7);
    EXPECT_EQ(envelope->data, "");
    EXPECT_EQ(parse_envelope(with(data, R"({"n":0})"), {}, read).error().message,
              "field /data/n: must be at least 1, is 0");
    const auto ignore = [](json::Reader&) {};
    EXPECT_TRUE(parse_envelope(valid, {}, ignore));
}

TEST(Envelope, WritesItsDataFromAWriter) {
    const auto envelope = parse_envelope(valid);
    std::string written;
    write_envelope(
        *envelope,
        [](json::Writer& writer) {
            writer.begin_object();
            writer.name("n");
            writer.integer(7);
            writer.end_object();
        },
        written);
    EXPECT_EQ(written, with(R"({"a":[1,{"b":"c"}]})", R"({"n":7})"));
}

TEST(Envelope, IsCheckedBeforeItIsWritten) {
    const Envelope right = *parse_envelope(valid);
    EXPECT_TRUE(validate(right));
    Envelope wrong = right;
    wrong.id = {};
    EXPECT_EQ(validate(wrong).error().message.find("field /id: must be a UUID version 4"), 0U);
    wrong = right;
    wrong.type = "order";
    EXPECT_FALSE(validate(wrong));
    wrong = right;
    wrong.source = std::string(129, 'a');
    EXPECT_FALSE(validate(wrong));
    wrong = right;
    wrong.data_version.patch = -1;
    EXPECT_FALSE(validate(wrong));
    wrong = right;
    wrong.correlation_id = "\xFF";
    EXPECT_FALSE(validate(wrong));
}

// ---- names and versions

TEST(EventName, IsDomainAndFactInSnakeCase) {
    for (const char* name : {"order.created", "a.b", "order2.ready_for_shipping"}) {
        EXPECT_TRUE(check_event_name(name)) << name;
    }
    for (const std::string& name :
         {std::string{""}, std::string{"order"}, std::string{"order."}, std::string{".created"},
          std::string{"Order.created"}, std::string{"order.created.v1"}, std::string{"../x.y"},
          std::string{"order .created"}, std::string{"2order.created"}, std::string{"order.*"},
          std::string{"order.cre\0ated", 13}, std::string{"ordér.created"},
          "a." + std::string(127, 'b')}) {
        EXPECT_FALSE(check_event_name(name)) << name;
    }
    EXPECT_EQ((EventName{"order.created", 1}.domain()), "order");
}

TEST(SchemaVersion, IsThreeNumbers) {
    EXPECT_EQ(*SchemaVersion::parse("0.10.2"), (SchemaVersion{0, 10, 2}));
    for (const char* text : {"", "1", "1.0", "1.0.0.0", "1.0.0-a", "01.0.0", "-1.0.0", "1..0",
                             " 1.0.0", "1.0.99999999999", "1.0.x"}) {
        EXPECT_FALSE(SchemaVersion::parse(text)) << text;
    }
    EXPECT_LT((SchemaVersion{1, 9, 0}), (SchemaVersion{1, 10, 0}));
    EXPECT_EQ(to_string(SchemaVersion{1, 2, 3}), "1.2.3");
}

// ---- properties

rc::Gen<std::string> word(const std::string& first, const std::string& rest) {
    const auto letters = [](const std::string& from) {
        return rc::gen::elementOf(std::vector<char>(from.begin(), from.end()));
    };
    return rc::gen::map(
        rc::gen::pair(letters(first), rc::gen::container<std::string>(letters(rest))),
        [](const auto& parts) { return parts.first + parts.second.substr(0, 60); });
}

Envelope any_envelope() {
    const std::string lower = "abcxyz";
    Envelope envelope;
    envelope.id = Uuid::version4(*rc::gen::arbitrary<std::array<std::uint8_t, 16>>());
    envelope.type = *word(lower, lower + "09_") + "." + *word(lower, lower + "09_");
    envelope.source = *word(lower, lower + "09-");
    const auto number = rc::gen::inRange(0, 2'000'000'000);
    envelope.data_version = {*number, *number, *number};
    const auto ms = *rc::gen::inRange<std::int64_t>(-62'000'000'000'000, 253'000'000'000'000);
    envelope.timestamp = Timestamp{std::chrono::milliseconds{ms}};
    envelope.correlation_id = *word(" ~\"\\/aé", " ~\"\\/{}[]:,09az");
    json::Writer writer{envelope.data};
    writer.begin_object();
    writer.name(*rc::gen::container<std::string>(rc::gen::inRange<char>(0, 127)));
    writer.text(*rc::gen::container<std::string>(rc::gen::inRange<char>(0, 127)));
    writer.end_object();
    return envelope;
}

RC_GTEST_PROP(EnvelopeProperty, IsReadAsItWasWritten, ()) {
    Envelope envelope = any_envelope();
    RC_PRE(validate(envelope).has_value());
    std::string text;
    write_envelope(envelope, text);
    const auto again = parse_envelope(text);
    RC_ASSERT(again.has_value());
    RC_ASSERT(*again == envelope);
}

bool is_proper(const Error& error) {
    const std::string& message = error.message;
    const bool names_place =
        message.rfind("field /", 0) == 0 || message.rfind("document: ", 0) == 0;
    const bool is_one_line = message.find_first_of("\n\r\x1b") == std::string::npos;
    const bool has_code =
        error.code == ErrorCode::contract_violation || error.code == ErrorCode::limit_exceeded;
    return names_place && is_one_line && has_code && message.size() < 2000;
}

RC_GTEST_PROP(EnvelopeProperty, AnyBytesParseOrGiveAProperError, (const std::string& bytes)) {
    const auto parsed = parse_envelope(bytes);
    if (!parsed) RC_ASSERT(is_proper(parsed.error()));
}

RC_GTEST_PROP(EnvelopeProperty, ADamagedEnvelopeParsesOrGivesAProperError, ()) {
    std::string text = valid;
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
    text.replace(at, *rc::gen::inRange<std::size_t>(0, 4), *rc::gen::arbitrary<std::string>());
    const auto parsed = parse_envelope(text);
    if (!parsed) {
        RC_ASSERT(is_proper(parsed.error()));
    } else {
        std::string again;
        write_envelope(*parsed, again);
        const auto second = parse_envelope(again);
        RC_ASSERT(second.has_value());
        RC_ASSERT(*second == *parsed);
    }
}

}  // namespace
}  // namespace tidings
