#pragma once

#include <tidings/base/money.h>
#include <tidings/base/named_type.h>
#include <tidings/base/result.h>
#include <tidings/base/time.h>
#include <tidings/base/uuid.h>

#include <array>
#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace tidings {

/// Bytes, to be bound as such and not as text.
struct Blob {
    std::string_view bytes;
};

/// One parameter of a statement. Views live as long as the call.
using Value = std::variant<std::nullptr_t, std::int64_t, double, std::string_view, Blob>;

/// How C++ types become parameters. Uuid and Timestamp are text and milliseconds, Money is cents.
inline Value to_value(std::nullptr_t) { return nullptr; }
template <std::integral T>
Value to_value(T value) {
    return static_cast<std::int64_t>(value);
}
inline Value to_value(double value) { return value; }
inline Value to_value(std::string_view value) { return value; }
inline Value to_value(const std::string& value) { return std::string_view{value}; }
inline Value to_value(const char* value) { return std::string_view{value}; }
inline Value to_value(Blob value) { return value; }
inline Value to_value(Timestamp value) { return std::int64_t{value.time_since_epoch().count()}; }
inline Value to_value(Money value) { return value.cents; }
template <class Tag>
Value to_value(NamedInteger<Tag> value) {
    return value.value;
}
template <class T>
Value to_value(const std::optional<T>& value) {
    return value ? to_value(*value) : Value{nullptr};
}

/// A prepared statement being read, row by row: the implementation's side of `Rows`.
class Cursor {
public:
    virtual ~Cursor() = default;
    virtual bool step() = 0;  ///< Moves to the next row; false after the last. Throws Failure.
    virtual void reset() noexcept = 0;
    virtual int columns() const noexcept = 0;
    virtual bool is_null(int column) const = 0;
    virtual std::int64_t integer(int column) const = 0;
    virtual double real(int column) const = 0;
    virtual std::string_view text(int column) const = 0;  ///< Also a blob's bytes.
};

/// The row that a `Rows` stands on. Views live until the next row.
class Row {
public:
    explicit Row(const Cursor& cursor) : cursor_(&cursor) {}
    bool is_null(int column) const { return cursor_->is_null(column); }
    std::int64_t integer(int column) const { return cursor_->integer(column); }
    double real(int column) const { return cursor_->real(column); }
    std::string_view text(int column) const { return cursor_->text(column); }
    /// Reads a column as a C++ type: integers, bool, double, std::string, Timestamp, Money,
    /// NamedInteger, std::optional of these.
    template <class T>
    T get(int column) const;

private:
    const Cursor* cursor_;
};

/// The rows of one query. Give it up before the transaction ends; at most one per statement text.
class Rows {
public:
    explicit Rows(Cursor& cursor) : cursor_(&cursor) {}
    Rows(Rows&& other) noexcept : cursor_(std::exchange(other.cursor_, nullptr)) {}
    Rows& operator=(Rows&&) = delete;
    ~Rows() {
        if (cursor_ != nullptr) cursor_->reset();
    }
    bool next() { return cursor_->step(); }
    Row row() const { return Row{*cursor_}; }

private:
    Cursor* cursor_;
};

/// The database itself is in trouble: a full disk, an I/O error, corruption. It says nothing about
/// the step that met it, which is run again and is not charged an attempt.
class StoreFailure : public Failure {
public:
    using Failure::Failure;
};

/// A statement cannot be run: wrong SQL, or a rule of the schema that is no unique key. A bug of
/// the service, not a fault of its caller.
class StatementFailure : public Failure {
public:
    using Failure::Failure;
};

/// The database's part of a transaction: statements with `$1` parameters, the common subset of
/// SQLite and PostgreSQL (`ON CONFLICT`, `RETURNING`).
///
/// Errors    Everything throws: `Failure` with `conflict` (a unique key); `StatementFailure` with
///           `invalid_argument` or `limit_exceeded` (a row too large); `StoreFailure` with
///           `limit_exceeded` (disk full), `io_error`, `unavailable` (locked) or `corruption`.
/// Threads   One thread at a time.
class StoreTransaction {
public:
    virtual ~StoreTransaction() = default;

