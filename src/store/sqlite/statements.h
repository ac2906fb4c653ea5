#pragma once

#include <tidings/store/store.h>

#include "store/sqlite/connection.h"

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tidings::sqlite {

/// One prepared statement.
class Statement final : public Cursor {
public:
    /// Prepares `sql`: one statement whose parameters are `$1`, `$2`, ... Throws Failure.
    Statement(std::shared_ptr<Connection> connection, std::string_view sql);
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;
    ~Statement() override;

    std::string_view sql() const noexcept { return sql_; }
    bool is_active() const noexcept { return active_; }
    /// Runs it to its end and returns how many rows it changed. Throws Failure.
    std::int64_t run(std::span<const Value> values);
    /// Starts it; rows follow with `step`. Throws Failure.
    void start(std::span<const Value> values);

    bool step() override;
    void reset() noexcept override;
    int columns() const noexcept override;
    bool is_null(int column) const override;
    std::int64_t integer(int column) const override;
    double real(int column) const override;
    std::string_view text(int column) const override;

    std::uint64_t used = 0;  ///< When it was used last, for the cache.

private:
    void resolve_parameters();
    void bind(std::span<const Value> values, sqlite3_destructor_type lifetime);
    [[noreturn]] void fail(int result);
    [[noreturn]] void refuse(std::string_view why) const;

    std::shared_ptr<Connection> connection_;
    std::string sql_;
    sqlite3_stmt* statement_ = nullptr;
    std::vector<std::size_t> value_of_parameter_;  ///< By SQLite's index - 1: which of the values.
    std::size_t values_count_ = 0;
    bool active_ = false;
};

/// The prepared statements of one user of a connection, found by text.
///
/// Limits    `statements_max` are kept; beyond, the one that was not used for longest goes.
class Statements {
public:
    static constexpr std::size_t statements_max = 512;

    explicit Statements(std::shared_ptr<Connection> connection)
        : connection_(std::move(connection)) {}
    /// Returns the statement for `sql`, which nobody is reading. Throws Failure.
    Statement& get(std::string_view sql);

private:
    struct Slot {
        const char* data = nullptr;
        Statement* statement = nullptr;
    };
    Statement& prepare(std::string_view sql);
    void make_room();

    std::shared_ptr<Connection> connection_;
    std::unordered_map<std::string_view, std::unique_ptr<Statement>> by_text_;
    std::array<Slot, 256> by_address_{};
    std::uint64_t uses_ = 0;
};

/// The statements of a transaction, or of a connection that only reads.
class SqliteTransaction final : public StoreTransaction {
public:
    explicit SqliteTransaction(std::shared_ptr<Connection> connection)
        : statements_(std::move(connection)) {}
    std::int64_t run(std::string_view sql, std::span<const Value> values) override {
        return statements_.get(sql).run(values);
    }
    Cursor& open(std::string_view sql, std::span<const Value> values) override {
        Statement& statement = statements_.get(sql);
        statement.start(values);
        return statement;
    }

private:
    Statements statements_;
};

}  // namespace tidings::sqlite
