// Any text either is a time, a duration, an amount or a UUID, and is written as one that reads the
// same, or gives an error on one line.
#include <tidings/base/assert.h>
#include <tidings/base/money.h>
#include <tidings/base/time.h>
#include <tidings/base/uuid.h>

#include <cstdint>
#include <string>

namespace {

using namespace tidings;

template <class T>
void check_error(const Result<T>& parsed) {
    TIDINGS_ASSERT(parsed || parsed.error().message.find('\n') == std::string::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text{reinterpret_cast<const char*>(data), size};
    if (const auto time = parse_timestamp(text)) {
        TIDINGS_ASSERT(parse_timestamp(to_string(*time)).value() == *time);
    } else {
        check_error(time);
    }
    if (const auto money = Money::parse(text)) {
        TIDINGS_ASSERT(Money::parse(to_string(*money)).value() == *money);
    } else {
        check_error(money);
    }
    if (const auto uuid = Uuid::parse(text)) {
        TIDINGS_ASSERT(Uuid::parse(to_string(*uuid)).value() == *uuid);
    } else {
        check_error(uuid);
    }
    check_error(parse_duration(text));
    return 0;
}
