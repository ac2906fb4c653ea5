#include <tidings/base/assert.h>

#include "io/http_message.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace {

using tidings::io::HttpRequest;
using tidings::io::HttpRequestReader;
using tidings::io::HttpRules;

void check(const HttpRequest& request, const HttpRules& rules) {
    TIDINGS_ASSERT(request.path == "*" || request.path.front() == '/');
    TIDINGS_ASSERT(request.path.find('\0') == std::string::npos);
    TIDINGS_ASSERT(request.body.size() <= rules.body_bytes_max);
    TIDINGS_ASSERT(tidings::io::lower_case(request.headers.at("host")) == "localhost:80");
    TIDINGS_ASSERT(request.method != "TRACE" && request.method != "CONNECT");
    TIDINGS_ASSERT(request.headers.count("content-length") == 0 ||
                   request.headers.count("transfer-encoding") == 0);
}

/// Returns the requests that a connection reads which gets `bytes` in pieces of `piece` bytes.
std::vector<std::string> read(std::string_view bytes, std::size_t piece, const HttpRules& rules) {
    HttpRequestReader reader{rules};
    std::vector<std::string> requests;
    std::string waiting;
    while (!bytes.empty()) {
        waiting += bytes.substr(0, piece);
        bytes.remove_prefix(std::min(piece, bytes.size()));
        for (;;) {
            const std::size_t consumed = reader.read(waiting);
            TIDINGS_ASSERT(consumed <= waiting.size());
            waiting.erase(0, consumed);
            if (reader.state() == HttpRequestReader::State::refused) {
                TIDINGS_ASSERT(reader.refusal().status >= 400 && !reader.keep_alive());
                return requests;
            }
            if (reader.state() != HttpRequestReader::State::complete) break;
            const HttpRequest request = reader.take();
            check(request, rules);
            requests.push_back(request.method + request.target + "\n" + request.body);
            if (waiting.empty()) break;
        }
    }
    return requests;
}

}  // namespace

/// However the network cuts a stream of bytes, the same requests come out of it, and each keeps the
/// rules. (What is no request may be refused sooner or later, up to the limit on headers.) The
/// first byte chooses the size of the pieces.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    HttpRules rules;
    rules.header_bytes_max = 512;
    rules.body_bytes_max = 256;
    rules.hosts = {"localhost:80"};
    const std::string_view bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
    TIDINGS_ASSERT(read(bytes, bytes.size(), rules) == read(bytes, 1u + data[0] % 64u, rules));
    return 0;
}
