#include <tidings/testing/expectation.h>

namespace tidings {

namespace detail {

std::string key_text(const Value& value) {
    if (const auto* text = std::get_if<std::string_view>(&value)) return std::string{*text};
    if (const auto* integer = std::get_if<std::int64_t>(&value)) return std::to_string(*integer);
    return {};
}

}  // namespace detail

Expectation Expectation::ignoring(std::initializer_list<std::string_view> fields) && {
    for (const std::string_view field : fields) ignored.push_back('/' + std::string{field});
    return std::move(*this);
}

Expectation timer(std::string_view kind, std::string_view key, Duration after) {
    Expectation expected = no_timer(kind, key);
    expected.kind = Expectation::Kind::timer;
    expected.after = after;
    return expected;
}

Expectation no_timer(std::string_view kind, std::string_view key) {
    Expectation expected;
    expected.kind = Expectation::Kind::no_timer;
    expected.name = kind;
    expected.key = key;
    return expected;
}

Expectation deadline(std::string_view saga, std::string_view key, Duration after) {
    return timer("saga:" + std::string{saga}, key, after);
}

Expectation requested(std::string_view effect, std::string_view subject) {
    Expectation expected;
    expected.kind = Expectation::Kind::requested;
    expected.name = effect;
    expected.key = subject;
    return expected;
}

Expectation replied(int status) {
    Expectation expected;
    expected.kind = Expectation::Kind::replied;
    expected.status = status;
    return expected;
}

Expectation in(std::string_view service, Expectation expected) {
    expected.service = service;
    return expected;
}

Expectation and_more() {
    Expectation expected;
    expected.kind = Expectation::Kind::and_more;
    return expected;
}

}  // namespace tidings