    /// Runs a statement and returns how many rows it changed.
    template <class... Args>
    std::int64_t execute(std::string_view sql, const Args&... args) {
        const std::array<Value, sizeof...(Args)> values{to_value(args)...};
        return run(sql, values);
    }
    /// Starts a query.
    template <class... Args>
    Rows query(std::string_view sql, const Args&... args) {
        const std::array<Value, sizeof...(Args)> values{to_value(args)...};
        return Rows{open(sql, values)};
    }
    /// Returns the first row's first column, if there is a row and it is not null.
    template <class T, class... Args>
    std::optional<T> value(std::string_view sql, const Args&... args) {
        Rows rows = query(sql, args...);
        if (!rows.next() || rows.row().is_null(0)) return std::nullopt;
        return rows.row().template get<T>(0);
    }

    virtual std::int64_t run(std::string_view sql, std::span<const Value> values) = 0;
    virtual Cursor& open(std::string_view sql, std::span<const Value> values) = 0;
};

/// One numbered step of a schema: `001_orders.sql` is version 1.
struct Migration {
    int version;
    std::string_view name;
    std::string_view sql;
};

/// One service's database, with its only writing connection.
///
/// The step loop drives it: `begin`, then for each step `savepoint` and `keep` or `undo`, then
/// `commit`. After an error of a step ask `in_transaction()`: a full disk ends the transaction
/// whole, savepoints and all.
///
/// Guarantees
/// - When `commit` returns success, the changes survive the loss of power.
/// - After a failed `commit`, the transaction is over and none of it happened. But if the code is
///   `io_error` and the process ends soon, recovery may still find it whole: to those who wait for
///   an answer the outcome is unknown, not refused.
/// - After a failed flush every `begin` fails with `io_error`, until the store is opened anew (R6).
///
/// Threads   One thread at a time, except `reader()`, which any thread may call.
class Store {
public:
    virtual ~Store() = default;

    virtual Result<void> begin() = 0;
    virtual Result<void> savepoint() = 0;
    virtual Result<void> keep() = 0;  ///< Releases the savepoint.
    virtual Result<void> undo() = 0;  ///< Rolls back to the savepoint and releases it.
    virtual Result<void> commit() = 0;
    virtual void rollback() noexcept = 0;
    virtual bool in_transaction() const noexcept = 0;
    /// The transaction that is open. Requires: `begin` was called.
    virtual StoreTransaction& transaction() = 0;

    /// Brings the tables of `component` to the last of `migrations`, each in a transaction of its
    /// own. Errors: `unsupported` if the tables are of a newer version, before touching anything.
    virtual Result<void> migrate(std::string_view component,
                                 std::span<const Migration> migrations) = 0;
    /// Opens a connection that only reads; each query sees what is committed. Where the database
    /// runs on a simulated world it is a view of the writing connection instead, to be used on the
    /// same thread and between transactions: within one it sees what is not committed yet.
    virtual Result<std::unique_ptr<StoreTransaction>> reader() = 0;
    /// Does upkeep between groups (a passive checkpoint); bounded work.
    virtual void maintain() = 0;
    /// For a disk that is full: copies the WAL into the database and cuts it to nothing, as far as
    /// that succeeds. Bounded work, between transactions.
    virtual void give_room_back() = 0;
    /// Flushes, checkpoints and closes. Nothing may be called after it.
    virtual Result<void> close() = 0;
};

namespace detail {
template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <class T>
struct IsNamedInteger : std::false_type {};
template <class Tag>
struct IsNamedInteger<NamedInteger<Tag>> : std::true_type {};
}  // namespace detail

template <class T>
T Row::get(int column) const {
    if constexpr (detail::IsOptional<T>::value) {
        if (is_null(column)) return std::nullopt;
        return get<typename T::value_type>(column);
    } else if constexpr (std::same_as<T, bool>) {
        return integer(column) != 0;
    } else if constexpr (std::integral<T>) {
        return static_cast<T>(integer(column));
    } else if constexpr (std::floating_point<T>) {
        return static_cast<T>(real(column));
    } else if constexpr (std::same_as<T, std::string>) {
        return std::string{text(column)};
    } else if constexpr (std::same_as<T, std::string_view>) {
        return text(column);
    } else if constexpr (std::same_as<T, Timestamp>) {
        return Timestamp{std::chrono::milliseconds{integer(column)}};
    } else if constexpr (std::same_as<T, Money>) {
        return Money{integer(column)};
    } else {
        static_assert(detail::IsNamedInteger<T>::value, "no column type for this C++ type");
        return T{integer(column)};
    }
}

}  // namespace tidings
