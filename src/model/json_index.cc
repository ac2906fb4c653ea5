// The only file that knows simdjson. Its first stage goes through the text 64 bytes at a time with
// whatever the processor has; it needs no padding behind the text, so nothing is copied.
#include "model/json_index.h"

#include <tidings/base/text.h>

#include "model/json_text.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>

namespace tidings::json {

namespace {

constexpr std::size_t capacity_min = 4096;

Error describe(simdjson::error_code code, std::string_view text) {
    const auto violation = [](std::string message) {
        return Error{ErrorCode::contract_violation, std::move(message)};
    };
    for (std::size_t i = 0; code == simdjson::UTF8_ERROR && i < text.size();) {
        const std::size_t bytes = utf8_character_bytes(text.substr(i));
        if (bytes == 0) {
            return violation(fmt::format("document: must be UTF-8, byte {} is not: {}", i,
                                         quote(text.substr(i), 16)));
        }
        i += bytes;
    }
    switch (code) {
        case simdjson::EMPTY:
            return violation("document: must be JSON, is empty");
        case simdjson::UNCLOSED_STRING:
            return violation("document: broken JSON: a string that begins does not end");
        case simdjson::UNESCAPED_CHARS:
            return violation(
                "document: broken JSON: a control character in a string must be escaped");
        case simdjson::MEMALLOC:
            return Error{ErrorCode::unavailable, "document: no memory left to read it"};
        default:
            return violation(
                fmt::format("document: broken JSON: {}", simdjson::error_message(code)));
    }
}

}  // namespace

struct Index::Parser {
    std::unique_ptr<simdjson::internal::dom_parser_implementation> simd;

    simdjson::error_code reserve(std::size_t bytes) {
        const std::size_t capacity = std::max(bytes, capacity_min);
        if (!simd) {
            return simdjson::get_active_implementation()->create_dom_parser_implementation(capacity,
                                                                                           1, simd);
        }
        return simd->capacity() < bytes ? simd->allocate(capacity, 1) : simdjson::SUCCESS;
    }
};

Index::Index() : parser_(std::make_unique<Parser>()) {}
Index::~Index() = default;

Result<void> Index::build(std::string_view text) {
    count_ = 0;
    auto code = parser_->reserve(text.size());
    if (code == simdjson::SUCCESS) {
        code = parser_->simd->stage1(reinterpret_cast<const std::uint8_t*>(text.data()),
                                     text.size(), simdjson::stage1_mode::regular);
    }
    if (code != simdjson::SUCCESS) return describe(code, text);
    tokens_ = parser_->simd->structural_indexes.get();
    count_ = parser_->simd->n_structural_indexes;
    return {};
}

std::optional<std::string_view> find_text(std::string_view text,
                                          std::span<const std::uint32_t> tokens,
                                          std::string_view name, std::string& decoded) {
    const auto content = [&](std::size_t token) -> std::string_view {
        const std::size_t from = tokens[token] + 1;
        const std::size_t to = token + 1 < tokens.size() ? tokens[token + 1] : text.size();
        const std::string_view run = text.substr(from, to - from);
        const std::string_view inner = run.substr(0, run.rfind('"'));
        if (inner.find('\\') == std::string_view::npos) return inner;
        decoded.clear();
        return unescape(inner, decoded) ? std::string_view{decoded} : inner;
    };
    std::size_t depth = 0;
    for (std::size_t token = 0; token < tokens.size(); ++token) {
        const char c = text[tokens[token]];
        if (c == '{' || c == '[') ++depth;
        if ((c == '}' || c == ']') && --depth == 0) return std::nullopt;
        const bool is_name = depth == 1 && c == '"' && token + 2 < tokens.size() &&
                             text[tokens[token + 1]] == ':' && content(token) == name;
        if (!is_name) continue;
        if (text[tokens[token + 2]] != '"') return std::nullopt;
        return content(token + 2);
    }
    return std::nullopt;
}

}  // namespace tidings::json
