#pragma once

#include <tidings/io/http.h>

#include <optional>

namespace tidings::io {

/// What a request must keep to, beside the grammar of HTTP.
struct HttpRules {
    std::uint64_t body_bytes_max = 1 << 20;
    std::size_t header_bytes_max = 16 << 10;
    std::vector<std::string> hosts;  ///< Allowed values of `Host`, lower case.
};

/// Reads one request after the other out of a stream of bytes. Knows no socket.
class HttpRequestReader {
public:
    enum class State {
        header,    ///< The header is not complete.
        body,      ///< The header is accepted, the body not complete.
        complete,  ///< `take()` has a request.
        refused,   ///< `refusal()` is the answer; what follows can't be understood.
    };

    explicit HttpRequestReader(const HttpRules& rules);
    ~HttpRequestReader();

    /// Reads from `bytes`, which begin with what was not consumed before, and returns how many are
    /// consumed now. Reads nothing when complete or refused.
    std::size_t read(std::string_view bytes);

    State state() const noexcept;
    /// Returns, once per request, whether the client waits for `100 Continue` before its body.
    bool take_continue() noexcept;
    /// Returns how large the body will be, at most. Requires: the header is accepted.
    std::uint64_t body_bytes() const noexcept;
    /// Returns whether the connection may serve another request after this one.
    bool keep_alive() const noexcept;
    /// Returns the request and makes ready for the next. Requires: complete.
    HttpRequest take();
    const HttpResponse& refusal() const noexcept;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Reads one response out of a stream of bytes.
class HttpResponseReader {
public:
    HttpResponseReader(bool answers_head, std::uint64_t body_bytes_max);
    ~HttpResponseReader();

    /// As HttpRequestReader::read; no bytes mean the end of the stream.
    /// Errors: `corruption`, `limit_exceeded`, `unavailable` (ended in the middle).
    Result<std::size_t> read(std::string_view bytes);
    bool is_complete() const noexcept;
    bool keep_alive() const noexcept;
    HttpResponse take();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Returns the target's parts in `request.path` and `request.query`, or what is wrong with it.
std::optional<std::string> split_target(HttpRequest& request);

/// Returns status line and header of `response`, to be followed by its body. `date` is the value of
/// the Date field.
std::string response_head(const HttpResponse& response, bool keep_alive, std::string_view date);

/// Returns method, target and header of `request`, to be followed by its body.
std::string request_head(const HttpRequest& request, std::string_view host);

/// Returns `time` as in the Date field: `Sun, 06 Nov 1994 08:49:37 GMT`.
std::string http_date(Timestamp time);

/// Returns `text` in lower case, ASCII only.
std::string lower_case(std::string_view text);

}  // namespace tidings::io
