#include <tidings/base/text.h>

#include "contract/sample_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

namespace tidings::contract {

namespace {

constexpr std::size_t no_limit = 1'000'000;

/// One piece of an expression, parsed as far as texts can be made from it.
struct Piece {
    enum class Kind { character, sequence, choice, repeat };
    Kind kind = Kind::sequence;
    std::vector<std::string> characters{};  ///< Any one of them.
    std::vector<Piece> parts{};
    std::size_t min = 1;
    std::size_t max = 1;
};

std::vector<std::string> range(char first, char last) {
    std::vector<std::string> out;
    for (int c = first; c <= last; ++c) out.emplace_back(1, static_cast<char>(c));
    return out;
}

void add(std::vector<std::string>& to, const std::vector<std::string>& more) {
    to.insert(to.end(), more.begin(), more.end());
}

/// Reads a regular expression; `failed` if it has what no text can be made for.
class Parser {
public:
    explicit Parser(std::string_view rest) : rest_(rest) {}

    Piece choice() {
        Piece out{Piece::Kind::choice};
        do {
            out.parts.push_back(sequence());
        } while (take("|"));
        return out;
    }
    bool failed() const { return failed_ || !rest_.empty(); }

private:
    bool take(std::string_view text) {
        if (!rest_.starts_with(text)) return false;
        rest_.remove_prefix(text.size());
        return true;
    }
    std::string character() {
        const std::size_t bytes = utf8_character_bytes(rest_);
        failed_ = failed_ || bytes == 0;
        std::string out{rest_.substr(0, bytes)};
        rest_.remove_prefix(bytes);
        return out;
    }
    Piece sequence() {
        Piece out;
        while (!failed_ && !rest_.empty() && rest_[0] != '|' && rest_[0] != ')') {
            if (take("^") || take("$") || take("\\A") || take("\\z")) continue;
            out.parts.push_back(repeated(single()));
        }
        return out;
    }
    Piece repeated(Piece piece) {
        Piece out{Piece::Kind::repeat};
        if (take("*")) {
            out.min = 0;
            out.max = no_limit;
        } else if (take("+")) {
            out.max = no_limit;
        } else if (take("?")) {
            out.min = 0;
        } else if (take("{")) {
            out.min = number();
            out.max = !take(",") ? out.min : rest_.starts_with("}") ? no_limit : number();
            failed_ = failed_ || !take("}");
        } else {
            return piece;
        }
        take("?");
        out.parts.push_back(std::move(piece));
        return out;
    }
    std::size_t number() {
        std::size_t value = 0;
        const auto read = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
        failed_ = failed_ || read.ec != std::errc{} || value > no_limit;
        rest_.remove_prefix(static_cast<std::size_t>(read.ptr - rest_.data()));
        return value;
    }
    Piece single() {
        if (take("(")) {
            if (take("?P<") || take("?<")) {
                while (!rest_.empty() && !take(">")) rest_.remove_prefix(1);
            } else if (!take("?:") && rest_.starts_with("?")) {
                failed_ = true;
            }
            Piece out = choice();
            failed_ = failed_ || !take(")");
            return out;
        }
        Piece out{Piece::Kind::character};
        if (take("[")) {
            out.characters = in_brackets();
        } else if (take(".")) {
            out.characters = range('a', 'z');
        } else if (take("\\")) {
            out.characters = escape();
        } else {
            out.characters = {character()};
        }
        failed_ = failed_ || out.characters.empty();
        return out;
    }
    std::vector<std::string> escape() {
        const std::string name = character();
        std::vector<std::string> letters = range('a', 'z');
        if (name == "d") return range('0', '9');
        if (name == "w" || name == "D" || name == "S") return letters;
        if (name == "s") return {" "};
        if (name == "W") return {"-", " "};
        if (name == "t") return {"\t"};
        if (name == "n") return {"\n"};
        const char c = name.empty() ? 'a' : name[0];
        const bool is_named = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
        failed_ = failed_ || is_named;
        return {name};
    }
    std::vector<std::string> in_brackets() {
        const bool is_negated = take("^");
        std::vector<std::string> out;
        bool is_first = true;
        while (!failed_ && (is_first || !rest_.starts_with("]"))) {
            is_first = false;
            if (rest_.starts_with("[:")) failed_ = true;
            std::vector<std::string> one = take("\\") ? escape() : std::vector{character()};
            const bool is_range = rest_.size() > 1 && rest_[0] == '-' && rest_[1] != ']';
            if (is_range && one.size() == 1 && one[0].size() == 1) {
                take("-");
                const std::string last = take("\\") ? escape()[0] : character();
                failed_ = failed_ || last.size() != 1 || last < one[0];
                if (!failed_) one = range(one[0][0], last[0]);
            }
            add(out, one);
        }
        failed_ = failed_ || !take("]");
        if (!is_negated) return out;
        std::vector<std::string> others = range('a', 'z');
        add(others, range('0', '9'));
        add(others, range(' ', '/'));
        std::erase_if(others, [&](const std::string& c) {
            return std::find(out.begin(), out.end(), c) != out.end();
        });
        return others;
    }

    std::string_view rest_;
    bool failed_ = false;
};

/// Writes a text; each choice takes its part of the index, as digits are taken from a number.
void append(const Piece& piece, std::size_t extra, std::size_t& index, std::string& out) {
    constexpr std::size_t bytes_max = 100'000;
    if (out.size() > bytes_max) return;
    const auto choose = [&](std::size_t count) {
        const std::size_t chosen = index % count;
        index /= count;
        return chosen;
    };
    switch (piece.kind) {
        case Piece::Kind::character:
            out += piece.characters[choose(piece.characters.size())];
            return;
        case Piece::Kind::choice:
            return append(piece.parts[choose(piece.parts.size())], extra, index, out);
        case Piece::Kind::sequence:
            for (const Piece& part : piece.parts) append(part, extra, index, out);
            return;
        case Piece::Kind::repeat:
            const std::size_t times = std::min(piece.max, piece.min + extra);
            for (std::size_t i = 0; i < times; ++i) append(piece.parts[0], extra, index, out);
            return;
    }
}

}  // namespace

std::optional<std::string> text_for_pattern(std::string_view expression, std::size_t extra,
                                            std::size_t index) {
    Parser parser{expression};
    const Piece piece = parser.choice();
    if (parser.failed()) return std::nullopt;
    std::string out;
    append(piece, extra, index, out);
    return out;
}

}  // namespace tidings::contract
