// Any bytes as the answer of a server, in pieces of any size: the client's reader ends, and says
// the same however they were cut.
#include <tidings/base/assert.h>

#include "io/http_message.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

namespace {

using namespace tidings;

constexpr std::uint64_t body_bytes_max = 4096;

/// What came of reading: the answer, or nothing if there was an error or no end.
std::optional<io::HttpResponse> read_all(const std::string& bytes, std::size_t piece,
                                         bool answers_head) {
    io::HttpResponseReader reader{answers_head, body_bytes_max};
    std::string waiting;
    for (std::size_t at = 0; at < bytes.size() && !reader.is_complete(); at += piece) {
        waiting += bytes.substr(at, piece);
        const auto consumed = reader.read(waiting);
        if (!consumed) return std::nullopt;
        TIDINGS_ASSERT(*consumed <= waiting.size());
        waiting.erase(0, *consumed);
    }
    if (!reader.is_complete() && !reader.read({})) return std::nullopt;
    if (!reader.is_complete()) return std::nullopt;
    return reader.take();
}

}  // namespace

/// The first byte says how large the pieces are, and whether a HEAD is answered.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
    const bool answers_head = (data[0] & 0x80) != 0;
    const auto whole = read_all(bytes, std::max<std::size_t>(bytes.size(), 1), answers_head);
    const auto pieces = read_all(bytes, 1 + (data[0] & 0x7f), answers_head);
    TIDINGS_ASSERT(whole.has_value() == pieces.has_value());
    if (!whole) return 0;
    TIDINGS_ASSERT(whole->status == pieces->status && whole->body == pieces->body);
    TIDINGS_ASSERT(whole->body.size() <= body_bytes_max);
    return 0;
}
