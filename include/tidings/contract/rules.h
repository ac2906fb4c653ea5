#pragma once

#include <tidings/base/money.h>
#include <tidings/base/result.h>
#include <tidings/base/time.h>
#include <tidings/model/json.h>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// What generated code calls: the rules of a contract. Users have no need of it.
namespace tidings::contract {

inline constexpr std::size_t no_maximum = std::numeric_limits<std::size_t>::max();

/// Returns how many characters UTF-8 text has, or `no_maximum` if it is not UTF-8.
std::size_t count_characters(std::string_view text) noexcept;

bool is_uuid(std::string_view text) noexcept;   ///< Any version, either case.
bool is_date(std::string_view text) noexcept;   ///< `2026-11-23`, a day that exists.
bool is_email(std::string_view text) noexcept;  ///< By shape: local part, `@`, domain (RFC 5321).
bool is_uri(std::string_view text) noexcept;    ///< With a scheme, and no blank (RFC 3986).

/// A regular expression that takes linear time. It may match anywhere, as JSON Schema says.
class Pattern {
public:
    /// Requires: `expression` is one that RE2 accepts; see `pattern_error`.
    explicit Pattern(std::string_view expression);
    Pattern(Pattern&&) noexcept;
    ~Pattern();
    bool matches(std::string_view text) const;
    const std::string& text() const noexcept { return text_; }

private:
    struct Impl;
    std::string text_;
    std::unique_ptr<Impl> impl_;
};

/// Returns what is wrong with a regular expression, or nothing.
std::string pattern_error(std::string_view expression);

/// Where a value stands in the data that is checked: a chain up to the root.
struct Place {
    const Place* parent = nullptr;
    std::string_view name{};
    std::size_t index = 0;
};

/// Bounds of a number that is no integer.
struct NumberBounds {
    double minimum = -std::numeric_limits<double>::infinity();
    double maximum = std::numeric_limits<double>::infinity();
    bool above = false;  ///< The minimum itself is too small.
    bool below = false;  ///< The maximum itself is too large.
};

/// Returns which bound a number breaks, or nothing.
std::string broken_bound(double value, const NumberBounds& bounds);

/// Checks values by the rules of a contract, and keeps the first that is broken.
class Checker {
public:
    void text(const Place& at, std::string_view value, std::size_t min = 0,
              std::size_t max = no_maximum);
    void uuid(const Place& at, std::string_view value);
    void date(const Place& at, std::string_view value);
    void email(const Place& at, std::string_view value);
    void uri(const Place& at, std::string_view value);
    void pattern(const Place& at, std::string_view value, const Pattern& pattern);
    void constant(const Place& at, std::string_view value, std::string_view wanted);
    void integer(const Place& at, std::int64_t value, std::int64_t min, std::int64_t max);
    void one_of(const Place& at, std::int64_t value, std::initializer_list<std::int64_t> wanted);
    void one_of(const Place& at, double value, std::initializer_list<double> wanted);
    void flag(const Place& at, bool value, bool wanted);
    /// A name in the open part of an object is not that of a property beside it.
    void other_name(const Place& at, std::string_view name,
                    std::initializer_list<std::string_view> taken);
    void number(const Place& at, double value, const NumberBounds& bounds);
    void money(const Place& at, Money value, bool may_be_negative);
    void timestamp(const Place& at, Timestamp value);
    /// `name` is what `to_string` gives for an enumerator: empty for one that does not exist.
    void enumerator(const Place& at, std::string_view name);
    void items(const Place& at, std::size_t count, std::size_t min, std::size_t max);
    void unique(const Place& at, const std::vector<std::string>& values);
    void unique(const Place& at, const std::vector<std::int64_t>& values);

    bool failed() const noexcept { return failed_; }
    /// The first rule broken: `contract_violation`, "field /items/0/quantity: ...".
    Result<void> result() const;
    /// Tells the first rule broken to the reader that has just read the object that was checked.
    void report(json::Reader& reader) const;

private:
    void fail(const Place& at, std::string message);
    void shape(const Place& at, std::string_view value, bool holds, std::string_view rule);
    template <class T>
    void find_twin(const Place& at, const std::vector<T>& values);
    bool failed_ = false;
    std::string pointer_;
    std::string message_;
};

/// How JSON in a column of an own table is read.
inline constexpr json::Reader::Options column_options{64 * 1024 * 1024, 128};
/// Throws Failure with `corruption`: a column does not hold what its model says.
[[noreturn]] void refuse_column(std::string_view table, std::string_view column,
                                std::string_view text);

/// Reads an object that is none of the kinds that `discriminator` may name, and says so there.
void refuse_kind(json::Reader& reader, std::string_view discriminator, std::string_view kinds);
/// Says that an array had `count` elements and not `wanted`. Requires: it was just read.
void check_count(json::Reader& reader, std::size_t count, std::size_t wanted);
/// What stands after the last position of an array that has no more.
void refuse_element(json::Reader& reader);

Money read_money(json::Reader& reader);
Timestamp read_timestamp(json::Reader& reader);

}  // namespace tidings::contract
