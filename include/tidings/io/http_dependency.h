#pragma once

#include <tidings/base/result.h>
#include <tidings/base/time.h>
#include <tidings/io/http.h>
#include <tidings/io/http_client.h>

#include <cstddef>
#include <memory>

namespace tidings::io {

/// Something outside that answers HTTP requests: a payment provider, a carrier.
///
/// The one seam between a service and what it depends on: in production a process on the other end
/// of a socket, in a test or a simulation whatever stands in for it.
///
///     auto provider = io::http_dependency(8090);
///     auto answer = provider->send({.method = "POST", .target = "/charges", .body = json}, 2s);
///
/// Threads   Any, at the same time.
class HttpDependency {
public:
    virtual ~HttpDependency() = default;
    /// Sends a request and waits for its answer, no longer than `timeout`; an error status is an
    /// answer. Errors: as HttpClient's. After `timeout` and `unavailable` the request may have had
    /// its effect all the same.
    virtual Result<HttpResponse> send(const HttpRequest& request, Duration timeout) = 0;
};

/// Returns the HTTP server at `http://127.0.0.1:port` as a dependency. Connections are kept open
/// between requests, `connections_kept` at most; requests at the same time have one each. What is
/// on another machine is reached through a local proxy, which has the names, TLS and credentials.
std::shared_ptr<HttpDependency> http_dependency(int port, HttpClient::Options options = {},
                                                std::size_t connections_kept = 16);

}  // namespace tidings::io
