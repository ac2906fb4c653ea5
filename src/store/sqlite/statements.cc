#include "store/sqlite/statements.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace tidings::sqlite {
namespace {

bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \t\r\n;") == std::string_view::npos;
}

/// Returns N of the parameter `$N`, or 0 if `name` is none.
std::size_t parameter_number(const char* name) {
    if (name == nullptr || name[0] != '$') return 0;
    const char* end = name + std::strlen(name);
    std::size_t number = 0;
    const auto [rest, failed] = std::from_chars(name + 1, end, number);
    return failed == std::errc{} && rest == end ? number : 0;
}

}  // namespace

Statement::Statement(std::shared_ptr<Connection> connection, std::string_view sql)
    : connection_(std::move(connection)), sql_(sql) {
    const char* tail = nullptr;
    const int result =
        sqlite3_prepare_v3(connection_->handle(), sql_.c_str(), static_cast<int>(sql_.size() + 1),
                           SQLITE_PREPARE_PERSISTENT, &statement_, &tail);
    if (result != SQLITE_OK) fail(result);
    try {
        if (statement_ == nullptr) refuse("is empty");
        if (!is_blank(tail)) refuse("is more than one statement");
        resolve_parameters();
    } catch (...) {
        sqlite3_finalize(statement_);
        throw;
    }
}

Statement::~Statement() {
    if (connection_->is_open()) sqlite3_finalize(statement_);
}

void Statement::resolve_parameters() {
    // SQLite numbers `$3` by its first place in the text; what counts is the number it spells.
    const int count = sqlite3_bind_parameter_count(statement_);
    for (int index = 1; index <= count; ++index) {
        const std::size_t number = parameter_number(sqlite3_bind_parameter_name(statement_, index));
        if (number == 0) refuse("has a parameter that is not $1, $2, ...");
        value_of_parameter_.push_back(number - 1);
        values_count_ = std::max(values_count_, number);
    }
}

void Statement::fail(int result) { throw_failure(connection_->failed(result, sql_), result); }

void Statement::refuse(std::string_view why) const {
    Error error = error_of(nullptr, SQLITE_MISUSE, sql_);
    error.message = error.message.substr(0, error.message.rfind(": ")) + " " + std::string{why};
    throw StatementFailure{std::move(error)};
}

void Statement::bind(std::span<const Value> values, sqlite3_destructor_type lifetime) {
    if (!connection_->is_open()) {
        throw StoreFailure{Error{ErrorCode::unavailable, "database is closed"}};
    }
    if (active_) refuse("is being read already");
    if (values.size() != values_count_) {
        refuse(fmt::format("needs {} values and was given {}", values_count_, values.size()));
    }
    for (std::size_t i = 0; i < value_of_parameter_.size(); ++i) {
        const int index = static_cast<int>(i) + 1;
        const Value& value = values[value_of_parameter_[i]];
        int result = SQLITE_OK;
        if (const auto* number = std::get_if<std::int64_t>(&value)) {
            result = sqlite3_bind_int64(statement_, index, *number);
        } else if (const auto* text = std::get_if<std::string_view>(&value)) {
            // A null pointer would be bound as NULL, and an empty view may have one.
            const char* bytes = text->data() != nullptr ? text->data() : "";
            result =
                sqlite3_bind_text64(statement_, index, bytes, text->size(), lifetime, SQLITE_UTF8);
        } else if (const auto* blob = std::get_if<Blob>(&value)) {
            const char* bytes = blob->bytes.data() != nullptr ? blob->bytes.data() : "";
            result = sqlite3_bind_blob64(statement_, index, bytes, blob->bytes.size(), lifetime);
        } else if (const auto* real = std::get_if<double>(&value)) {
            result = sqlite3_bind_double(statement_, index, *real);
        } else {
            result = sqlite3_bind_null(statement_, index);
        }
        if (result != SQLITE_OK) fail(result);
    }
}

std::int64_t Statement::run(std::span<const Value> values) {
    bind(values, SQLITE_STATIC);
    sqlite3* db = connection_->handle();
    const sqlite3_int64 before = sqlite3_total_changes64(db);
    int result = SQLITE_ROW;
    while (result == SQLITE_ROW) result = sqlite3_step(statement_);
    if (result != SQLITE_DONE) {
        Error error = connection_->failed(result, sql_);
        sqlite3_reset(statement_);
        throw_failure(std::move(error), result);
    }
    sqlite3_reset(statement_);
    // What is no INSERT, UPDATE or DELETE leaves the count of the last one that was.
    return sqlite3_total_changes64(db) == before ? 0 : sqlite3_changes64(db);
}

void Statement::start(std::span<const Value> values) {
    bind(values, SQLITE_TRANSIENT);
    active_ = true;
}

bool Statement::step() {
    if (!active_) return false;
    if (!connection_->is_open()) {
        throw StoreFailure{Error{ErrorCode::unavailable, "database is closed"}};
    }
    const int result = sqlite3_step(statement_);
    if (result == SQLITE_ROW) return true;
    if (result == SQLITE_DONE) {
        reset();
        return false;
    }
    Error error = connection_->failed(result, sql_);
    reset();
    throw_failure(std::move(error), result);
}

void Statement::reset() noexcept {
    active_ = false;
    if (connection_->is_open()) sqlite3_reset(statement_);
}

int Statement::columns() const noexcept { return sqlite3_column_count(statement_); }

bool Statement::is_null(int column) const {
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::int64_t Statement::integer(int column) const {
    return sqlite3_column_int64(statement_, column);
}

double Statement::real(int column) const { return sqlite3_column_double(statement_, column); }

std::string_view Statement::text(int column) const {
    const void* bytes = sqlite3_column_type(statement_, column) == SQLITE_BLOB
                            ? sqlite3_column_blob(statement_, column)
                            : sqlite3_column_text(statement_, column);
    if (bytes == nullptr) return {};
    return {static_cast<const char*>(bytes),
            static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

Statement& Statements::get(std::string_view sql) {
    // Most texts are literals, which keep their address; a text that was built may share one with
    // an earlier text, so the address alone does not decide.
    const auto address = reinterpret_cast<std::uintptr_t>(sql.data());
    Slot& slot = by_address_[(address >> 3 ^ address >> 11 ^ sql.size()) % by_address_.size()];
    if (slot.statement == nullptr || slot.data != sql.data() || slot.statement->sql() != sql) {
        Statement& statement = prepare(sql);
        slot = Slot{sql.data(), &statement};
    }
    slot.statement->used = ++uses_;
    return *slot.statement;
}

Statement& Statements::prepare(std::string_view sql) {
    if (!connection_->is_open()) {
        throw StoreFailure{Error{ErrorCode::unavailable, "database is closed"}};
    }
    const auto found = by_text_.find(sql);
    if (found != by_text_.end()) return *found->second;
    if (by_text_.size() >= statements_max) make_room();
    auto statement = std::make_unique<Statement>(connection_, sql);
    const std::string_view key = statement->sql();
    return *by_text_.emplace(key, std::move(statement)).first->second;
}

void Statements::make_room() {
    auto oldest = by_text_.end();
    for (auto i = by_text_.begin(); i != by_text_.end(); ++i) {
        if (i->second->is_active()) continue;
        if (oldest == by_text_.end() || i->second->used < oldest->second->used) oldest = i;
    }
    if (oldest == by_text_.end()) return;  // All are being read: the bound gives way.
    by_address_.fill(Slot{});
    // The key is a view of the statement's own text: take it out before it dies.
    const auto removed = by_text_.extract(oldest);
}

}  // namespace tidings::sqlite
