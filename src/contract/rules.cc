#include <tidings/base/text.h>
#include <tidings/contract/rules.h>

#include "contract/rule_texts.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <re2/re2.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

namespace tidings::contract {

namespace {

constexpr std::size_t shown_bytes_max = 64;
constexpr std::size_t email_bytes_max = 254;
constexpr std::size_t email_local_bytes_max = 64;
constexpr std::int64_t cents_max = 99'999'999'999'999'999;  // 15 digits before the point

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }
bool is_hex(char c) { return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f'); }

bool is_domain(std::string_view domain) {
    if (domain.size() > 2 && domain.front() == '[' && domain.back() == ']') return true;
    while (true) {
        const std::string_view label = domain.substr(0, domain.find('.'));
        const auto is_letter_or_digit = [](char c) {
            return is_letter(c) || is_digit(c) || (c & 0x80) != 0;
        };
        if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-' ||
            !std::all_of(label.begin(), label.end(),
                         [&](char c) { return is_letter_or_digit(c) || c == '-'; })) {
            return false;
        }
        if (label.size() == domain.size()) return true;
        domain.remove_prefix(label.size() + 1);
    }
}

int number_of(std::string_view digits) {
    int value = -1;
    const char* end = digits.data() + digits.size();
    return std::from_chars(digits.data(), end, value).ptr == end ? value : -1;
}

}  // namespace

std::size_t count_characters(std::string_view text) noexcept {
    std::size_t characters = 0;
    std::size_t at = 0;
    while (at < text.size()) {
        std::uint64_t eight = 0;
        if (at + sizeof eight <= text.size()) {
            std::memcpy(&eight, text.data() + at, sizeof eight);
            if ((eight & 0x8080808080808080ULL) == 0) {
                at += sizeof eight;
                characters += sizeof eight;
                continue;
            }
        }
        const std::size_t bytes = utf8_character_bytes(text.substr(at));
        if (bytes == 0) return no_maximum;
        at += bytes;
        ++characters;
    }
    return characters;
}

bool is_uuid(std::string_view text) noexcept {
    if (text.size() != 36) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (is_dash ? text[i] != '-' : !is_hex(text[i])) return false;
    }
    return true;
}

bool is_date(std::string_view text) noexcept {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
    if (!is_digit(text[0]) || !is_digit(text[5]) || !is_digit(text[8])) return false;
    const std::chrono::year_month_day day{
        std::chrono::year{number_of(text.substr(0, 4))},
        std::chrono::month{static_cast<unsigned>(number_of(text.substr(5, 2)))},
        std::chrono::day{static_cast<unsigned>(number_of(text.substr(8, 2)))}};
    return number_of(text.substr(0, 4)) >= 0 && day.ok();
}

bool is_email(std::string_view text) noexcept {
    const std::size_t at = text.rfind('@');
    if (at == std::string_view::npos || at == 0 || at > email_local_bytes_max ||
        text.size() > email_bytes_max) {
        return false;
    }
    const std::string_view local = text.substr(0, at);
    const bool is_quoted = local.size() > 2 && local.front() == '"' && local.back() == '"';
    const auto is_fit = [&](char c) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7F) return false;
        return is_quoted || std::string_view{" \"(),:;<>@[\\]"}.find(c) == std::string_view::npos;
    };
    return std::all_of(local.begin(), local.end(), is_fit) && is_domain(text.substr(at + 1));
}

bool is_uri(std::string_view text) noexcept {
    const std::size_t colon = text.find(':');
    if (colon == 0 || colon == std::string_view::npos || !is_letter(text[0])) return false;
    const std::string_view scheme = text.substr(0, colon);
    for (const char c : scheme) {
        if (!is_letter(c) && !is_digit(c) && c != '+' && c != '-' && c != '.') return false;
    }
    for (std::size_t i = colon + 1; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte <= 0x20 || byte >= 0x7F) return false;
        if (std::string_view{"\"<>\\^`{|}"}.find(text[i]) != std::string_view::npos) return false;
        if (text[i] == '%' &&
            (i + 2 >= text.size() || !is_hex(text[i + 1]) || !is_hex(text[i + 2]))) {
            return false;
        }
    }
    return true;
}

// ---- patterns

struct Pattern::Impl {
    explicit Impl(std::string_view expression)
        : compiled(re2::StringPiece{expression.data(), expression.size()}, RE2::Quiet) {}
    RE2 compiled;
};

