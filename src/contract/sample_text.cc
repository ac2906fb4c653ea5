#include "contract/sample_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace tidings::contract {

namespace {

/// Different texts for different indexes, `length` letters long unless the index needs more.
std::string letters(std::size_t length, std::size_t index) {
    std::string out;
    for (; index > 0; index /= 26) out.insert(out.begin(), static_cast<char>('a' + index % 26));
    if (out.size() < length) out.insert(0, length - out.size(), 'a');
    return out;
}

std::string of_format(Format format, std::size_t wanted, std::size_t index) {
    switch (format) {
        case Format::none:
            return letters(wanted, index);
        case Format::uuid:
            return fmt::format("00000000-0000-4000-8000-{:012x}", index);
        case Format::date_time:
            return fmt::format("2026-01-01T{:02}:{:02}:{:02}Z", index / 3600 % 24, index / 60 % 60,
                               index % 60);
        case Format::date:
            return fmt::format("{}-{:02}-{:02}", 2026 + index / 336, 1 + index / 28 % 12,
                               1 + index % 28);
        case Format::email: {
            const std::string end = "@a.example";
            const std::size_t local = std::min<std::size_t>(wanted, 64 + end.size());
            return letters(std::max(local, end.size() + 1) - end.size(), index) + end;
        }
        case Format::uri:
            return "urn:" + letters(std::max<std::size_t>(wanted, 5) - 4, index);
        case Format::money:
            return fmt::format("{}.00", index);
    }
    return {};
}

}  // namespace

bool keeps(const SchemaNode& schema, std::string_view text) {
    std::string json;
    json::Writer writer{json};
    writer.text(text);
    return check_json(schema, json).has_value();
}

std::optional<std::string> sample_text(const SchemaNode& schema, std::size_t wanted,
                                       std::size_t index) {
    constexpr std::size_t repetitions_max = 64;
    if (schema.constant) return schema.constant;
    if (!schema.enumeration.empty()) return schema.enumeration[index % schema.enumeration.size()];
    if (schema.pattern) {
        // The shortest that is long enough, or the longest that is short enough.
        const bool is_short = wanted <= schema.length_min;
        const std::size_t most = std::min(std::max(wanted, schema.length_min), repetitions_max);
        for (std::size_t i = 0; i <= most; ++i) {
            const auto text =
                text_for_pattern(schema.pattern->text(), is_short ? i : most - i, index);
            if (!text) break;
            if (keeps(schema, *text)) return text;
        }
        const auto longest = text_for_pattern(schema.pattern->text(), wanted, index);
        if (longest && keeps(schema, *longest)) return longest;
    }
    const std::string likely = of_format(schema.format, wanted, index);
    if (keeps(schema, likely)) return likely;
    std::vector<std::string> said = schema.examples;
    if (schema.default_json) said.push_back(*schema.default_json);
    for (std::size_t i = 0; i < said.size(); ++i) {
        json::Reader reader{said[(index + i) % said.size()]};
        if (reader.kind() != json::Kind::string) continue;
        std::string text{reader.text()};
        if (keeps(schema, text)) return text;
    }
    return std::nullopt;
}

}  // namespace tidings::contract
