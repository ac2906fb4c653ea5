#pragma once

#include <tidings/io/http.h>

namespace tidings::io {

/// A client of an `HttpServer` on this machine: one connection, kept open between requests.
///
///     io::HttpClient client{port};
///     auto answer = client.send({.method = "POST", .target = "/orders", .body = json});
///
/// Of a request it sends method, target, headers and body; `content-type` is `application/json`
/// unless given. A request is sent once: if the connection breaks, whether it had an effect is for
/// the caller to find out. (One that the server had closed before is opened anew.)
///
/// Threads   One at a time.
class HttpClient {
public:
    struct Options {
        Duration timeout = 10s;         ///< For a whole exchange, however the bytes trickle in.
        Duration connect_timeout = 5s;  ///< Of it, for the connection.
        std::uint64_t body_bytes_max = std::uint64_t{64} << 20;
    };

    /// A client of `http://127.0.0.1:port`. It connects when it sends.
    explicit HttpClient(int port);
    HttpClient(int port, Options options);
    ~HttpClient();
    HttpClient(HttpClient&&) noexcept;
    HttpClient& operator=(HttpClient&&) noexcept;

    /// Sends a request and waits for the answer; an error status is an answer.
    /// Errors: `unavailable` (nobody listens, or the connection broke), `timeout`,
    /// `limit_exceeded` (the answer), `corruption` (no HTTP), `io_error`.
    Result<HttpResponse> send(const HttpRequest& request);
    /// The same with a timeout of its own, which is at most the client's.
    Result<HttpResponse> send(const HttpRequest& request, Duration timeout);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace tidings::io
