#pragma once

#include <tidings/base/assert.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace tidings {

/// Why an operation failed. Small, closed, and stable: dead letters keep it on disk for years.
enum class ErrorCode : std::uint8_t {  // Values are persistent. Never change or reuse one.
    not_found = 1,                     ///< The thing asked for does not exist.
    already_exists = 2,                ///< The thing to be created is there.
    conflict = 3,            ///< Somebody else was first: expected version, unique key. [retry]
    invalid_argument = 4,    ///< The caller asked for something meaningless.
    contract_violation = 5,  ///< An event does not keep its contract.
    corruption = 6,          ///< Bytes are not what was written: checksum, truncation.
    io_error = 7,            ///< The operating system refused. [retry]
    timeout = 8,             ///< No answer in the time given. [retry]
    unavailable = 9,         ///< The other side is down, or a bound is reached for now. [retry]
    cancelled = 10,          ///< We were asked to stop.
    limit_exceeded = 11,     ///< A stated limit would be passed.
    unsupported = 12,        ///< This implementation cannot do that.
    internal = 13,           ///< A bug: a handler threw what is no Failure. [retry]
};

/// Returns the enumerator's own name, e.g. `not_found`.
std::string_view to_string(ErrorCode code) noexcept;

/// Returns whether trying the same again later can succeed. A function of the code alone.
bool is_retryable(ErrorCode code) noexcept;

/// Which promise an event does not keep when it is refused by its contract: finer than the code.
/// Metrics, answers and dead letters have their names, so those are persistent.
enum class Refusal : std::uint8_t {
    none,           ///< The error is about something else.
    unknown_type,   ///< Nobody here knows the event type.
    unknown_major,  ///< The type is known, this major version of it is not.
    invalid_data,   ///< Envelope or data are not as the contract has them.
    wrong_owner,    ///< Somebody else than the owner publishes it.
    too_large,      ///< More bytes than an event may have.
    too_deep,       ///< Nested deeper than an event may be.
};

/// Returns the enumerator's own name, e.g. `unknown_type`.
std::string_view to_string(Refusal refusal) noexcept;

/// Why something failed, for a person and for a program.
struct [[nodiscard]] Error {
    ErrorCode code{};
    std::string message;              ///< One line, lower case, no full stop; names the thing.
    std::string hint{};               ///< What the reader can do; empty if nothing.
    Refusal refusal = Refusal::none;  ///< Set where the code alone does not tell; see `refusal_of`.

    bool operator==(const Error&) const = default;
};

/// Returns which promise of a contract an event does not keep, by the error that reading, checking
/// or publishing it gave; `none` if the error is about something else.
Refusal refusal_of(const Error& error) noexcept;

/// Returns `error` with `context` before its message: `context: message`.
Error with_context(Error error, std::string_view context);

/// Thrown by what takes a transaction, and by `Result::value()`: the transaction is over.
class Failure : public std::runtime_error {
public:
    explicit Failure(Error error, bool permanent = false);
    const Error& error() const noexcept { return error_; }
    /// Returns whether trying again is pointless, whatever the code says.
    bool is_permanent() const noexcept { return permanent_ || !is_retryable(error_.code); }
    /// Returns whether the one who threw it said so, which no policy overrules.
    bool was_called_permanent() const noexcept { return permanent_; }

private:
    Error error_;
    bool permanent_;
};

/// A value, or why there is none. A subset of `std::expected<T, Error>`.
template <class T>
class [[nodiscard]] Result {
public:
    Result(T value) : data_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : data_(std::in_place_index<1>, std::move(error)) {}

    bool has_value() const noexcept { return data_.index() == 0; }
    explicit operator bool() const noexcept { return has_value(); }
    T& operator*() & noexcept {
        TIDINGS_ASSERT(has_value());
        return *std::get_if<0>(&data_);
    }
    const T& operator*() const& noexcept {
        TIDINGS_ASSERT(has_value());
        return *std::get_if<0>(&data_);
    }
    T&& operator*() && noexcept {
        TIDINGS_ASSERT(has_value());
        return std::move(*std::get_if<0>(&data_));
    }
    T* operator->() noexcept { return &**this; }
    const T* operator->() const noexcept { return &**this; }
    const Error& error() const& noexcept {
        TIDINGS_ASSERT(!has_value());
        return *std::get_if<1>(&data_);
    }
    Error&& error() && noexcept {
        TIDINGS_ASSERT(!has_value());
        return std::move(*std::get_if<1>(&data_));
    }
    /// Returns the value, or throws it as a `Failure`.
    T value() && {
        if (!has_value()) throw Failure{std::move(*this).error()};
        return std::move(**this);
    }

private:
    std::variant<T, Error> data_;
};

/// Success, or why not.
template <>
class [[nodiscard]] Result<void> {
public:
    Result() = default;
    Result(Error error) : error_(std::move(error)), failed_(true) {}

    bool has_value() const noexcept { return !failed_; }
    explicit operator bool() const noexcept { return has_value(); }
    const Error& error() const& noexcept {
        TIDINGS_ASSERT(failed_);
        return error_;
    }
    Error&& error() && noexcept {
        TIDINGS_ASSERT(failed_);
        return std::move(error_);
    }
    void value() && {
        if (failed_) throw Failure{std::move(error_)};
    }

private:
    Error error_{};
    bool failed_ = false;
};

}  // namespace tidings
