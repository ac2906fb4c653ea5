// Reads JSON on demand over the index of its tokens, which simdjson makes. The walk is ours,
// because it has to be stricter than simdjson's own: it looks at every value, also at those that
// are skipped, and refuses duplicate keys.
#include <tidings/base/text.h>
#include <tidings/model/json.h>

#include "model/free_states.h"
#include "model/json_index.h"
#include "model/json_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <deque>
#include <limits>
#include <utility>
#include <vector>

namespace tidings::json {

namespace {

/// Up to here names are compared one by one; objects with more are sorted when they end, so that a
/// hostile object costs n log n and not n².
constexpr std::size_t keys_compared_max = 32;
/// States that have grown beyond these are not kept for the next document.
constexpr std::size_t kept_text_bytes_max = 4 * 1024 * 1024;
constexpr std::size_t kept_keys_max = 4096;
/// What 32 bits can count, with room for what is counted from there.
constexpr std::size_t text_bytes_max = std::numeric_limits<std::uint32_t>::max() - 64;

struct Level {
    bool is_object;
    bool is_empty;           // nothing was read in it yet
    std::uint32_t start;     // where its bracket stands
    std::size_t keys_begin;  // its keys in Impl::keys
    std::uint64_t index;     // of the element being read
    std::string_view name;   // of the field being read
};

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

}  // namespace

struct Reader::Impl {
    Index index;
    std::string_view text;
    Options options;
    const std::uint32_t* tokens = nullptr;
    std::uint32_t count = 0;
    std::uint32_t at = 0;     // the token that comes next
    bool pending = false;     // a value comes next
    std::uint32_t begin = 0;  // of the value read last, in bytes
    std::uint32_t end = 0;
    std::vector<Level> levels;
    std::vector<std::string_view> keys;
    std::deque<std::string> decoded_keys;
    std::string decoded_text;
    bool failed = false;
    Error error;
    Impl* next_free = nullptr;

    void start(std::string_view document, const Options& limits);
    char peek() const { return at < count ? text[tokens[at]] : '\0'; }
    std::string_view run(std::uint32_t token) const {
        const std::size_t from = tokens[token];
        std::size_t to = token + 1 < count ? tokens[token + 1] : text.size();
        while (to > from && is_space(text[to - 1])) --to;
        return text.substr(from, to - from);
    }
    std::string_view take(std::string_view token) {
        begin = tokens[at];
        end = static_cast<std::uint32_t>(begin + token.size());
        ++at;
        pending = false;
        return token;
    }

    bool expect(Kind wanted, std::string_view rule);
    Kind kind();
    void open(bool is_object);
    void close();
    void check_keys(const Level& level);
    bool read_name(std::string_view& name);
    bool next(char closing);
    std::string_view string(std::string& decoded);
    std::string_view number();
    void atom(std::string_view wanted);
    void scalar();
    void skip();

    std::string pointer() const;
    std::string where(std::string_view below = {}) const;
    void fail(ErrorCode code, std::string message, Refusal refusal = Refusal::none);
    void broken(std::string_view what);
};

// ---- errors

std::string Reader::Impl::pointer() const {
    std::string out;
    for (const Level& level : levels) {
        if (level.is_empty) break;
        out += '/';
        if (level.is_object) {
            append_pointer_token(level.name, out);
        } else {
            out += std::to_string(level.index);
        }
    }
    return shortened(std::move(out));
}

std::string Reader::Impl::where(std::string_view below) const {
    const std::string path = pointer() + std::string{below};
    return path.empty() ? "document" : "field " + path;
}

void Reader::Impl::fail(ErrorCode code, std::string message, Refusal refusal) {
    if (failed) return;
    failed = true;
    pending = false;
    error = Error{code, std::move(message), {}, refusal};
}

void Reader::Impl::broken(std::string_view what) {
    if (at >= count) {
        return fail(
            ErrorCode::contract_violation,
            fmt::format("{}: broken JSON: expected {}, is at the end of the text", where(), what));
    }
    fail(ErrorCode::contract_violation,
         fmt::format("{}: broken JSON at byte {}: expected {}, is {}", where(), tokens[at], what,
                     shown(run(at))));
}

void Reader::Impl::start(std::string_view document, const Options& limits) {
    text = document;
    options = limits;
    count = at = begin = end = 0;
    levels.clear();
    keys.clear();
    decoded_keys.clear();
    failed = false;
    pending = true;
    if (text.size() > options.bytes_max || text.size() > text_bytes_max) {
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("document: must not be larger than {} bytes, is {}",
                                options.bytes_max, text.size()),
                    Refusal::too_large);
    }
    if (auto built = index.build(text); !built) {
        return fail(built.error().code, built.error().message);
    }
    tokens = index.tokens();
    count = index.count();
}

// ---- walking

