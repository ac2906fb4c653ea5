// Generated code writes into the caller's buffer and reads straight into the struct: counted here,
// by the operators that this whole test program allocates with.
#include <tidings/model/json.h>

#include <gtest/gtest.h>

#include <contracts/depot.h>
#include <contracts/parcel.h>
#include <cstdlib>
#include <new>

namespace {

std::size_t allocations = 0;

}  // namespace

void* operator new(std::size_t bytes) {
    ++allocations;
    if (void* memory = std::malloc(bytes > 0 ? bytes : 1)) return memory;
    throw std::bad_alloc{};
}
// What a sort allocates by; all that is given back below has to come from here.
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
    ++allocations;
    return std::malloc(bytes > 0 ? bytes : 1);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace tidings::contract {
namespace {

::sample::parcel::Accepted parcel() {
    return {.parcel_id = "5f1cbb4e-3f8e-4c2d-9a51-7a0f2f6f1d11",
            .size = {.width = 20, .height = 10},
            .price = Money{490},
            .weight = 1.25,
            .accepted_at = Timestamp{std::chrono::milliseconds{1'800'000'000'123}},
            .labels = {"a label", "one that is too long for a small string\n"},
            .kind = ::sample::parcel::Kind::express_box,
            .stops = {{.city = "K\u00f6ln", .minutes = std::vector<std::int64_t>{1, 2}}},
            .holders = std::map<std::string, std::vector<std::optional<std::string>>>{
                {"ana", {"x", std::nullopt}}}};
}

::sample::parcel::Paid payment() {
    return {.parcel_id = "5f1cbb4e-3f8e-4c2d-9a51-7a0f2f6f1d11",
            .method = ::sample::parcel::BankTransfer{.iban = "DE1234"},
            .place = {.latitude = 50.9, .longitude = 7},
            .rate = 19,
            .terms = {{.days = 14, .additional_properties = {{"note", "now"}}}}};
}

template <class E>
std::size_t allocations_of_writing(const E& event, std::string& buffer) {
    buffer.clear();
    json::Writer writer{buffer};
    const std::size_t before = allocations;
    write_data(writer, event);
    return allocations - before;
}

TEST(GeneratedWriter, AllocatesNothingBeyondTheBuffer) {
    std::string buffer;
    const std::size_t before = allocations;
    buffer.reserve(4096);
    ASSERT_EQ(allocations - before, 1U);  // What counts does count.
    EXPECT_EQ(allocations_of_writing(parcel(), buffer), 0U);
    EXPECT_EQ(buffer, to_text(parcel()));
    EXPECT_EQ(allocations_of_writing(payment(), buffer), 0U);
    EXPECT_EQ(buffer, to_text(payment()));
}

TEST(GeneratedReader, AllocatesOnlyWhatTheStructHolds) {
    const std::string text = R"({"number":7,"city":"Bonn","new":{"deep":[1,2,{"a":"b"}]}})";
    const auto read = [&] {
        json::Reader reader{text};
        ::sample::depot::v1::Opened event;
        const std::size_t before = allocations;
        const bool is_right = read_data(reader, event).has_value();
        EXPECT_TRUE(is_right && reader.finish());
        return allocations - before;
    };
    read();  // Memory of parsers is kept by thread, from the first document on.
    EXPECT_EQ(read(), 0U);
}

}  // namespace
}  // namespace tidings::contract
