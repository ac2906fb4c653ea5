#pragma once

#include <tidings/base/result.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tidings::json {

/// Where each token of a JSON text starts: brackets, colons, commas, strings and other scalars.
/// Keeps its memory from one text to the next.
class Index {
public:
    Index();
    ~Index();

    /// Finds the tokens of `text`, at most 4 GiB. What is found is not JSON yet, but: it is UTF-8,
    /// strings end, and hold no control character.
    /// Errors: `contract_violation`; `limit_exceeded` without memory.
    Result<void> build(std::string_view text);

    const std::uint32_t* tokens() const noexcept { return tokens_; }
    std::uint32_t count() const noexcept { return count_; }

private:
    struct Parser;
    std::unique_ptr<Parser> parser_;
    const std::uint32_t* tokens_ = nullptr;
    std::uint32_t count_ = 0;
};

/// Returns the text in field `name` of the object that the tokens begin with; nothing if it has
/// none. What is broken on the way is passed over. Uses `decoded` for texts with escapes.
std::optional<std::string_view> find_text(std::string_view text,
                                          std::span<const std::uint32_t> tokens,
                                          std::string_view name, std::string& decoded);

}  // namespace tidings::json