Kind Reader::Impl::kind() {
    if (failed) return Kind::null;
    TIDINGS_ASSERT(pending);
    switch (peek()) {
        case '{':
            return Kind::object;
        case '[':
            return Kind::array;
        case '"':
            return Kind::string;
        case 't':
        case 'f':
            return Kind::boolean;
        case 'n':
            return Kind::null;
        case '-':
            return Kind::number;
        default:
            if (peek() >= '0' && peek() <= '9') return Kind::number;
            broken("a value");
            return Kind::null;
    }
}

bool Reader::Impl::expect(Kind wanted, std::string_view rule) {
    const Kind found = kind();
    if (failed) return false;
    if (found == wanted) return true;
    skip();  // broken JSON is the graver error
    fail(ErrorCode::contract_violation,
         fmt::format("{}: {}, is {}", where(), rule, shown(text.substr(begin, end - begin))));
    return false;
}

void Reader::Impl::open(bool is_object) {
    if (std::cmp_greater_equal(levels.size(), options.depth_max)) {
        return fail(
            ErrorCode::limit_exceeded,
            fmt::format("{}: must not be nested deeper than {}", where(), options.depth_max),
            Refusal::too_deep);
    }
    levels.push_back({is_object, true, tokens[at], keys.size(), 0, {}});
    ++at;
    pending = false;
}

void Reader::Impl::close() {
    const Level level = levels.back();
    if (keys.size() - level.keys_begin > keys_compared_max) check_keys(level);
    if (failed) return;
    begin = level.start;
    end = tokens[at] + 1;
    ++at;
    keys.resize(level.keys_begin);
    levels.pop_back();
}

void Reader::Impl::check_keys(const Level& level) {
    const auto from = keys.begin() + static_cast<std::ptrdiff_t>(level.keys_begin);
    std::sort(from, keys.end());
    const auto twin = std::adjacent_find(from, keys.end());
    if (twin == keys.end()) return;
    levels.back().name = *twin;
    fail(ErrorCode::contract_violation, fmt::format("{}: must not be there twice", where()));
}

bool Reader::Impl::next(char closing) {
    if (pending) skip();
    if (failed) return false;
    TIDINGS_ASSERT(!levels.empty() && levels.back().is_object == (closing == '}'));
    Level& level = levels.back();
    if (peek() == closing) {
        close();
        return false;
    }
    if (level.is_empty) return true;
    if (peek() != ',') {
        broken(closing == '}' ? "',' or '}'" : "',' or ']'");
        return false;
    }
    ++at;
    ++level.index;
    return true;
}

bool Reader::Impl::read_name(std::string_view& name) {
    if (peek() != '"') {
        broken("the name of a field");
        return false;
    }
    std::string_view key = run(at);
    key = key.substr(1, key.size() - 2);
    if (key.find('\\') != std::string_view::npos) {
        std::string& decoded = decoded_keys.emplace_back();
        if (!unescape(key, decoded)) {
            broken("a name whose escapes are right");
            return false;
        }
        key = decoded;
    }
    Level& level = levels.back();
    level.is_empty = false;
    level.name = key;
    const std::size_t known = keys.size() - level.keys_begin;
    if (known <= keys_compared_max) {
        for (std::size_t i = level.keys_begin; i < keys.size(); ++i) {
            if (keys[i] != key) continue;
            fail(ErrorCode::contract_violation,
                 fmt::format("{}: must not be there twice", where()));
            return false;
        }
    }
    keys.push_back(key);
    ++at;
    if (peek() != ':') {
        broken("':'");
        return false;
    }
    ++at;
    pending = true;
    name = key;
    return true;
}

// ---- scalars

std::string_view Reader::Impl::string(std::string& decoded) {
    const std::string_view token = run(at);
    const std::string_view content = token.substr(1, token.size() - 2);
    if (content.find('\\') == std::string_view::npos) {
        take(token);
        return content;
    }
    if (!unescape(content, decoded)) {
        broken("a string whose escapes are right");
        return {};
    }
    take(token);
    return decoded;
}

std::string_view Reader::Impl::number() {
    const std::string_view token = run(at);
    if (!is_number(token)) {
        broken("a number");
        return {};
    }
    return take(token);
}

void Reader::Impl::atom(std::string_view wanted) {
    const std::string_view token = run(at);
    if (token != wanted) return broken("a value");
    take(token);
}

void Reader::Impl::scalar() {
    switch (peek()) {
        case '"':
            string(decoded_text);
            return;
        case 't':
            return atom("true");
        case 'f':
            return atom("false");
        case 'n':
            return atom("null");
        default:
            number();
    }
}

