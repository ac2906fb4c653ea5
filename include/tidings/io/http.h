#pragma once

#include <tidings/base/result.h>
#include <tidings/base/time.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tidings::io {

/// Header fields by lower-case name. A field that came several times has its values joined by `, `.
using HttpHeaders = std::map<std::string, std::string, std::less<>>;

/// A request, already checked: what reaches a handler keeps the rules of `HttpServer`.
struct HttpRequest {
    std::string method = "GET";                  ///< `GET`, `HEAD`, `POST`, `PUT`, `PATCH`, ...
    std::string target = "/";                    ///< As on the wire: `/orders/7?fields=a%20b`.
    std::string path = "/";                      ///< Decoded, valid UTF-8: `/orders/7`.
    std::map<std::string, std::string> query{};  ///< Decoded, each name once: `fields` = `a b`.
    HttpHeaders headers{};
    std::string body{};
};

/// What a request is answered with.
struct HttpResponse {
    int status = 200;
    std::string content_type = "application/json";  ///< Not sent with an empty body.
    HttpHeaders headers{};                          ///< Such as `location`; control characters go.
    std::string body{};
};

/// Returns an error as RFC 9457 problem details, `application/problem+json`. `detail` may quote
/// hostile input: it is escaped. `pointer` (RFC 6901) names the part of the body at fault, `reason`
/// tells apart what the status does not.
HttpResponse problem(int status, std::string_view title, std::string_view detail,
                     std::string_view pointer = {}, std::string_view reason = {});

/// Answers one request. From any thread, at any time; only the first call counts, and one that
/// comes after the server's end or after `answer_timeout` has no effect. If the last copy is
/// dropped without a call, the request is answered with 500.
using HttpReply = std::function<void(HttpResponse)>;

/// A function of a request, called on the server's thread. It must not block: work that takes long
/// is given away together with the reply. An exception out of it is answered with 500.
using HttpHandler = std::function<void(HttpRequest, HttpReply)>;

/// An HTTP/1.1 server on this machine's own address.
///
///     auto server = io::HttpServer::start({.port = 8080}, [&](HttpRequest request, HttpReply
///     reply) {
///         queue.push({std::move(request), std::move(reply)});   // answered after the flush
///     });
///     if (!server) return server.error();
///
/// Guarantees
/// - Loopback only. Any other address is refused, for there is neither TLS nor authentication.
/// - In order. The requests of a connection are handled one after the other, pipelined or not.
/// - Unambiguous. What two readers could read differently is refused with 400: Content-Length and
///   Transfer-Encoding together or more than once, a query name given twice, encoded slashes.
/// - No way in for web pages. A `Host` that is none of ours (DNS rebinding) gets 421; a foreign
///   `Origin` gets 403 unless the method is GET, HEAD or OPTIONS. TRACE and CONNECT get 405.
/// - Bounded. Each limit below has its answer: 413, 431, 408, 503 with `Retry-After`, 504.
/// - Errors that the server finds itself are problem details, too.
///
/// Threads   One thread of its own; `stop()` from any other thread, once at a time.
/// Lifetime  What the handler refers to must outlive the server. Replies may outlive it.
class HttpServer {
public:
    struct Options {
        std::string address = "127.0.0.1";  ///< `127.x.y.z`, `::1` or `localhost`.
        int port = 0;                       ///< 0 takes any that is free.
        std::uint64_t body_bytes_max = 1 << 20;
        std::size_t header_bytes_max = 16 << 10;
        /// All bodies that are read or worked on; a request beyond it is answered with 503.
        std::uint64_t bodies_bytes_max = 64 << 20;
        std::size_t connections_max = 1024;  ///< A further one is answered with 503 and closed.
        std::size_t requests_max = 1024;     ///< Given to the handler and not yet answered.
        Duration header_timeout = 10s;       ///< From the first byte (or the connection) on.
        Duration body_timeout = 30s;         ///< For the body; also for sending the answer.
        Duration idle_timeout = 60s;         ///< Between requests.
        Duration answer_timeout = 60s;       ///< For the handler's reply; then 504.
        std::vector<std::string> allowed_hosts{};  ///< More names for `Host`, as `name:port`.
    };

    /// Starts to listen. Errors: `invalid_argument` (no address), `unsupported` (not loopback),
    /// `unavailable` (the port is taken), `io_error`.
    static Result<std::unique_ptr<HttpServer>> start(Options options, HttpHandler handler);

    /// Stops at once.
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    /// Returns the port it listens on.
    int port() const noexcept;
    /// Returns how many requests wait for their reply, of `requests_max`.
    std::size_t requests_in_flight() const noexcept;

    /// Stops: accepts nothing new, closes idle connections, answers what has begun to come in, and
    /// cuts what is not done after `drain_max`. Afterwards the handler is not called again.
    void stop(Duration drain_max);

private:
    struct Impl;
    explicit HttpServer(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace tidings::io