Pattern::Pattern(std::string_view expression)
    : text_(expression), impl_(std::make_unique<Impl>(expression)) {
    TIDINGS_ASSERT(impl_->compiled.ok());
}
Pattern::Pattern(Pattern&&) noexcept = default;
Pattern::~Pattern() = default;

bool Pattern::matches(std::string_view text) const {
    return RE2::PartialMatch(re2::StringPiece{text.data(), text.size()}, impl_->compiled);
}

std::string pattern_error(std::string_view expression) {
    const RE2 compiled{re2::StringPiece{expression.data(), expression.size()}, RE2::Quiet};
    return compiled.ok() ? std::string{} : compiled.error();
}

// ---- the checker

void Checker::fail(const Place& at, std::string message) {
    failed_ = true;
    message_ = std::move(message);
    pointer_.clear();
    for (const Place* place = &at; place->parent != nullptr; place = place->parent) {
        std::string token{"/"};
        token +=
            place->name.data() == nullptr ? std::to_string(place->index) : std::string{place->name};
        pointer_.insert(0, token);
    }
}

void Checker::text(const Place& at, std::string_view value, std::size_t min, std::size_t max) {
    if (failed_) return;
    const std::size_t characters = count_characters(value);
    if (characters >= min && characters <= max && characters != no_maximum) return;
    const std::string shown = quote(value, shown_bytes_max);
    if (characters == no_maximum) return fail(at, fmt::format("{}, is {}", rules::utf8, shown));
    if (characters < min) {
        return fail(at, fmt::format("must have at least {} characters, is {}", min, shown));
    }
    fail(at, fmt::format("must have at most {} characters, is {}", max, shown));
}

void Checker::shape(const Place& at, std::string_view value, bool holds, std::string_view rule) {
    if (failed_ || holds) return;
    fail(at, fmt::format("{}, is {}", rule, quote(value, shown_bytes_max)));
}

void Checker::uuid(const Place& at, std::string_view value) {
    shape(at, value, is_uuid(value), rules::uuid);
}
void Checker::date(const Place& at, std::string_view value) {
    shape(at, value, is_date(value), rules::date);
}
void Checker::email(const Place& at, std::string_view value) {
    shape(at, value, is_email(value), rules::email);
}
void Checker::uri(const Place& at, std::string_view value) {
    shape(at, value, is_uri(value), rules::uri);
}

void Checker::pattern(const Place& at, std::string_view value, const Pattern& pattern) {
    if (failed_ || pattern.matches(value)) return;
    fail(at, fmt::format("must match {}, is {}", pattern.text(), quote(value, shown_bytes_max)));
}

void Checker::constant(const Place& at, std::string_view value, std::string_view wanted) {
    if (failed_ || value == wanted) return;
    fail(at, fmt::format("must be {}, is {}", wanted, quote(value, shown_bytes_max)));
}

void Checker::integer(const Place& at, std::int64_t value, std::int64_t min, std::int64_t max) {
    if (failed_ || (value >= min && value <= max)) return;
    fail(at, value < min ? fmt::format("must be at least {}, is {}", min, value)
                         : fmt::format("must be at most {}, is {}", max, value));
}

void Checker::one_of(const Place& at, std::int64_t value,
                     std::initializer_list<std::int64_t> wanted) {
    if (failed_ || std::find(wanted.begin(), wanted.end(), value) != wanted.end()) return;
    fail(at, fmt::format("must be one of {}, is {}", fmt::join(wanted, ", "), value));
}

void Checker::one_of(const Place& at, double value, std::initializer_list<double> wanted) {
    if (failed_ || std::find(wanted.begin(), wanted.end(), value) != wanted.end()) return;
    fail(at, fmt::format("must be one of {}, is {}", fmt::join(wanted, ", "), value));
}

void Checker::other_name(const Place& at, std::string_view name,
                         std::initializer_list<std::string_view> taken) {
    if (failed_ || std::find(taken.begin(), taken.end(), name) == taken.end()) return;
    fail(at, "must not be there: a property has this name");
}

void Checker::flag(const Place& at, bool value, bool wanted) {
    if (failed_ || value == wanted) return;
    fail(at, fmt::format("must be {}, is {}", wanted, value));
}