void Reader::Impl::skip() {
    if (failed) return;
    TIDINGS_ASSERT(pending);
    const std::size_t outer = levels.size();
    do {
        if (pending) {
            const Kind found = kind();
            if (failed) return;
            if (found == Kind::object || found == Kind::array) {
                open(found == Kind::object);
            } else {
                scalar();
            }
        } else if (levels.back().is_object) {
            std::string_view name;
            if (next('}')) read_name(name);
        } else if (next(']')) {
            levels.back().is_empty = false;
            pending = true;
        }
    } while (!failed && (pending || levels.size() > outer));
}

// ---- the public face

Reader::Reader(std::string_view text) : Reader(text, Options{}) {}

Reader::Reader(std::string_view text, const Options& options) {
    auto& states = free_states<Impl>();
    if (states.first != nullptr) {
        impl_.reset(std::exchange(states.first, states.first->next_free));
    } else {
        impl_ = std::make_unique<Impl>();
    }
    impl_->start(text, options);
}

Reader::~Reader() {
    if (impl_->text.size() > kept_text_bytes_max) return;
    if (impl_->keys.capacity() > kept_keys_max) impl_->keys = {};
    auto& states = free_states<Impl>();
    impl_->next_free = states.first;
    states.first = impl_.release();
}

Kind Reader::kind() { return impl_->kind(); }

void Reader::begin_object() {
    if (impl_->expect(Kind::object, "must be an object")) impl_->open(true);
}

void Reader::begin_array() {
    if (impl_->expect(Kind::array, "must be an array")) impl_->open(false);
}

bool Reader::next_field(std::string_view& name) {
    return impl_->next('}') && impl_->read_name(name);
}

bool Reader::next_element() {
    if (!impl_->next(']')) return false;
    impl_->levels.back().is_empty = false;
    impl_->pending = true;
    return true;
}

std::string_view Reader::text() {
    if (!impl_->expect(Kind::string, "must be a string")) return {};
    return impl_->string(impl_->decoded_text);
}

std::string_view Reader::number_text() {
    if (!impl_->expect(Kind::number, "must be a number")) return {};
    return impl_->number();
}

std::int64_t Reader::integer() {
    if (!impl_->expect(Kind::number, "must be an integer")) return 0;
    const std::string_view token = impl_->number();
    std::int64_t value = 0;
    if (impl_->failed) return 0;
    const Whole whole = whole_number(token, value);
    if (whole == Whole::yes) return value;
    fail(whole == Whole::no ? "must be an integer" : "must be an integer of 64 bits");
    return 0;
}

double Reader::number() {
    const std::string_view token = number_text();
    if (impl_->failed) return 0;
    double value = 0;
    const auto [last, code] = std::from_chars(token.data(), token.data() + token.size(), value);
    if (code != std::errc{}) {
        fail("must be a number that a double can hold");
        return 0;
    }
    return value;
}

bool Reader::boolean() {
    if (!impl_->expect(Kind::boolean, "must be true or false")) return false;
    const bool value = impl_->peek() == 't';
    impl_->atom(value ? "true" : "false");
    return value && !impl_->failed;
}

void Reader::null() {
    if (impl_->expect(Kind::null, "must be null")) impl_->atom("null");
}

std::string_view Reader::raw() {
    if (impl_->failed) return {};
    impl_->skip();
    if (impl_->failed) return {};
    return impl_->text.substr(impl_->begin, impl_->end - impl_->begin);
}

void Reader::skip() { impl_->skip(); }

std::optional<std::string_view> Reader::text_ahead(std::string_view name) {
    if (impl_->failed || !impl_->pending || impl_->peek() != '{') return std::nullopt;
    return find_text(impl_->text, {impl_->tokens + impl_->at, impl_->count - impl_->at}, name,
                     impl_->decoded_text);
}

void Reader::fail(std::string_view rule) {
    if (impl_->failed) return;
    if (impl_->pending) impl_->skip();
    if (impl_->failed) return;
    impl_->fail(ErrorCode::contract_violation,
                fmt::format("{}: {}, is {}", impl_->where(), rule,
                            shown(impl_->text.substr(impl_->begin, impl_->end - impl_->begin))));
}

void Reader::fail_below(std::string_view pointer, std::string_view message) {
    if (impl_->failed) return;
    impl_->fail(ErrorCode::contract_violation,
                fmt::format("{}: {}", impl_->where(pointer), message));
}

void Reader::missing(std::string_view name) {
    if (impl_->failed) return;
    std::string below{"/"};
    append_pointer_token(name, below);
    impl_->fail(ErrorCode::contract_violation, impl_->where(below) + ": is missing");
}

bool Reader::failed() const noexcept { return impl_->failed; }

const Error& Reader::error() const noexcept { return impl_->error; }

Result<void> Reader::finish() {
    if (impl_->pending) impl_->skip();
    if (impl_->failed) return impl_->error;
    TIDINGS_ASSERT(impl_->levels.empty());
    if (impl_->at < impl_->count) {
        impl_->broken("the end of the text");
        return impl_->error;
    }
    return {};
}

}  // namespace tidings::json
