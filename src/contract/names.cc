#include "contract/names.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace tidings::contract {

namespace {

struct Verb {
    std::string_view base;
    std::string_view participle;
};

constexpr std::array verbs = std::to_array<Verb>({
    {"begin", "begun"},
    {"bid", "bid"},
    {"bind", "bound"},
    {"break", "broken"},
    {"bring", "brought"},
    {"build", "built"},
    {"buy", "bought"},
    {"cancel", "cancelled"},
    {"catch", "caught"},
    {"choose", "chosen"},
    {"commit", "committed"},
    {"cut", "cut"},
    {"do", "done"},
    {"draw", "drawn"},
    {"drop", "dropped"},
    {"find", "found"},
    {"forget", "forgotten"},
    {"get", "got"},
    {"give", "given"},
    {"go", "gone"},
    {"grow", "grown"},
    {"hold", "held"},
    {"keep", "kept"},
    {"know", "known"},
    {"leave", "left"},
    {"lend", "lent"},
    {"lose", "lost"},
    {"make", "made"},
    {"meet", "met"},
    {"pay", "paid"},
    {"permit", "permitted"},
    {"plan", "planned"},
    {"put", "put"},
    {"read", "read"},
    {"refer", "referred"},
    {"reset", "reset"},
    {"scan", "scanned"},
    {"see", "seen"},
    {"sell", "sold"},
    {"send", "sent"},
    {"set", "set"},
    {"ship", "shipped"},
    {"shut", "shut"},
    {"sign", "signed"},
    {"skip", "skipped"},
    {"spend", "spent"},
    {"split", "split"},
    {"stop", "stopped"},
    {"swap", "swapped"},
    {"take", "taken"},
    {"tell", "told"},
    {"think", "thought"},
    {"transfer", "transferred"},
    {"understand", "understood"},
    {"withdraw", "withdrawn"},
    {"write", "written"},
    {"bend", "bent"},
    {"blow", "blown"},
    {"deal", "dealt"},
    {"drive", "driven"},
    {"eat", "eaten"},
    {"fall", "fallen"},
    {"feel", "felt"},
    {"fight", "fought"},
    {"fly", "flown"},
    {"freeze", "frozen"},
    {"hang", "hung"},
    {"hear", "heard"},
    {"hide", "hidden"},
    {"lay", "laid"},
    {"lead", "led"},
    {"ride", "ridden"},
    {"rise", "risen"},
    {"say", "said"},
    {"seek", "sought"},
    {"shake", "shaken"},
    {"shoot", "shot"},
    {"show", "shown"},
    {"speak", "spoken"},
    {"stand", "stood"},
    {"steal", "stolen"},
    {"stick", "stuck"},
    {"strike", "struck"},
    {"sweep", "swept"},
    {"teach", "taught"},
    {"tear", "torn"},
    {"throw", "thrown"},
    {"win", "won"},
    {"rebuild", "rebuilt"},
    {"resend", "resent"},
    {"refund", "refunded"},
    {"create", "created"},
    {"update", "updated"},
    {"delete", "deleted"},
    {"remove", "removed"},
    {"add", "added"},
    {"change", "changed"},
    {"complete", "completed"},
    {"fail", "failed"},
    {"reject", "rejected"},
    {"accept", "accepted"},
    {"reserve", "reserved"},
    {"release", "released"},
    {"deliver", "delivered"},
    {"return", "returned"},
    {"place", "placed"},
    {"process", "processed"},
    {"validate", "validated"},
    {"confirm", "confirmed"},
    {"approve", "approved"},
    {"register", "registered"},
    {"start", "started"},
    {"finish", "finished"},
    {"close", "closed"},
    {"request", "requested"},
    {"revoke", "revoked"},
    {"list", "listed"},
    {"publish", "published"},
    {"notify", "notified"},
    {"email", "emailed"},
    {"charge", "charged"},
    {"capture", "captured"},
    {"schedule", "scheduled"},
    {"assign", "assigned"},
    {"check", "checked"},
    {"calculate", "calculated"},
    {"verify", "verified"},
    {"dispatch", "dispatched"},
    {"enable", "enabled"},
    {"disable", "disabled"},
    {"archive", "archived"},
    {"import", "imported"},
    {"export", "exported"},
    {"open", "opened"},
});

// Words that end like a participle and are none.
constexpr std::array<std::string_view, 20> not_participles{
    "need",   "feed",  "seed",  "speed",   "bed",     "embed",    "breed",
    "exceed", "red",   "token", "proceed", "succeed", "children", "kitchen",
    "garden", "women", "men",   "screen",  "ten",     "linen"};

// Words that say in which state a thing now is: at either end of a name, or at its end alone
// because in front of a noun they are verbs (`open_account`) or say nothing (`low_price`).
constexpr std::array<std::string_view, 13> states{
    "pending", "ready",     "due",         "overdue", "awaiting", "active", "blocked",
    "in",      "available", "unavailable", "online",  "offline",  "out"};
constexpr std::array<std::string_view, 6> last_states{"open", "low",  "empty",
                                                      "full", "late", "idle"};

// How nouns end that are made of verbs, and what the verb ends in instead: creation, create.
constexpr std::array noun_endings = std::to_array<std::pair<std::string_view, std::string_view>>(
    {{"lation", ""}, {"ation", ""}, {"ation", "e"}, {"ion", ""}, {"ion", "e"}, {"ment", ""}});
// Of these it is only sure that they are nouns.
constexpr std::array<std::string_view, 7> sure_nouns{"ment", "tion", "sion", "ance",
                                                     "ence", "ity",  "ness"};

std::vector<std::string_view> split(std::string_view words) {
    std::vector<std::string_view> parts;
    while (true) {
        const std::size_t end = words.find('_');
        parts.push_back(words.substr(0, end));
        if (end == std::string_view::npos) return parts;
        words.remove_prefix(end + 1);
    }
}

bool contains(const auto& list, std::string_view word) {
    return std::find(list.begin(), list.end(), word) != list.end();
}

bool is_participle(std::string_view word) {
    if (contains(not_participles, word)) return false;
    if (word.size() > 3 && (word.ends_with("ed") || word.ends_with("en"))) return true;
    return std::any_of(verbs.begin(), verbs.end(),
                       [&](const Verb& verb) { return verb.participle == word; });
}

const Verb* find_verb(std::string_view word) {
    const auto found = std::find_if(verbs.begin(), verbs.end(),
                                    [&](const Verb& verb) { return verb.base == word; });
    return found == verbs.end() ? nullptr : &*found;
}

std::string participle(std::string_view word) {
    if (const Verb* verb = find_verb(word)) return std::string{verb->participle};
    const auto is_vowel = [](char c) {
        return std::string_view{"aeiou"}.find(c) != std::string_view::npos;
    };
    std::string stem{word};
    if (word.size() > 5 && word.ends_with("ing")) {
        stem.resize(stem.size() - 3);
        if (const Verb* verb = find_verb(stem)) return std::string{verb->participle};
        if (const Verb* verb = find_verb(stem + 'e')) return std::string{verb->participle};
        return stem + "ed";
    }
    if (stem.ends_with('e')) return stem + 'd';
    if (stem.size() > 1 && stem.ends_with('y') && !is_vowel(stem[stem.size() - 2])) {
        stem.back() = 'i';
    }
    return stem + "ed";
}

constexpr std::array<std::string_view, 75> keywords{
    "alignas",  "alignof",  "and",      "asm",       "auto",      "bitand",    "bitor",
    "bool",     "break",    "case",     "catch",     "char",      "class",     "compl",
    "concept",  "const",    "continue", "consteval", "constexpr", "constinit", "decltype",
    "default",  "delete",   "do",       "double",    "else",      "enum",      "explicit",
    "export",   "extern",   "false",    "float",     "for",       "friend",    "goto",
    "if",       "inline",   "int",      "long",      "mutable",   "namespace", "new",
    "noexcept", "not",      "nullptr",  "operator",  "or",        "private",   "protected",
    "public",   "register", "requires", "return",    "short",     "signed",    "sizeof",
    "static",   "struct",   "switch",   "template",  "this",      "throw",     "true",
    "try",      "typedef",  "typeid",   "typename",  "union",     "unsigned",  "using",
    "virtual",  "void",     "volatile", "while",     "xor"};

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
char lower(char c) { return is_upper(c) ? static_cast<char>(c | 0x20) : c; }
char upper(char c) { return is_lower(c) ? static_cast<char>(c & ~0x20) : c; }

std::string no_keyword(std::string name) {
    if (contains(keywords, name)) name += '_';
    return name;
}

bool ends_as_fact(std::string_view last) {
    return is_participle(last) || contains(states, last) || contains(last_states, last);
}

/// `send_paid_invoice`: it begins with what is to be done, and a participle is about the object.
bool is_command(const std::vector<std::string_view>& parts) {
    const Verb* verb = find_verb(parts.front());
    return parts.size() > 1 && verb != nullptr && verb->participle != verb->base &&
           !ends_as_fact(parts.back());
}

/// What has happened when there was a `payment`: `paid`; when there was an `audition`:
/// `audition_completed`.
std::string fact_of_noun(std::string_view word) {
    for (const auto& [ending, instead] : noun_endings) {
        if (!word.ends_with(ending)) continue;
        std::string base{word.substr(0, word.size() - ending.size())};
        if (const Verb* verb = find_verb(base.append(instead)))
            return std::string{verb->participle};
    }
    const bool is_noun = std::any_of(sure_nouns.begin(), sure_nouns.end(),
                                     [&](std::string_view end) { return word.ends_with(end); });
    return is_noun ? std::string{word} + "_completed" : participle(word);
}

}  // namespace

