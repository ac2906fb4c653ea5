#include <tidings/broker/record_headers.h>
#include <tidings/sim/random.h>

#include <gtest/gtest.h>

#include <limits>

namespace tidings {
namespace {

EventHeaders example() {
    EventHeaders headers;
    headers.type = "order.created";
    headers.key = "o-42";
    headers.source = "order-service";
    headers.epoch = Uuid::version4({1, 2, 3, 4});
    headers.sequence = Sequence{300};
    headers.causation_id = "cause";
    headers.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    return headers;
}

std::string stored(const EventHeaders& headers) {
    std::string bytes;
    write_record_headers(headers, bytes);
    EXPECT_EQ(bytes.size(), record_headers_bytes(headers));
    return bytes;
}

TEST(RecordHeaders, ComeBackAsTheyWere) {
    EXPECT_EQ(read_record_headers(stored(example())).value(), example());
    EXPECT_EQ(read_record_headers(stored(EventHeaders{})).value(), EventHeaders{});
    EventHeaders downcast = example();
    downcast.downcast = 2;
    downcast.downcasts_left = 1;
    EXPECT_EQ(read_record_headers(stored(downcast)).value(), downcast);
}

TEST(RecordHeaders, KeepEverySequenceAndAnyText) {
    sim::Random random{1};
    for (int i = 0; i < 2'000; ++i) {
        EventHeaders headers = example();
        const int bits = static_cast<int>(random.below(63)) + 1;
        headers.sequence = Sequence{static_cast<std::int64_t>(random.next() >> (64 - bits))};
        for (std::string* text : {&headers.type, &headers.key, &headers.source,
                                  &headers.causation_id, &headers.traceparent}) {
            text->clear();
            const std::uint64_t bytes = random.below(300);
            for (std::uint64_t at = 0; at < bytes; ++at) {
                text->push_back(static_cast<char>(random.below(256)));
            }
        }
        const std::string bytes = stored(headers);
        ASSERT_EQ(read_record_headers(bytes).value(), headers);
        ASSERT_EQ(peek_record_type(bytes), headers.type);
    }
}

TEST(RecordHeaders, KeepTheirForm) {  // The bytes are persistent; see docs/internals/log.md.
    EventHeaders headers;
    headers.type = "a.b";
    headers.key = "k";
    headers.sequence = Sequence{300};
    EXPECT_EQ(stored(headers), std::string("\x01\x00\x03"
                                           "a.b\xac\x02\x01k\x00\x00\x00",
                                           13));
}

TEST(RecordHeaders, RefuseWhatIsCutAnywhere) {
    const std::string bytes = stored(example());
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        const auto read = read_record_headers(std::string_view{bytes}.substr(0, size));
        ASSERT_FALSE(read) << size;
        EXPECT_EQ(read.error().code, ErrorCode::corruption);
    }
    EXPECT_FALSE(read_record_headers(bytes + "x"));
}

TEST(RecordHeaders, RefuseANewerForm) {
    std::string bytes = stored(example());
    bytes[0] = 2;
    EXPECT_EQ(read_record_headers(bytes).error().code, ErrorCode::unsupported);
    EXPECT_EQ(peek_record_type(bytes), std::nullopt);
}

TEST(RecordHeaders, ReadAnyBytesOrSayThatTheyCannot) {
    sim::Random random{2};
    const std::string valid = stored(example());
    for (int i = 0; i < 20'000; ++i) {
        std::string bytes = valid;
        for (std::uint64_t flips = random.below(5); flips > 0; --flips) {
            bytes[random.below(bytes.size())] = static_cast<char>(random.below(256));
        }
        if (random.chance(0.3)) bytes.resize(random.below(bytes.size() + 1));
        const auto read = read_record_headers(bytes);
        if (!read) continue;
        // One value, one form.
        ASSERT_EQ(stored(*read), bytes);
    }
}

}  // namespace
}  // namespace tidings
