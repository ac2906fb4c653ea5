// Any bytes either read as the headers of a record, and are written the same, or give an error.
#include <tidings/base/assert.h>
#include <tidings/broker/record_headers.h>

#include <cstdint>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tidings;
    const std::string bytes{reinterpret_cast<const char*>(data), size};
    const auto type = peek_record_type(bytes);
    const auto headers = read_record_headers(bytes);
    if (!headers) return 0;
    TIDINGS_ASSERT(type && *type == headers->type);
    std::string written;
    write_record_headers(*headers, written);
    TIDINGS_ASSERT(written.size() == record_headers_bytes(*headers));
    const auto again = read_record_headers(written);
    TIDINGS_ASSERT(again && again->type == headers->type && again->key == headers->key &&
                   again->sequence == headers->sequence && again->epoch == headers->epoch);
    return 0;
}