bool is_fact(std::string_view words) {
    const std::vector<std::string_view> parts = split(words);
    if (is_command(parts)) return false;
    return contains(states, parts.front()) || ends_as_fact(parts.back()) ||
           std::any_of(parts.begin(), parts.end(), is_participle);
}

std::string fact_for(std::string_view words) {
    const std::vector<std::string_view> parts = split(words);
    if (parts.size() > 1 && find_verb(parts.front()) != nullptr) {
        return std::string{words.substr(parts.front().size() + 1)} + '_' +
               participle(parts.front());
    }
    return std::string{words.substr(0, words.size() - parts.back().size())} +
           fact_of_noun(parts.back());
}

std::string event_for(std::string_view name, std::string_view folder) {
    std::string words;
    for (const char c : name) {
        const bool starts = is_upper(c) && !words.empty() && !is_upper(words.back());
        if (starts && words.back() != '_') words += '_';
        words += is_upper(c) || is_lower(c) || is_digit(c) ? c : '_';
    }
    std::transform(words.begin(), words.end(), words.begin(), lower);
    for (std::size_t at = 0; (at = words.find("__", at)) != std::string::npos;) words.erase(at, 1);
    while (words.ends_with('_')) words.pop_back();
    while (words.starts_with('_')) words.erase(0, 1);
    if (words.empty() || is_digit(words[0])) return {};
    std::string fact = is_fact(words) ? words : fact_for(words);
    std::string domain{folder};
    if (domain.empty()) {  // Whose fact it is: what its first word names, `order_created`.
        if (fact.find('_') == std::string::npos) return {};
        domain = fact.substr(0, fact.find('_'));
    }
    if (fact.starts_with(domain + '_')) fact.erase(0, domain.size() + 1);
    return domain + '.' + fact;
}

