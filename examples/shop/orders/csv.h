#pragma once

#include <tidings/base/result.h>

#include "orders/sha256.h"

#include <cstddef>
#include <cstdint>
#include <istream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace shop {

/// A CSV file, read row by row; columns are chosen by the names in its header.
///
/// Whoever wrote the file is not trusted: any bytes either are rows that keep the rules below, or
/// end in an error `file:line: rule`. After an error the reader is over.
///
/// - The first line names the columns. Those asked for must be there once; others are skipped.
/// - Lines end in LF or CRLF, the last one also without; a UTF-8 byte order mark may come first.
/// - A field may stand in double quotes, a quote inside doubled. No field goes over a line's end.
/// - Each line has as many fields as the header, all of it UTF-8 without NUL.
///
/// Limits: `line_bytes_max`, `columns_max`, `rows_max`. Memory: one block and one line.
/// Threads: one at a time. Lifetime: the stream outlives the reader.
/// Errors: `invalid_argument` for a rule, `limit_exceeded` for a limit, `io_error` for the stream.
class CsvReader {
public:
    static constexpr std::size_t line_bytes_max = std::size_t{64} * 1024;
    static constexpr std::size_t columns_max = 256;
    static constexpr std::uint64_t rows_max = 2'000'000;

    /// Reads the header of `in`. `file` names it in errors; `columns` gives the order in which
    /// `field()` counts.
    static tidings::Result<CsvReader> open(std::string file, std::istream& in,
                                           std::span<const std::string_view> columns);

    /// Goes to the next row. Returns whether there is one.
    tidings::Result<bool> next();

    /// Returns the row's field in the `index`-th column asked for. Valid until `next()`.
    std::string_view field(std::size_t index) const { return fields_[columns_[index]]; }

    /// Returns an error about that field: `file:line: column 'name': rule`, and what to do.
    tidings::Error error(std::size_t index, std::string_view rule, std::string hint) const;

    /// Returns the same about another line of the file, read before.
    tidings::Error error_at(std::uint64_t line, std::string_view rule, std::string hint) const;

    /// Returns the number of the line that was read last, counted from 1.
    std::uint64_t line() const noexcept { return line_number_; }

    /// Returns the SHA-256 of the file. Requires: `next()` has returned false.
    std::string digest() { return digest_.finish(); }

private:
    CsvReader(std::string file, std::istream& in);

    tidings::Error broken(std::string_view rule, std::string hint) const;
    tidings::Result<void> read_header(std::span<const std::string_view> columns);
    tidings::Result<bool> read_line();
    tidings::Result<void> check_text() const;
    tidings::Result<void> split();
    bool unquote(std::size_t& at, std::string_view& field);

    std::string file_;
    std::istream* in_;
    Sha256 digest_;
    std::vector<char> block_;
    std::size_t block_at_ = 0;
    std::size_t block_end_ = 0;
    std::string line_;
    std::uint64_t line_number_ = 0;
    std::vector<std::string_view> fields_;
    std::vector<std::size_t> columns_;
    std::vector<std::string> names_;
    std::size_t width_ = 0;
};

}  // namespace shop
