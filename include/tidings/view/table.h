#pragma once

#include <tidings/delivery/transaction.h>
#include <tidings/store/store.h>

#include <concepts>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace tidings {

/// A generated model that a table can keep: it knows its columns and its key.
template <class R>
concept TableRow = requires(const R& row, std::vector<Value>& values,
                            std::deque<std::string>& texts, const Row& stored) {
    { R::table } -> std::convertible_to<std::string_view>;
    { R::key_column } -> std::convertible_to<std::string_view>;
    R::columns.size();
    to_row(row, values, texts);
    { R::from_row(stored) } -> std::same_as<R>;
};

namespace detail {

/// The statements of a table, made once.
struct TableStatements {
    std::string put;
    std::string get;
    std::string erase;
    std::string select;  ///< Without a condition.
};

TableStatements table_statements(std::string_view table, std::string_view key,
                                 const std::string_view* columns, std::size_t count);

/// What a field is compared with: enumerators are kept as the text that stands on the wire.
template <class T>
decltype(auto) as_parameter(const T& value) {
    if constexpr (std::is_enum_v<T>) {
        return to_string(value);
    } else {
        return (value);
    }
}

[[noreturn]] void no_row(std::string_view table, std::string_view key);

}  // namespace detail

/// Rows that a service keeps: one generated model, one table of the service's own schema.
///
///     Table<Order> orders;
///     Order placed = orders.get(tx, id);       // throws if there is none
///     placed.status = Status::validated;
///     orders.put(tx, placed);
///     for (const Order& order : orders.find(tx, &Order::user_id, user)) ...
///
/// The table itself is made by the service's numbered SQL files; indexes too.
///
/// Threads   As the transaction it is given.
/// Errors    Members throw `Failure`.
template <TableRow R>
class Table {
public:
    Table()
        : statements_(detail::table_statements(R::table, R::key_column, R::columns.data(),
                                               R::columns.size())) {}

    /// Adds the row, or replaces the one with its key.
    void put(Transaction& tx, const R& row) {
        std::vector<Value> values;
        std::deque<std::string> texts;
        values.reserve(R::columns.size());
        to_row(row, values, texts);
        tx.store().run(statements_.put, values);
    }

    /// Returns the row with this key. Throws Failure with `not_found` if there is none.
    template <class Context>
    R get(Context& tx, std::string_view key) const {
        std::optional<R> row = find(tx, key);
        if (!row) detail::no_row(R::table, key);
        return std::move(*row);
    }

    /// Returns the row with this key, if there is one.
    template <class Context>
    std::optional<R> find(Context& tx, std::string_view key) const {
        Rows rows = store_of(tx).query(statements_.get, key);
        if (!rows.next()) return std::nullopt;
        return R::from_row(rows.row());
    }

    /// Returns the rows whose `field` equals `value`, in the order of their keys.
    template <class Context, class T>
    std::vector<R> find(Context& tx, T R::*field, const std::type_identity_t<T>& value) const {
        std::string sql = statements_.select;
        sql.append(" WHERE ")
            .append(column_of(field))
            .append(" = $1 ORDER BY ")
            .append(R::key_column);
        std::vector<R> found;
        Rows rows = store_of(tx).query(sql, detail::as_parameter(value));
        while (rows.next()) found.push_back(R::from_row(rows.row()));
        return found;
    }

    /// Removes the row with this key; returns whether there was one.
    bool erase(Transaction& tx, std::string_view key) {
        return tx.execute(statements_.erase, key) > 0;
    }

private:
    static StoreTransaction& store_of(Transaction& tx) { return tx.store(); }
    static StoreTransaction& store_of(StoreTransaction& tx) { return tx; }

    detail::TableStatements statements_;
};

}  // namespace tidings
