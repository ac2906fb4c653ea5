#include "orders/csv.h"

#include <tidings/base/text.h>

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace shop {

using tidings::Error;
using tidings::ErrorCode;
using tidings::Result;

namespace {

constexpr std::size_t block_bytes = std::size_t{256} * 1024;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

bool is_utf8(std::string_view text) noexcept {
    while (!text.empty()) {
        std::uint64_t eight = 0;
        if (text.size() >= sizeof eight) {
            std::memcpy(&eight, text.data(), sizeof eight);
            if ((eight & 0x8080808080808080u) == 0) {
                text.remove_prefix(sizeof eight);
                continue;
            }
        }
        const auto bytes = tidings::utf8_character_bytes(text);
        if (bytes == 0) return false;
        text.remove_prefix(bytes);
    }
    return true;
}

}  // namespace

CsvReader::CsvReader(std::string file, std::istream& in)
    : file_(std::move(file)), in_(&in), block_(block_bytes) {}

Result<CsvReader> CsvReader::open(std::string file, std::istream& in,
                                  std::span<const std::string_view> columns) {
    CsvReader reader{std::move(file), in};
    if (auto header = reader.read_header(columns); !header) return header.error();
    return reader;
}

Error CsvReader::error_at(std::uint64_t line, std::string_view rule, std::string hint) const {
    return {ErrorCode::invalid_argument, fmt::format("{}:{}: {}", file_, line, rule),
            std::move(hint)};
}

Error CsvReader::broken(std::string_view rule, std::string hint) const {
    return error_at(line_number_, rule, std::move(hint));
}

Error CsvReader::error(std::size_t index, std::string_view rule, std::string hint) const {
    return broken(fmt::format("column '{}': {}", names_[index], rule), std::move(hint));
}

Result<void> CsvReader::read_header(std::span<const std::string_view> columns) {
    const auto found = read_line();
    if (!found) return found.error();
    if (!*found) return broken("the file is empty", "its first line must name the columns");
    if (line_.starts_with(byte_order_mark)) line_.erase(0, byte_order_mark.size());
    if (auto text = check_text(); !text) return text;
    width_ = 0;
    if (auto fields = split(); !fields) return fields;
    width_ = fields_.size();
    for (const std::string_view name : columns) {
        const auto at = std::find(fields_.begin(), fields_.end(), name);
        if (at == fields_.end()) {
            return broken(fmt::format("the column '{}' is missing", name),
                          "the header must name it; see the data set's description");
        }
        if (std::find(at + 1, fields_.end(), name) != fields_.end()) {
            return broken(fmt::format("the column '{}' is there twice", name),
                          "remove or rename one of them");
        }
        columns_.push_back(static_cast<std::size_t>(at - fields_.begin()));
        names_.emplace_back(name);
    }
    fields_.clear();
    return {};
}

Result<bool> CsvReader::next() {
    auto found = read_line();
    if (!found || !*found) return found;
    if (line_number_ > rows_max + 1) {
        return Error{
            ErrorCode::limit_exceeded,
            fmt::format("{}:{}: the file has more than {} rows", file_, line_number_, rows_max),
            "split the orders over several runs"};
    }
    if (auto text = check_text(); !text) return text.error();
    if (auto fields = split(); !fields) return fields.error();
    return true;
}

/// Leaves the next line in `line_`, without its end. Returns whether there was one.
Result<bool> CsvReader::read_line() {
    line_.clear();
    ++line_number_;
    for (;;) {
        if (block_at_ == block_end_) {
            in_->read(block_.data(), static_cast<std::streamsize>(block_.size()));
            block_at_ = 0;
            block_end_ = static_cast<std::size_t>(in_->gcount());
            if (in_->bad()) {
                return Error{ErrorCode::io_error,
                             fmt::format("{}:{}: the file cannot be read", file_, line_number_),
                             "check that it is a file, and the disk"};
            }
            if (block_end_ == 0) {
                if (line_.empty()) return false;
                break;
            }
            digest_.update({block_.data(), block_end_});
        }
        const char* from = block_.data() + block_at_;
        const std::size_t left = block_end_ - block_at_;
        const auto* end = static_cast<const char*>(std::memchr(from, '\n', left));
        const auto taken = end != nullptr ? static_cast<std::size_t>(end - from) : left;
        if (line_.size() + taken > line_bytes_max) {
            return Error{ErrorCode::limit_exceeded,
                         fmt::format("{}:{}: the line is longer than {} bytes", file_, line_number_,
                                     line_bytes_max),
                         "check that it is the file meant, and that its lines end in LF"};
        }
        line_.append(from, taken);
        block_at_ += taken + (end != nullptr ? 1 : 0);
        if (end != nullptr) break;
    }
    if (!line_.empty() && line_.back() == '\r') line_.pop_back();
    return true;
}

Result<void> CsvReader::check_text() const {
    if (line_.find('\0') != std::string::npos) {
        return broken("the line holds a NUL byte", "save the file as UTF-8 text");
    }
    if (!is_utf8(line_)) return broken("the line is not UTF-8", "save the file as UTF-8 text");
    if (line_.find('\r') != std::string::npos) {
        return broken("a carriage return stands inside the line", "end lines in LF or CRLF");
    }
    return {};
}

/// Reads the quoted field whose opening quote is at `at`, leaves `at` behind its closing quote.
/// Doubled quotes are made single in place, so that fields stay views into the line.
bool CsvReader::unquote(std::size_t& at, std::string_view& field) {
    const std::size_t begin = at + 1;
    std::size_t out = begin;
    for (std::size_t i = begin; i < line_.size(); ++i) {
        if (line_[i] == '"') {
            if (i + 1 == line_.size() || line_[i + 1] != '"') {
                field = std::string_view{line_}.substr(begin, out - begin);
                at = i + 1;
                return true;
            }
            ++i;
        }
        line_[out++] = line_[i];
    }
    return false;
}

Result<void> CsvReader::split() {
    fields_.clear();
    const auto count_max = width_ == 0 ? columns_max : width_;
    for (std::size_t at = 0;; ++at) {
        if (fields_.size() == count_max) {
            return broken(fmt::format("the line has more than {} fields", count_max),
                          "put fields with commas in double quotes");
        }
        std::string_view field;
        if (at < line_.size() && line_[at] == '"') {
            if (!unquote(at, field)) {
                return broken("a quoted field does not end on its line",
                              "close it with a double quote; a quote inside is doubled");
            }
            if (at < line_.size() && line_[at] != ',') {
                return broken("a quoted field is followed by something else than a comma",
                              "double the quotes inside of it");
            }
        } else {
            const auto end = std::min(line_.find(',', at), line_.size());
            field = std::string_view{line_}.substr(at, end - at);
            if (field.find('"') != std::string_view::npos) {
                return broken("a quote stands inside a field without quotes",
                              "put the field in double quotes, and double the quote");
            }
            at = end;
        }
        fields_.push_back(field);
        if (at == line_.size()) break;
    }
    if (fields_.size() < width_) {
        return broken(fmt::format("the line has {} fields, the header {}", fields_.size(), width_),
                      "give each line all columns; an empty one is two commas");
    }
    return {};
}

}  // namespace shop
