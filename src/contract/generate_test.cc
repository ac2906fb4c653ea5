#include "contract/generate.h"

#include <tidings/contract/event_type.h>
#include <tidings/model/envelope.h>
#include <tidings/model/json.h>
#include <tidings/model/upcast.h>

#include "contract/sample_files.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <contracts/all.h>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>
#include <models/depot_service.h>

namespace tidings::contract {
namespace {

static_assert(Event<::sample::parcel::Accepted> && Event<::sample::depot::v1::Opened> &&
              Event<::sample::depot::Opened>);
static_assert(std::is_same_v<::sample::depot::Opened, ::sample::depot::v2::Opened>);

// A handler of version 1 would not understand what is published today, and does not compile.
static_assert(Newest<::sample::depot::v2::Opened> && !Newest<::sample::depot::v1::Opened>);
static_assert(Superseded<::sample::depot::v1::Opened> && Successor<::sample::depot::v2::Opened>);
static_assert(Newest<::sample::parcel::Accepted> && !Successor<::sample::parcel::Accepted>);

Generated sample_code() {
    return generate_code(sample::contract_files(), sample::model_files(), "sample");
}

// Generated code is reviewed as a diff. TIDINGS_UPDATE_GOLDEN=1 writes it anew.
TEST(Generator, MakesWhatWasReviewed) {
    const Generated generated = sample_code();
    ASSERT_TRUE(generated.problems.empty()) << to_string(generated.problems.front());
    const std::filesystem::path expected = sample::folder() + "/expected";
    const char* update = std::getenv("TIDINGS_UPDATE_GOLDEN");
    for (const auto& [name, text] : generated.files) {
        if (update != nullptr && std::string_view{update} == "1") {
            std::filesystem::create_directories((expected / name).parent_path());
            std::ofstream{expected / name, std::ios::binary} << text;
        }
        EXPECT_EQ(sample::read(expected / name), text) << name;
    }
    EXPECT_EQ(sample::files_below(expected.string()).size(), generated.files.size());
}

TEST(Generator, RefusesTwoTypesOfOneName) {
    std::vector<SourceFile> files = sample::contract_files();
    for (SourceFile& file : files) {
        const std::size_t at = file.path.ends_with("parcel/lost.v1.yaml")
                                   ? file.text.find("{ $ref: '#/$defs/Size' }")
                                   : std::string::npos;
        if (at == std::string::npos) continue;
        file.text.replace(at, 24, "{ type: object, properties: { width: { type: number } } }");
    }
    const Generated generated = generate_code(files, {}, "sample");
    ASSERT_EQ(generated.problems.size(), 1U);
    const std::string problem = to_string(generated.problems[0]);
    EXPECT_NE(problem.find("a type has one definition in a domain: Size"), std::string::npos);
    EXPECT_NE(problem.find("lost.v1.yaml:15:11: error"), std::string::npos) << problem;
    EXPECT_NE(problem.find("parcel/_types.yaml:4"), std::string::npos) << problem;
}

TEST(Generator, RefusesBrokenModels) {
    const auto problem_of = [](const std::string& text) {
        const std::vector<SourceFile> models{{"models/x.yaml", text}};
        const Generated generated = generate_code(sample::contract_files(), models, "sample");
        return generated.problems.empty() ? "" : to_string(generated.problems[0]);
    };
    const std::string begin = "model: Order\nnamespace: order_service\n";
    EXPECT_EQ(problem_of(begin + "fields:\n  id: { type: string }\n"), "");
    EXPECT_EQ(problem_of(begin + "table: orders\nfields:\n  id: { type: string }\n"),
              "models/x.yaml:3:8: error: a table has a key: no key; add key:");
    EXPECT_EQ(
        problem_of(begin + "table: orders\nkey: di\nfields:\n  id: { type: string }\n"),
        "models/x.yaml:4:6: error: a key is a required field, a string or an integer: \"di\"");
    EXPECT_EQ(problem_of(begin),
              "models/x.yaml:1:1: error: a model has fields: none; add fields: "
              "with their schemas");
    EXPECT_NE(problem_of("model: order\n" + begin.substr(13) + "fields:\n  id: { type: string }\n")
                  .find("did you mean Order?"),
              std::string::npos);
    EXPECT_NE(problem_of(begin + "fields:\n  id: { $ref: 'nobody#/$defs/Item' }\n")
                  .find("a domain that has a _types.yaml"),
              std::string::npos);
}

/// The contract of major version `major` of an event that holds an item.
SourceFile box_packed(int major, const std::string& item) {
    return {"contracts/box/packed.v" + std::to_string(major) + ".yaml",
            "event: box.packed\nversion: " + std::to_string(major) +
                ".0.0\nowner: box-service\nconsumers: []\nkey: id\n"
                "summary: s\npublished: p\nexpected: e\ndata:\n  type: object\n"
                "  required: [id, item]\n  properties:\n    id: { type: string }\n    item: " +
                item + "\nexamples:\n  - { id: a, item: { sku: b } }\n"};
}

TEST(Generator, ChainsMajorVersionsAndMakesEachNestedTypeAnewOnlyIfItHasChanged) {
    const std::string item = "{ type: object, properties: { sku: { type: string } } }";
    const std::string longer =
        "{ type: object, properties: { sku: { type: string, maxLength: 9 } } }";
    const std::vector<SourceFile> files{box_packed(1, item), box_packed(2, item),
                                        box_packed(3, longer)};
    const Generated generated = generate_code(files, {}, "sample");
    ASSERT_TRUE(generated.problems.empty()) << to_string(generated.problems.front());
    const std::string header = generated.files.at("contracts/box.h");
    const std::size_t second = header.find("namespace v2 {\n\nusing v1::Item;\n");
    const std::size_t third = header.find("namespace v3 {\n\nstruct Item {");
    EXPECT_NE(second, std::string::npos) << header;
    EXPECT_NE(third, std::string::npos) << header;
    EXPECT_NE(header.find("using Previous = v1::Packed;", second), std::string::npos);
    EXPECT_NE(header.find("using Previous = v2::Packed;", third), std::string::npos);
    EXPECT_NE(header.find("v2::Packed upcast(const Packed& event);"), std::string::npos);
    EXPECT_NE(header.find("v3::Packed upcast(const Packed& event);"), std::string::npos);
    EXPECT_NE(header.find("using v3::Item;\nusing v3::Packed;\n"), std::string::npos);
}

// ---- what was generated

TEST(GeneratedEvent, OfAnOlderMajorVersionIsReadByItsOwnContractAndUpcastToTheNewest) {
    const EventType& old = *::sample::contracts()[0];
    ASSERT_EQ(old.name, ::sample::depot::v1::Opened::name);
    ASSERT_NE(old.upcast, nullptr);
    EXPECT_EQ(old.upcast("{\"number\":7}").value(), "{\"number\":7,\"city\":\"depot 7\"}");
    EXPECT_EQ(old.upcast("{\"number\":0}").error().code, ErrorCode::contract_violation);
    EXPECT_EQ(old.upcast("{\"number\":1000}").error().message.substr(0, 52),
              "depot.opened upcast from version 1 to 2: field /city");
    EXPECT_EQ(::sample::contracts()[1]->upcast, nullptr) << "there is no newer one";

    using ::sample::depot::v2::Opened;
    EXPECT_EQ(read_any_major<Opened>("{\"number\":7}", 1)->city, "depot 7");
    EXPECT_EQ(read_any_major<Opened>("{\"number\":7,\"city\":\"Ulm\"}", 2)->city, "Ulm");
    EXPECT_EQ(read_any_major<Opened>("{}", 3).error().code, ErrorCode::unsupported);
}

::sample::parcel::Accepted parcel() {
    return {.parcel_id = "5f1cbb4e-3f8e-4c2d-9a51-7a0f2f6f1d11",
            .size = {.width = 20, .height = 10},
            .price = Money{490},
            .discount = Money{-100},
            .weight = 1.25,
            .is_fragile = true,
            .is_paid = true,
            .accepted_at = Timestamp{std::chrono::milliseconds{1'800'000'000'123}},
            .due_on = "2028-02-29",
            .labels = {"a", "b"},
            .kind = ::sample::parcel::Kind::express_box,
            .email = "ana@example.com",
            .page = "https://example.com/a?b=c",
            .code = "DE7",
            .stops = {{.city = "K\u00f6ln", .minutes = std::vector<std::int64_t>{1, 2}},
                      {.city = "Bonn"}},
            .holders = std::map<std::string, std::vector<std::optional<std::string>>>{
                {"ana", {"x", std::nullopt}}}};
}

template <class E>
Result<E> parse(const std::string& text) {
    json::Reader reader{text};
    E event;
    static_cast<void>(read_data(reader, event));
    if (auto finished = reader.finish(); !finished) return std::move(finished).error();
    return event;
}

TEST(GeneratedEvent, IsReadAsItWasWritten) {
    const auto event = parcel();
    ASSERT_TRUE(validate(event)) << validate(event).error().message;
    const auto again = parse<::sample::parcel::Accepted>(to_text(event));
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(*again, event);
    EXPECT_EQ(key_of(event), event.parcel_id);
}

TEST(GeneratedEvent, HasItsDefaults) {
    const ::sample::parcel::Accepted event;
    EXPECT_EQ(event.tip, Money{50});
    EXPECT_EQ(event.kind, ::sample::parcel::Kind::letter);
    EXPECT_EQ(event.lane, 2);
    EXPECT_EQ(event.via, "counter");
    EXPECT_EQ(event.note, "none \"yet\"");
    EXPECT_FALSE(event.discount);
}

struct Broken {
    std::function<void(::sample::parcel::Accepted&)> change;
    const char* message;
};

std::vector<Broken> broken_parcels() {
    using E = ::sample::parcel::Accepted;
    return {
        {[](E& e) { e.parcel_id = "x"; }, "field /parcelId: must be a UUID, is \"x\""},
        {[](E& e) { e.size.width = 301; }, "field /size/width: must be at most 300, is 301"},
        {[](E& e) { e.size.height = 0; }, "field /size/height: must be at least 1, is 0"},
        {[](E& e) { e.price = Money{-1}; }, "field /price: must not be negative, is \"-0.01\""},
        {[](E& e) { e.tip = Money{100'000}; },
         "field /tip: must match ^-?[0-9]{1,3}\\.[0-9]{2}$, is \"1000.00\""},
        {[](E& e) { e.weight = 0; }, "field /weight: must be above 0, is 0"},
        {[](E& e) { e.weight = 31.6; }, "field /weight: must be at most 31.5, is 31.6"},
        {[](E& e) { e.is_paid = false; }, "field /isPaid: must be true, is false"},
        {[](E& e) { e.due_on = "2026-02-29"; },
         "field /dueOn: must be a day such as 2026-11-23, is \"2026-02-29\""},
        {[](E& e) {
             e.labels = {"a", "b", "c", "d", "e"};
         },
         "field /labels: must have at most 4 items"},
        {[](E& e) {
             e.labels = {"a", ""};
         },
         "field /labels/1: must have at least 1 characters, is \"\""},
        {[](E& e) { e.via = "web"; }, "field /via: must be counter, is \"web\""},
        {[](E& e) { e.lane = 4; }, "field /lane: must be one of 1, 2, 3, is 4"},
        {[](E& e) { e.email = "nobody"; }, "field /email: must be an email address, is \"nobody\""},
        {[](E& e) { e.page = "no uri"; },
         "field /page: must be a URI with its scheme, is \"no uri\""},
        {[](E& e) { e.code = "de7"; }, "field /code: must match ^[A-Z]{2}[0-9]+$, is \"de7\""},
        {[](E& e) { e.stops[1].city = ""; },
         "field /stops/1/city: must have at least 1 characters"},
        {[](E& e) { e.stops[0].minutes->at(1) = -1; },
         "field /stops/0/minutes/1: must be at least 0, is -1"}};
}

TEST(GeneratedEvent, NamesFieldValueAndRuleInEachDirection) {
    for (const Broken& broken : broken_parcels()) {
        auto event = parcel();
        broken.change(event);
        const auto written = validate(event);
        ASSERT_FALSE(written) << broken.message;
        EXPECT_EQ(written.error().message.find(broken.message), 0U) << written.error().message;
        const auto read = parse<::sample::parcel::Accepted>(to_text(event));
        ASSERT_FALSE(read) << broken.message;
        EXPECT_EQ(read.error().message, written.error().message);
    }
}

TEST(GeneratedEvent, RefusesToWriteWhatIsNoText) {
    auto event = parcel();
    event.note = "\xFF";
    EXPECT_EQ(validate(event).error().message, "field /note: must be UTF-8, is \"\\xff\"");
    event = parcel();
    event.labels = {"a", "a"};
    EXPECT_EQ(validate(event).error().message,
              "field /labels: must have each item once, has \"a\" twice");
    event = parcel();
    event.weight = std::numeric_limits<double>::quiet_NaN();
    EXPECT_FALSE(validate(event));
    event = parcel();
    event.kind = static_cast<::sample::parcel::Kind>(9);
    EXPECT_FALSE(validate(event));
}

TEST(GeneratedEvent, ToleratesUnknownFieldsUnlessClosed) {
    using ::sample::parcel::Lost;
    const std::string id = R"("parcelId":"5f1cbb4e-3f8e-4c2d-9a51-7a0f2f6f1d11")";
    EXPECT_TRUE(parse<Lost>("{" + id + R"(,"new":{"a":[1]}})"));
    EXPECT_EQ(
        parse<Lost>("{" + id + R"(,"size":{"width":1,"height":1,"depth":1}})").error().message,
        "field /size/depth: must not be there: the contract knows no such field, is 1");
    EXPECT_EQ(parse<Lost>("{}").error().message, "field /parcelId: is missing");
    EXPECT_EQ(parse<Lost>("{" + id + R"(,"name":7})").error().message,
              "field /name: must be a string, is 7");
}

TEST(GeneratedEvent, IsReadInOnePassWithItsEnvelope) {
    const auto error_of = [](const std::string& data) {
        const std::string text =
            R"({"id":"0b0f6a5e-6c1f-4c5e-9c5b-3d2a1e0f9b8a","type":"parcel.lost",)"
            R"("source":"parcel-service","dataVersion":"1.0.0","timestamp":"2026-11-23T10:00:00Z",)"
            R"("data":)" +
            data + R"(,"correlationId":"flow-1"})";
        ::sample::parcel::Lost event;
        const auto envelope = parse_envelope(
            text, {}, [&](json::Reader& reader) { static_cast<void>(read_data(reader, event)); });
        return envelope ? "" : envelope.error().message;
    };
    const std::string id = R"("parcelId":"5f1cbb4e-3f8e-4c2d-9a51-7a0f2f6f1d11")";
    EXPECT_EQ(error_of("{" + id + "}"), "");
    EXPECT_EQ(error_of("{}"), "field /data/parcelId: is missing");
    EXPECT_EQ(error_of(R"({"parcelId":"x"})"), "field /data/parcelId: must be a UUID, is \"x\"");
    EXPECT_EQ(error_of("{" + id + R"(,"size":{"width":0,"height":1}})"),
              "field /data/size/width: must be at least 1, is 0");
}

TEST(GeneratedEvent, IsKnownByItsTypeAtRunTime) {
    const auto types = ::sample::contracts();
    ASSERT_EQ(types.size(), 5U);
    const EventType& accepted = *types[2];
    EXPECT_EQ(accepted.name, (EventName{"parcel.accepted", 1}));
    EXPECT_EQ(accepted.owner, "parcel-service");
    EXPECT_EQ(accepted.key, "parcelId");
    EXPECT_EQ(accepted.consumers.size(), 2U);
    EXPECT_TRUE(accepted.check(to_text(parcel())));
    EXPECT_EQ(*accepted.key_of(to_text(parcel())), parcel().parcel_id);
    EXPECT_FALSE(accepted.check("{}"));
    EXPECT_FALSE(accepted.check(to_text(parcel()) + "x"));
    EXPECT_EQ(*types[1]->key_of(R"({"number":7,"city":"Bonn"})"), "7");
}

TEST(GeneratedEvent, CarriesItsContracts) {
    const auto set = parse_bundle(::sample::contracts_json());
    ASSERT_TRUE(set) << set.error().message;
    EXPECT_EQ(set->contracts.size(), ::sample::contracts().size());
}

/// Data that is right, or wrong in one place, or garbage.
rc::Gen<std::string> data_text() {
    return rc::gen::exec([] {
        std::string text = to_text(parcel());
        const int changes = *rc::gen::inRange(0, 3);
        for (int i = 0; i < changes; ++i) {
            const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
            const auto with = *rc::gen::element<std::string>(
                "0", "-", "\"", "null", "", "x", "}", "[", "1.5", "9", "a@b", "true", "\\u0000");
            text.replace(at, *rc::gen::inRange<std::size_t>(0, 3), with);
        }
        return text;
    });
}

// Two readings of one contract, the generated one and the runtime's, that know nothing of each
// other.
RC_GTEST_PROP(GeneratedEvent, AgreesWithTheSchema, ()) {
    static const auto set = load_contracts(sample::contract_files());
    const std::string text = *data_text();
    const Schema& schema = set->find("parcel.accepted", 1)->data;
    RC_ASSERT(schema.check(text).has_value() == ::sample::contracts()[2]->check(text).has_value());
}

// ---- rows

/// A row that holds what was written.
class FakeCursor final : public Cursor {
public:
    explicit FakeCursor(const std::vector<Value>& row) : row_(row) {}
    bool step() override { return true; }
    void reset() noexcept override {}
    int columns() const noexcept override { return static_cast<int>(row_.size()); }
    bool is_null(int column) const override {
        return std::holds_alternative<std::nullptr_t>(at(column));
    }
    std::int64_t integer(int column) const override { return std::get<std::int64_t>(at(column)); }
    double real(int column) const override { return std::get<double>(at(column)); }
    std::string_view text(int column) const override {
        return std::get<std::string_view>(at(column));
    }

private:
    const Value& at(int column) const { return row_[static_cast<std::size_t>(column)]; }
    const std::vector<Value>& row_;
};

::sample::depot_service::Shipment shipment() {
    return {.id = "5f1cbb4e-3f8e-4c2d-9a51-7a0f2f6f1d11",
            .state = ::sample::depot_service::State::on_tour,
            .size = {.width = 2, .height = 3},
            .cost = Money{1230},
            .created_at = Timestamp{std::chrono::milliseconds{5}},
            .is_urgent = true,
            .weight = 1.5,
            .tries = 3,
            .outcome = ::sample::depot_service::Outcome::kept,
            .notes = {"a", "b"},
            .route = ::sample::depot_service::Route{.depots = {1, 2}}};
}

TEST(GeneratedModel, IsReadFromTheRowThatItWrote) {
    using ::sample::depot_service::Shipment;
    for (const Shipment& value : {shipment(), Shipment{}}) {
        std::vector<Value> row;
        std::deque<std::string> texts;
        to_row(value, row, texts);
        ASSERT_EQ(row.size(), Shipment::columns.size());
        const FakeCursor cursor{row};
        EXPECT_EQ(Shipment::from_row(Row{cursor}), value);
    }
}

TEST(GeneratedModel, UsesColumnsThatADatabaseUnderstands) {
    std::vector<Value> row;
    std::deque<std::string> texts;
    const auto value = shipment();
    to_row(value, row, texts);
    EXPECT_EQ(std::get<std::string_view>(row[1]), "on_tour");
    EXPECT_EQ(std::get<std::string_view>(row[2]), R"({"width":2,"height":3})");
    EXPECT_EQ(std::get<std::int64_t>(row[3]), 1230);
    EXPECT_EQ(std::get<std::int64_t>(row[4]), 5);
    EXPECT_EQ(std::get<std::int64_t>(row[5]), 1);
    EXPECT_TRUE(std::holds_alternative<std::nullptr_t>(row[8]));
    EXPECT_EQ(std::get<std::string_view>(row[10]), R"(["a","b"])");
}

TEST(GeneratedModel, KnowsTheColumnOfAMember) {
    using ::sample::depot_service::Shipment;
    EXPECT_EQ(Shipment::table, "shipments");
    EXPECT_EQ(Shipment::key_column, "id");
    EXPECT_EQ(column_of(&Shipment::created_at), "created_at");
    EXPECT_EQ(column_of(&Shipment::is_urgent), "is_urgent");
    EXPECT_EQ(column_of(&Shipment::route), "route");
}

TEST(GeneratedModel, RefusesARowThatIsNotItsOwn) {
    using ::sample::depot_service::Shipment;
    for (const std::size_t column : {1U, 2U, 9U, 11U}) {
        std::vector<Value> row;
        std::deque<std::string> texts;
        const auto value = shipment();
        to_row(value, row, texts);
        row[column] = std::string_view{"{\"broken\":"};
        const FakeCursor cursor{row};
        try {
            static_cast<void>(Shipment::from_row(Row{cursor}));
            FAIL() << column;
        } catch (const Failure& failure) {
            EXPECT_EQ(failure.error().code, ErrorCode::corruption);
            EXPECT_NE(failure.error().message.find("shipments"), std::string::npos);
        }
    }
}

}  // namespace
}  // namespace tidings::contract
