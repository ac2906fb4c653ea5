#pragma once

#include <tidings/base/money.h>
#include <tidings/base/result.h>
#include <tidings/base/time.h>
#include <tidings/base/uuid.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace tidings::json {

/// What a JSON value is.
enum class Kind : std::uint8_t { object, array, string, number, boolean, null };

/// A forward-only reader over one JSON document, with errors that carry a JSON pointer.
///
/// It refuses broken JSON, invalid UTF-8, lone surrogates, duplicate keys, depth over the limit
/// and trailing text. The first error sticks: after it every call does nothing, and `error()` or
/// `finish()` tells it. So generated code reads straight through and looks once.
///
///     reader.begin_object();
///     while (reader.next_field(name)) {
///         if (name == "orderId") order_id = reader.text();
///         else reader.skip();             // walked to its end, checked like the rest
///     }
///
/// A value that was not read when the next field or element is asked for is skipped the same way.
/// No allocation per document in the steady state: parsers are kept by thread and used again.
///
/// Limits    `Options::bytes_max`, `Options::depth_max`.
/// Threads   One thread at a time. Several readers may be alive on one thread.
/// Lifetime  The text must outlive the reader. Views that it returns live until the next call.
/// Errors    `contract_violation`, `limit_exceeded`.
class Reader {
public:
    struct Options {
        std::size_t bytes_max = 1024 * 1024;
        int depth_max = 64;
    };

    explicit Reader(std::string_view text);
    Reader(std::string_view text, const Options& options);
    ~Reader();
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    Kind kind();  ///< Of the value that comes next; `null` after an error.
    void begin_object();
    /// Moves to the next field of the object being read; false at its end (which closes it).
    bool next_field(std::string_view& name);
    void begin_array();
    /// Moves to the next element; false at the end (which closes the array).
    bool next_element();
    std::string_view text();         ///< A string.
    std::int64_t integer();          ///< A whole number of 64 bits, `3` or `3.0` or `3e2`.
    double number();                 ///< Any number.
    std::string_view number_text();  ///< Any number, exactly as written.
    bool boolean();
    void null();
    /// Reads the value that comes next to its end and returns its text.
    std::string_view raw();
    void skip();
    /// Returns the text in field `name` of the object that comes next, without moving on; nothing
    /// if no object comes or it has no such text. What is broken in between is found when it is
    /// read.
    std::optional<std::string_view> text_ahead(std::string_view name);

    /// Records an error at the value being read, or read last: `contract_violation`,
    /// "field /items/0/quantity: <rule>, is 0".
    void fail(std::string_view rule);
    /// Records an error below the value read last; `pointer` is a JSON pointer from there, or
    /// empty: "field /items/0<pointer>: <message>".
    void fail_below(std::string_view pointer, std::string_view message);
    /// Records that the object read last lacks the field `name`: "field /items/0/<name>: is
    /// missing".
    void missing(std::string_view name);
    bool failed() const noexcept;
    const Error& error() const noexcept;
    /// Checks that the document ended. Returns the first error, if there was one.
    Result<void> finish();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Returns `value` as error messages show it: cut at 64 bytes, control characters escaped. A JSON
/// string is shown by its content between quotes, everything else as it is written.
std::string shown(std::string_view json_value);

/// Appends JSON to a string it does not own. No allocation beyond that string's growth.
///
/// Requires that texts are UTF-8; they are written as they are. Commas are put where they belong.
class Writer {
public:
    explicit Writer(std::string& out) : out_(out) {}

    void begin_object();
    void end_object();
    void begin_array();
    void end_array();
    void name(std::string_view name);  ///< Requires: within an object.
    void text(std::string_view value);
    void integer(std::int64_t value);
    void number(double value);  ///< The shortest form that reads back the same; else `null`.
    void boolean(bool value);
    void null();
    void raw(std::string_view json);  ///< Requires: `json` is one JSON value.

    void value(const Uuid& value);
    void value(Timestamp value);
    void value(Money value);

private:
    void separate();
    std::string& out_;
    bool comma_ = false;
};

}  // namespace tidings::json
