// Any bytes either are orders that keep the reader's promises, or end in an error that says where.
// The five files of the data set stand one after the other, with a line of five '=' between them.
#include <tidings/base/assert.h>

#include "orders/csv.h"
#include "orders/olist.h"
#include "orders/outside.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <sstream>
#include <string>
#include <string_view>

namespace {

constexpr std::string_view separator = "=====\n";

void expect_useful(const tidings::Error& error) {
    TIDINGS_ASSERT(error.message.find(".csv:") != std::string::npos);
    TIDINGS_ASSERT(error.message.find_first_of(std::string_view{"\n\r\0", 3}) == std::string::npos);
    TIDINGS_ASSERT(!error.hint.empty());
}

void read_one_column(const std::string& text) {
    constexpr std::array<std::string_view, 1> columns{"order_id"};
    std::istringstream in{text};
    auto rows = shop::CsvReader::open("one.csv", in, columns);
    if (!rows) return expect_useful(rows.error());
    for (;;) {
        const auto row = rows->next();
        if (!row) return expect_useful(row.error());
        if (!*row) break;
        TIDINGS_ASSERT(rows->field(0).size() <= shop::CsvReader::line_bytes_max);
        TIDINGS_ASSERT(rows->field(0).find_first_of(std::string_view{"\n\r\0", 3}) ==
                       std::string_view::npos);
    }
    TIDINGS_ASSERT(rows->digest() == shop::sha256(text));
}

void read_book(std::string_view text) {
    std::array<std::istringstream, shop::olist_files.size()> streams;
    std::array<shop::OlistFile, shop::olist_files.size()> files;
    for (std::size_t i = 0; i < files.size(); ++i) {
        const auto end = std::min(text.find(separator), text.size());
        streams[i].str(std::string{text.substr(0, end)});
        text.remove_prefix(std::min(end + separator.size(), text.size()));
        files[i] = {std::string{shop::olist_files[i]}, &streams[i]};
    }
    const auto book = shop::read_olist(files);
    if (!book) return expect_useful(book.error());
    for (const shop::SourceOrder& order : book->orders) {
        TIDINGS_ASSERT(!order.reference.empty() && !order.user_id.empty());
        TIDINGS_ASSERT(!order.items.empty() && order.items.size() <= shop::items_max);
        TIDINGS_ASSERT(shop::order_total(order) >= tidings::Money{0});
        TIDINGS_ASSERT(shop::paid_amount(order) >= tidings::Money{0});
    }
    // What is written for other processes must be read there, and be the same.
    const shop::OutsideWorld world{*book};
    std::istringstream written{world.write()};
    const auto again = shop::OutsideWorld::read("stories.csv", written);
    TIDINGS_ASSERT(again.has_value() && again->write() == world.write());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text{reinterpret_cast<const char*>(data), size};
    read_one_column(text);
    read_book(text);
    return 0;
}