std::string snake_case(std::string_view camel) {
    std::string snake;
    for (std::size_t i = 0; i < camel.size(); ++i) {
        const bool follows_lower = i > 0 && !is_upper(camel[i - 1]);
        const bool precedes_lower = i > 0 && i + 1 < camel.size() && is_lower(camel[i + 1]);
        if (is_upper(camel[i]) && (follows_lower || precedes_lower)) snake += '_';
        snake += lower(camel[i]);
    }
    return no_keyword(std::move(snake));
}

std::string camel_case(std::string_view name) {
    std::string camel;
    bool starts = true;
    for (const char c : name) {
        if (c == '_') {
            starts = true;
            continue;
        }
        camel += starts ? upper(c) : c;
        starts = false;
    }
    return camel;
}

std::string enumerator_name(std::string_view text) {
    const bool has_lower = std::any_of(text.begin(), text.end(), is_lower);
    std::string name;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (!is_upper(c) && !is_lower(c) && !is_digit(c)) {
            if (!name.empty() && name.back() != '_') name += '_';
            continue;
        }
        if (has_lower && is_upper(c) && i > 0 && is_lower(text[i - 1])) name += '_';
        name += lower(c);
    }
    if (name.empty() || is_digit(name[0])) name.insert(0, "value_");
    return no_keyword(std::move(name));
}

std::string singular(std::string name) {
    if (name.ends_with("ies") && name.size() > 4) {
        name.replace(name.size() - 3, 3, "y");
    } else if (name.ends_with('s') && !name.ends_with("ss") && name.size() > 2) {
        name.pop_back();
    }
    return name;
}

}  // namespace tidings::contract
