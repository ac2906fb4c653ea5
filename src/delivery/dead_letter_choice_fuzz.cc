// Any text names dead letters, or gives an error on one line that says what would.
#include <tidings/base/assert.h>
#include <tidings/delivery/dead_letters.h>

#include <cstdint>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text{reinterpret_cast<const char*>(data), size};
    const auto choice = tidings::DeadLetterChoice::parse(text);
    TIDINGS_ASSERT(choice || (choice.error().message.find('\n') == std::string::npos &&
                              !choice.error().message.empty()));
    return 0;
}
