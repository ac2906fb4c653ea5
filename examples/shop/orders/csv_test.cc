#include "orders/csv.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

namespace shop {
namespace {

constexpr std::array<std::string_view, 2> columns{"id", "name"};

struct ReadCsv {
    std::vector<std::string> rows{};  ///< The fields asked for, joined by '|'.
    std::string error{};
    std::string hint{};
};

ReadCsv read(const std::string& text) {
    std::istringstream in{text};
    ReadCsv result;
    const auto fail = [&](const tidings::Error& error) {
        result.error = error.message;
        result.hint = error.hint;
        return result;
    };
    auto reader = CsvReader::open("f.csv", in, columns);
    if (!reader) return fail(reader.error());
    for (;;) {
        const auto row = reader->next();
        if (!row) return fail(row.error());
        if (!*row) return result;
        result.rows.push_back(std::string{reader->field(0)} + '|' + std::string{reader->field(1)});
    }
}

void expect_refused(const std::string& text, const std::string& message) {
    const ReadCsv result = read(text);
    EXPECT_EQ(result.error, message);
    EXPECT_FALSE(result.hint.empty()) << "a refusal says what to do";
}

using Rows = std::vector<std::string>;

TEST(Csv, FindsColumnsByNameAndSkipsOthers) {
    EXPECT_EQ(read("other,name,id\nx,one,1\ny,two,2\n").rows, (Rows{"1|one", "2|two"}));
}

TEST(Csv, ReadsQuotedFieldsWithCommasAndDoubledQuotes) {
    EXPECT_EQ(read("\"id\",name\n\"1\",\"a, \"\"b\"\" c\"\n\"\"\"\",\"\"\n").rows,
              (Rows{"1|a, \"b\" c", "\"|"}));
}

TEST(Csv, TakesEveryCommonEndOfLineAndByteOrderMark) {
    EXPECT_EQ(read("\xEF\xBB\xBFid,name\r\n1,one\r\n2,two").rows, (Rows{"1|one", "2|two"}));
    EXPECT_EQ(read("id,name\n").rows, Rows{});
}

TEST(Csv, ReadsLinesThatGoOverTheEndOfABlock) {
    std::string text = "id,name\n";
    Rows expected;
    for (int i = 0; i < 40; ++i) {
        const std::string name(20'011, static_cast<char>('a' + i % 26));
        text += std::to_string(i) + "," + name + "\n";
        expected.push_back(std::to_string(i) + "|" + name);
    }
    EXPECT_EQ(read(text).rows, expected);
}

TEST(Csv, DigestsTheWholeFile) {
    const std::string text = "\xEF\xBB\xBFid,name\r\n1,one\r\n2,two";
    std::istringstream in{text};
    auto reader = CsvReader::open("f.csv", in, columns).value();
    while (reader.next().value()) {
    }
    EXPECT_EQ(reader.digest(), sha256(text));
}

TEST(Csv, RefusesAHeaderWithoutTheColumns) {
    expect_refused("", "f.csv:1: the file is empty");
    expect_refused("id,title\n1,x\n", "f.csv:1: the column 'name' is missing");
    expect_refused("id,name,id\n", "f.csv:1: the column 'id' is there twice");
    expect_refused(std::string(300, ','), "f.csv:1: the line has more than 256 fields");
}

TEST(Csv, RefusesAWrongNumberOfFields) {
    expect_refused("id,name\n1,one\n2\n", "f.csv:3: the line has 1 fields, the header 2");
    expect_refused("id,name\n1,one,more\n", "f.csv:2: the line has more than 2 fields");
    expect_refused("id,name\n\n", "f.csv:2: the line has 1 fields, the header 2");
}

TEST(Csv, RefusesQuotesThatDoNotMatch) {
    expect_refused("id,name\n1,\"one\n2,two\n", "f.csv:2: a quoted field does not end on its line");
    expect_refused("id,name\n1,\"one\"\"", "f.csv:2: a quoted field does not end on its line");
    expect_refused("id,name\n1,\"one\"x\n",
                   "f.csv:2: a quoted field is followed by something else than a comma");
    expect_refused("id,name\n1,o\"ne\n", "f.csv:2: a quote stands inside a field without quotes");
}

TEST(Csv, RefusesWhatIsNoText) {
    expect_refused(std::string{"id,name\n1,o\0ne\n", 15}, "f.csv:2: the line holds a NUL byte");
    expect_refused("id,name\n1,caf\xe9\n", "f.csv:2: the line is not UTF-8");
    expect_refused("id,name\n1,\xed\xa0\x80\n", "f.csv:2: the line is not UTF-8");
    expect_refused("id,name\n1,longer than eight \xc3", "f.csv:2: the line is not UTF-8");
    expect_refused("id,name\r1,one\r2,two\r", "f.csv:1: a carriage return stands inside the line");
    EXPECT_EQ(read("id,name\n1,caf\xc3\xa9 \xf0\x9f\x9a\x9a\n").rows.size(), 1u);
}

TEST(Csv, RefusesAnOverlongLineWithoutReadingItWhole) {
    const std::string longest(CsvReader::line_bytes_max - 2, 'x');
    EXPECT_EQ(read("id,name\n1," + longest + "\n").rows.size(), 1u);
    expect_refused("id,name\n1," + longest + "x\n", "f.csv:2: the line is longer than 65536 bytes");
    expect_refused(std::string(1'000'000, 'x'), "f.csv:1: the line is longer than 65536 bytes");
}

TEST(Csv, RefusesMoreRowsThanAreHeldInMemory) {
    std::string text = "id,name\n";
    for (std::uint64_t i = 0; i < CsvReader::rows_max; ++i) text += ",\n";
    std::istringstream in{text + ",\n"};
    auto reader = CsvReader::open("f.csv", in, columns).value();
    auto row = reader.next();
    while (row && *row) row = reader.next();
    ASSERT_FALSE(row.has_value());
    EXPECT_EQ(row.error().code, tidings::ErrorCode::limit_exceeded);
    EXPECT_EQ(row.error().message, "f.csv:2000002: the file has more than 2000000 rows");
}

TEST(Csv, NamesColumnAndLineOfAFieldThatIsWrong) {
    std::istringstream in{"name,id\none,1\n"};
    auto reader = CsvReader::open("f.csv", in, columns).value();
    ASSERT_TRUE(reader.next().value());
    EXPECT_EQ(reader.error(0, "is too small", "make it larger"),
              (tidings::Error{tidings::ErrorCode::invalid_argument,
                              "f.csv:2: column 'id': is too small", "make it larger"}));
}

}  // namespace
}  // namespace shop
