// oneOf, prefixItems, and what stands beside an object's properties, as generated code has them.
#include <tidings/model/json.h>

#include <gtest/gtest.h>

#include <contracts/parcel.h>
#include <limits>
#include <variant>

namespace tidings::contract {
namespace {

using ::sample::parcel::BankTransfer;
using ::sample::parcel::Card;
using ::sample::parcel::Cash;
using ::sample::parcel::Mood;
using ::sample::parcel::Paid;

Paid payment() {
    return {
        .parcel_id = "5f1cbb4e-3f8e-4c2d-9a51-7a0f2f6f1d11",
        .method = BankTransfer{.iban = "DE1234"},
        .tries = {{Card{.last_four = "4242"}, Cash{}}},
        .place = {.latitude = 50.9, .longitude = 7},
        .span = {{.item_0 = 3, .item_1 = ::sample::parcel::Item1::day}},
        .rate = 19,
        .factor = 1.5,
        .mood = Mood::good,
        .lane = 7,
        .terms = {{.days = 14, .additional_properties = {{"note", "now"}, {"x", std::nullopt}}}}};
}

constexpr const char* payment_json =
    R"({"parcelId":"5f1cbb4e-3f8e-4c2d-9a51-7a0f2f6f1d11",)"
    R"("method":{"kind":"BANK transfer","iban":"DE1234"},"refund":null,)"
    R"("tries":[{"lastFour":"4242","kind":"card"},{"kind":"cash"}],"place":[50.9,7],)"
    R"("span":[3,"day"],"rate":19,"factor":1.5,"mood":"good","lane":7,)"
    R"("terms":{"days":14,"note":"now","x":null}})";

Result<Paid> parse(const std::string& text) {
    json::Reader reader{text};
    Paid event;
    static_cast<void>(read_data(reader, event));
    if (auto finished = reader.finish(); !finished) return std::move(finished).error();
    return event;
}

/// The payment's JSON with one part of it exchanged.
std::string with(std::string_view what, std::string_view other) {
    std::string text = payment_json;
    const std::size_t at = text.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    return text.replace(at, what.size(), other);
}

std::string error_with(std::string_view what, std::string_view other) {
    const auto read = parse(with(what, other));
    return read ? "" : read.error().message;
}

TEST(GeneratedShapes, AreWrittenAndReadAgain) {
    ASSERT_TRUE(validate(payment())) << validate(payment()).error().message;
    EXPECT_EQ(to_text(payment()), payment_json);
    const auto again = parse(payment_json);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(*again, payment());
}

TEST(GeneratedVariant, IsReadByItsKindWhereverThatStands) {
    const auto read = parse(with(R"({"kind":"BANK transfer","iban":"DE1234"})",
                                 R"({"lastFour":"1234","new":{"kind":"cash"},"kind":"card"})"));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(std::get<Card>(read->method).last_four, "1234");
    EXPECT_EQ(std::get<Card>(read->method).kind, "card");
}

TEST(GeneratedVariant, NamesTheKindsThatThereAre) {
    EXPECT_EQ(error_with(R"("kind":"BANK transfer")", R"("kind":"cheque")"),
              "field /method/kind: must be one of card, BANK transfer, cash, is \"cheque\"");
    EXPECT_EQ(error_with(R"("kind":"BANK transfer")", R"("kind":7)"),
              "field /method/kind: must be a string, is 7");
    EXPECT_EQ(error_with(R"("kind":"BANK transfer",)", ""), "field /method/kind: is missing");
    EXPECT_EQ(error_with(R"({"kind":"cash"})", "7"), "field /tries/1: must be an object, is 7");
}

TEST(GeneratedVariant, KeepsTheRulesOfItsKind) {
    EXPECT_EQ(error_with(R"("lastFour":"4242")", R"("lastFour":"424")"),
              "field /tries/0/lastFour: must have at least 4 characters, is \"424\"");
    EXPECT_EQ(error_with(R"({"kind":"cash"})", R"({"kind":"cash","voucher":"x"})"),
              "field /tries/1/voucher: must not be there: the contract knows no such field, is "
              "\"x\"");
    auto event = payment();
    std::get<BankTransfer>(event.method).kind = "card";
    EXPECT_EQ(validate(event).error().message,
              "field /method/kind: must be BANK transfer, is \"card\"");
}

TEST(GeneratedPositions, AreAllThereAndKeepTheirRules) {
    EXPECT_EQ(error_with("[50.9,7]", "[50.9]"),
              "field /place: must have at least 2 items, is [50.9]");
    EXPECT_EQ(error_with("[50.9,7]", "[50.9,7,0]"),
              "field /place/2: must not be there: the contract has no such position, is 0");
    EXPECT_EQ(error_with("[50.9,7]", "[50.9,181]"), "field /place/1: must be at most 180, is 181");
    EXPECT_EQ(error_with("[50.9,7]", "{}"), "field /place: must be an array, is {}");
    EXPECT_EQ(error_with(R"([3,"day"])", R"([3,"day",{"later":[]}])"), "");
    EXPECT_FALSE(parse(with(R"([3,"day"])", "[3,null]"))->span->item_1);
    auto event = payment();
    event.span->item_0 = -1;
    EXPECT_EQ(validate(event).error().message, "field /span/0: must be at least 0, is -1");
}

TEST(GeneratedOpenObject, KeepsTheSchemaOfItsOtherFields) {
    EXPECT_EQ(error_with(R"("note":"now")", R"("note":"too long to say")"),
              "field /terms/note: must have at most 8 characters, is \"too long to say\"");
    EXPECT_EQ(error_with(R"("note":"now")", R"("note":7)"),
              "field /terms/note: must be a string, is 7");
    auto event = payment();
    event.terms->additional_properties["days"] = "7";
    EXPECT_EQ(validate(event).error().message,
              "field /terms/days: must not be there: a property has this name");
    event = payment();
    event.terms->additional_properties["\xFF"] = "7";
    EXPECT_FALSE(validate(event));
}

TEST(GeneratedNumber, IsOneOfThoseThatAreListed) {
    EXPECT_EQ(error_with(R"("rate":19)", R"("rate":19.0)"), "");
    EXPECT_EQ(error_with(R"("rate":19)", R"("rate":1.9e1)"), "");
    EXPECT_EQ(error_with(R"("rate":19)", R"("rate":18)"),
              "field /rate: must be one of 0, 7.5, 19, is 18");
    EXPECT_EQ(error_with(R"("factor":1.5)", R"("factor":1)"),
              "field /factor: must be one of 1.5, is 1");
    EXPECT_EQ(error_with(R"("lane":7)", R"("lane":null)"), "");
    EXPECT_EQ(error_with(R"("lane":7)", R"("lane":8)"), "field /lane: must be one of 7, is 8");
}

}  // namespace
}  // namespace tidings::contract
