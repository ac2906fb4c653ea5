// Any byte string either parses or gives an error that names field, value and rule; and what was
// parsed is written and read again as the same.
#include <tidings/base/assert.h>
#include <tidings/model/envelope.h>
#include <tidings/model/json.h>

#include <cstdint>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // A copy of exactly this size, so that a sanitizer sees every byte read beyond it.
    const std::string copy{reinterpret_cast<const char*>(data), size};
    const std::string_view text{copy};
    const auto parsed = tidings::parse_envelope(text);
    if (!parsed) {
        const std::string& message = parsed.error().message;
        TIDINGS_ASSERT(message.rfind("field /", 0) == 0 || message.rfind("document: ", 0) == 0);
        TIDINGS_ASSERT(message.find('\n') == std::string::npos);
    } else {
        TIDINGS_ASSERT(tidings::validate(*parsed));
        std::string written;
        tidings::write_envelope(*parsed, written);
        const auto again = tidings::parse_envelope(written, {2 * 1024 * 1024, 64});
        TIDINGS_ASSERT(again && *again == *parsed);
    }
    tidings::json::Reader reader{text};
    reader.skip();
    const bool is_json = reader.finish().has_value();
    TIDINGS_ASSERT(is_json || !parsed);
    return 0;
}