std::string broken_bound(double value, const NumberBounds& bounds) {
    if (!std::isfinite(value)) return "must be a finite number";
    if (value < bounds.minimum || (bounds.above && value == bounds.minimum)) {
        return fmt::format("must be {} {}", bounds.above ? "above" : "at least", bounds.minimum);
    }
    if (value > bounds.maximum || (bounds.below && value == bounds.maximum)) {
        return fmt::format("must be {} {}", bounds.below ? "below" : "at most", bounds.maximum);
    }
    return {};
}

void Checker::number(const Place& at, double value, const NumberBounds& bounds) {
    if (failed_) return;
    const std::string rule = broken_bound(value, bounds);
    if (!rule.empty()) fail(at, fmt::format("{}, is {}", rule, value));
}

void Checker::money(const Place& at, Money value, bool may_be_negative) {
    if (failed_) return;
    if (value.cents > cents_max || value.cents < -cents_max) {
        return fail(at, fmt::format("must have at most 15 digits before the point, is \"{}\"",
                                    to_string(value)));
    }
    if (value.cents < 0 && !may_be_negative) {
        fail(at, fmt::format("{}, is \"{}\"", rules::not_negative, to_string(value)));
    }
}

void Checker::timestamp(const Place& at, Timestamp value) {
    if (failed_) return;
    using std::chrono::January;
    constexpr Timestamp begin = std::chrono::sys_days{std::chrono::year{0} / January / 1};
    constexpr Timestamp end = std::chrono::sys_days{std::chrono::year{10000} / January / 1};
    if (value >= begin && value < end) return;
    fail(at, fmt::format("must be a time from year 0 to 9999, is {} ms",
                         value.time_since_epoch().count()));
}

void Checker::enumerator(const Place& at, std::string_view name) {
    if (failed_ || !name.empty()) return;
    fail(at, "must be one of its enumerators, is another number");
}

void Checker::items(const Place& at, std::size_t count, std::size_t min, std::size_t max) {
    if (failed_ || (count >= min && count <= max)) return;
    fail(at, count < min ? fmt::format("must have at least {} items, has {}", min, count)
                         : fmt::format("must have at most {} items, has {}", max, count));
}

template <class T>
void Checker::find_twin(const Place& at, const std::vector<T>& values) {
    if (failed_) return;
    std::vector<T> sorted = values;
    std::sort(sorted.begin(), sorted.end());
    const auto twin = std::adjacent_find(sorted.begin(), sorted.end());
    if (twin == sorted.end()) return;
    if constexpr (std::is_same_v<T, std::string>) {
        fail(at,
             fmt::format("must have each item once, has {} twice", quote(*twin, shown_bytes_max)));
    } else {
        fail(at, fmt::format("must have each item once, has {} twice", *twin));
    }
}

void Checker::unique(const Place& at, const std::vector<std::string>& values) {
    find_twin(at, values);
}
void Checker::unique(const Place& at, const std::vector<std::int64_t>& values) {
    find_twin(at, values);
}

Result<void> Checker::result() const {
    if (!failed_) return {};
    const std::string where = pointer_.empty() ? "document" : "field " + pointer_;
    return Error{ErrorCode::contract_violation, fmt::format("{}: {}", where, message_)};
}

void Checker::report(json::Reader& reader) const {
    if (failed_) reader.fail_below(pointer_, message_);
}

void refuse_column(std::string_view table, std::string_view column, std::string_view text) {
    throw Failure{Error{ErrorCode::corruption,
                        fmt::format("table {}, column {}: is not what its model says, is {}",
                                    quote(table), quote(column), quote(text, shown_bytes_max)),
                        "was the model changed without a migration?"},
                  true};
}

void refuse_kind(json::Reader& reader, std::string_view discriminator, std::string_view kinds) {
    std::string_view name;
    reader.begin_object();
    while (reader.next_field(name)) {
        if (name != discriminator) continue;
        reader.text();
        return reader.fail(fmt::format("must be one of {}", kinds));
    }
    reader.missing(discriminator);
}

void check_count(json::Reader& reader, std::size_t count, std::size_t wanted) {
    if (count < wanted) reader.fail(fmt::format("must have at least {} items", wanted));
}

void refuse_element(json::Reader& reader) { reader.fail(rules::beyond); }

Money read_money(json::Reader& reader) {
    const auto parsed = Money::parse(reader.text());
    if (parsed) return *parsed;
    reader.fail(rules::money);
    return {};
}

Timestamp read_timestamp(json::Reader& reader) {
    const auto parsed = parse_timestamp(reader.text());
    if (parsed) return *parsed;
    reader.fail(rules::date_time);
    return {};
}

}  // namespace tidings::contract
