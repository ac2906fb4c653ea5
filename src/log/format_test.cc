#include "log/format.h"

#include <gtest/gtest.h>

#include <sstream>

namespace tidings::log {
namespace {

std::string from_hex(const std::string& text) {
    std::istringstream in{text};
    std::string bytes;
    for (std::string pair; in >> pair;) {
        bytes.push_back(static_cast<char>(std::stoi(pair, nullptr, 16)));
    }
    return bytes;
}

// The example of docs/internals/log.md. These bytes are persistent.
const std::string segment_example = from_hex(
    "54 44 47 53 01 00 48 00 6b a7 b8 10 9d ad 41 d1 80 b4 00 c0 4f d4 30 c8 88 77 66 55 44 33 22 "
    "11 2a 00 00 00 00 00 00 00 7b 21 d9 07 a2 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 "
    "00 00 00 00 00 00 30 5c 38 95");
const std::string batch_example = from_hex(
    "54 44 47 42 01 00 40 00 16 00 00 00 02 00 00 00 2a 00 00 00 00 00 00 00 88 77 66 55 44 33 22 "
    "11 2a 00 00 00 00 00 00 00 c8 22 d9 07 a2 01 00 00 00 00 00 00 00 00 00 00 c8 a7 06 32 b2 29 "
    "f2 2f 01 00 00 00 02 00 00 00 68 7b 7d 00 00 00 00 03 00 00 00 61 62 63");

TEST(LogFormat, ASegmentHeaderIsWrittenAsDocumented) {
    SegmentHeader header;
    header.log = *Uuid::parse("6ba7b810-9dad-41d1-80b4-00c04fd430c8");
    header.epoch = 0x1122334455667788;
    header.first = 42;
    header.created = 1'795'428'000'123;
    const std::string block = encode(header);
    EXPECT_EQ(block.size(), block_bytes);
    EXPECT_EQ(block.substr(0, segment_header_bytes), segment_example);

    const auto read = decode_segment_header(block);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->log, header.log);
    EXPECT_EQ(read->epoch, header.epoch);
    EXPECT_EQ(read->first, header.first);
    EXPECT_EQ(read->created, header.created);
}

TEST(LogFormat, ABatchIsWrittenAsDocumented) {
    std::string batch(batch_header_bytes + 22, '\0');
    char* to = batch.data() + batch_header_bytes;
    put_record(to, "h", "{}");
    put_record(to, "", "abc");
    ASSERT_EQ(to, batch.data() + batch.size());
    BatchHeader header;
    header.body_bytes = 22;
    header.count = 2;
    header.first = 42;
    header.epoch = 0x1122334455667788;
    header.durable_to = 42;
    header.appended = 1'795'428'000'456;
    seal(header, batch.data());
    EXPECT_EQ(batch, batch_example);
    EXPECT_EQ(header.file_bytes(), block_bytes);

    const auto read = decode_batch_header(batch);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->end(), 44);
    EXPECT_EQ(read->crc, header.crc);
    EXPECT_TRUE(bears_epoch(batch, header.epoch));
    EXPECT_FALSE(bears_epoch(batch, header.epoch + 1));
}

TEST(LogFormat, RecordsAreTakenOffABodyUntilItEnds) {
    std::string_view body = std::string_view{batch_example}.substr(batch_header_bytes);
    EXPECT_EQ(take_record(body)->payload, "{}");
    EXPECT_EQ(take_record(body)->payload, "abc");
    EXPECT_FALSE(take_record(body));
    std::string_view cut{batch_example.data() + batch_header_bytes, 10};
    EXPECT_FALSE(take_record(cut));
}

TEST(LogFormat, SegmentsAreNamedByTheirFirstOffset) {
    EXPECT_EQ(segment_name(42), "00000000000000000042.segment");
    EXPECT_EQ(parse_segment_name("00000000000000000042.segment"), 42);
    for (const char* name :
         {"", "42.segment", "00000000000000000042.segmenx", "0000000000000000004x.segment",
          "-0000000000000000042.segment", "99999999999999999999.segment",
          "00000000000000000042.segment.tmp", "spare-42"}) {
        EXPECT_FALSE(parse_segment_name(name)) << name;
    }
}

}  // namespace
}  // namespace tidings::log
