#pragma once

#include <tidings/base/result.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidings {

/// One JSON value in memory, for tests that change a part of it: its scalars stay as they were
/// written.
struct JsonTree {
    enum class Kind : std::uint8_t { object, array, scalar };

    Kind kind = Kind::scalar;
    std::string scalar{};                                    ///< Its JSON text.
    std::vector<std::pair<std::string, JsonTree>> fields{};  ///< Of an object.
    std::vector<JsonTree> items{};                           ///< Of an array.

    static Result<JsonTree> parse(std::string_view json);
    std::string text() const;
    JsonTree* find(std::string_view name);
    const JsonTree* find(std::string_view name) const;
    bool is_text() const { return kind == Kind::scalar && scalar.starts_with('"'); }
};

}  // namespace tidings
