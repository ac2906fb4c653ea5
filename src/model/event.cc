#include <tidings/base/text.h>
#include <tidings/model/event.h>

#include <fmt/format.h>

#include <charconv>

namespace tidings {

namespace {

constexpr std::size_t event_name_bytes_max = 128;

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

/// Returns the length of `[a-z][a-z0-9_]*` that `text` starts with.
std::size_t word_bytes(std::string_view text) {
    if (text.empty() || !is_lower(text[0])) return 0;
    std::size_t at = 1;
    while (at < text.size() &&
           (is_lower(text[at]) || (text[at] >= '0' && text[at] <= '9') || text[at] == '_')) {
        ++at;
    }
    return at;
}

/// Reads a number without sign or leading zeros and moves `text` behind it.
bool take_number(std::string_view& text, int& number) {
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    const auto length = static_cast<std::size_t>(end - text.data());
    if (code != std::errc{} || text[0] == '-' || (length > 1 && text[0] == '0')) return false;
    text.remove_prefix(length);
    return true;
}

bool take_dot(std::string_view& text) {
    if (text.empty() || text[0] != '.') return false;
    text.remove_prefix(1);
    return true;
}

}  // namespace

Result<SchemaVersion> SchemaVersion::parse(std::string_view text) {
    SchemaVersion version;
    std::string_view rest = text;
    if (take_number(rest, version.major) && take_dot(rest) && take_number(rest, version.minor) &&
        take_dot(rest) && take_number(rest, version.patch) && rest.empty()) {
        return version;
    }
    return Error{ErrorCode::invalid_argument,
                 fmt::format("version {} must be three numbers, major.minor.patch", quote(text)),
                 "write it like 1.0.0, without leading zeros"};
}

std::string to_string(const SchemaVersion& version) {
    return fmt::format("{}.{}.{}", version.major, version.minor, version.patch);
}

Result<void> check_event_name(std::string_view name) {
    const std::size_t domain = word_bytes(name);
    const bool has_dot = domain > 0 && domain < name.size() && name[domain] == '.';
    const std::size_t rest = has_dot ? word_bytes(name.substr(domain + 1)) : 0;
    if (rest > 0 && domain + 1 + rest == name.size() && name.size() <= event_name_bytes_max) {
        return {};
    }
    return Error{ErrorCode::invalid_argument,
                 fmt::format("event type {} must be domain.event_name in snake case, at most {} "
                             "characters",
                             quote(name), event_name_bytes_max),
                 "write it like order.created"};
}

}  // namespace tidings
