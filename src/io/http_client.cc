#include <tidings/io/http_client.h>

#include "io/http_message.h"
#include "io/posix.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

namespace tidings::io {

namespace {

constexpr std::size_t read_bytes = 64 << 10;

}  // namespace

struct HttpClient::Impl {
    Impl(int the_port, Options the_options)
        : port(the_port),
          options(the_options),
          host("127.0.0.1:" + std::to_string(the_port)),
          url("http://" + host) {}

    Result<void> connect(TimePoint deadline) {
        received.clear();
        Descriptor fresh{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
        if (fresh.get() < 0) return system_error(errno, "open a socket to", url);
        const int on = 1;
        ::setsockopt(fresh.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(port));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socket = std::move(fresh);
        is_open = true;
        if (::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) {
            return {};
        }
        if (errno != EINPROGRESS) return refused(errno);
        if (auto ready = wait_for(POLLOUT, deadline); !ready) return ready;
        int failed = 0;
        socklen_t length = sizeof failed;
        ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &failed, &length);
        if (failed != 0) return refused(failed);
        return {};
    }

    void close() {
        socket = Descriptor{};
        is_open = false;
    }

    Error refused(int error_number) const {
        Error error = system_error(error_number, "connect to", url);
        error.code = ErrorCode::unavailable;
        if (error_number == ECONNREFUSED) error.hint = "start the service that should listen there";
        return error;
    }

    Result<void> wait_for(short event, TimePoint deadline) const {
        for (;;) {
            const auto left = deadline - std::chrono::steady_clock::now();
            if (left <= Duration::zero()) {
                return Error{ErrorCode::timeout, "no answer from " + url + " in time",
                             "whether the request had an effect is not known"};
            }
            constexpr Duration longest = 1h;
            const auto ms = std::chrono::ceil<std::chrono::milliseconds>(std::min(left, longest));
            pollfd wanted{socket.get(), event, 0};
            const int count = ::poll(&wanted, 1, static_cast<int>(ms.count()));
            if (count > 0) return {};
            if (count < 0 && errno != EINTR) return system_error(errno, "wait for", url);
        }
    }

    /// A server may have closed a kept connection; then nothing of ours was ever read there.
    bool is_usable() const {
        if (!is_open || !received.empty()) return false;
        char byte = 0;
        return ::recv(socket.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
               (errno == EAGAIN || errno == EWOULDBLOCK);
    }

    Error broken(int error_number) const {
        Error error = system_error(error_number, "exchange bytes with", url);
        error.code = ErrorCode::unavailable;
        return error;
    }

    /// Sends all of `bytes`, unless the server stops reading: then its answer says why.
    Result<void> write(std::string_view bytes, TimePoint deadline) const {
        while (!bytes.empty()) {
            const ssize_t count = ::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (count >= 0) {
                bytes.remove_prefix(static_cast<std::size_t>(count));
            } else if (errno == EPIPE || errno == ECONNRESET) {
                return {};
            } else if (errno == EAGAIN) {
                if (auto ready = wait_for(POLLOUT, deadline); !ready) return ready;
            } else if (errno != EINTR) {
                return broken(errno);
            }
        }
        return {};
    }

    Result<HttpResponse> read_response(bool answers_head, TimePoint deadline) {
        HttpResponseReader reader{answers_head, options.body_bytes_max};
        for (;;) {
            const std::size_t before = received.size();
            received.resize(before + read_bytes);
            const ssize_t count = ::recv(socket.get(), received.data() + before, read_bytes, 0);
            const int error_number = errno;
            received.resize(before + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
            if (count < 0) {
                if (error_number == EINTR) continue;
                if (error_number != EAGAIN) return broken(error_number);
                if (auto ready = wait_for(POLLIN, deadline); !ready) return ready.error();
                continue;
            }
            const auto consumed = reader.read(count == 0 ? std::string_view{} : received);
            if (!consumed) return with_context(consumed.error(), url);
            received.erase(0, *consumed);
            if (!reader.is_complete()) continue;
            if (!reader.keep_alive()) close();
            return reader.take();
        }
    }

    Result<HttpResponse> exchange(const HttpRequest& request, Duration timeout) {
        const TimePoint deadline = deadline_after(std::min(timeout, options.timeout));
        if (!is_usable()) {
            const TimePoint connected_by =
                std::min(deadline, deadline_after(options.connect_timeout));
            if (auto connected = connect(connected_by); !connected) return connected.error();
        }
        if (auto sent = write(request_head(request, host) + request.body, deadline); !sent) {
            return sent.error();
        }
        return read_response(request.method == "HEAD", deadline);
    }

    int port;
    Options options;
    std::string host;
    std::string url;
    Descriptor socket;
    bool is_open = false;
    std::string received;  // Bytes not yet consumed.
};

HttpClient::HttpClient(int port) : HttpClient(port, Options{}) {}

HttpClient::HttpClient(int port, Options options) : impl_(std::make_unique<Impl>(port, options)) {}

HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;

Result<HttpResponse> HttpClient::send(const HttpRequest& request) {
    return send(request, impl_->options.timeout);
}

Result<HttpResponse> HttpClient::send(const HttpRequest& request, Duration timeout) {
    auto response = impl_->exchange(request, timeout);
    // After an error the rest of an answer may still come; a new connection can't mistake it.
    if (!response) impl_->close();
    return response;
}

}  // namespace tidings::io
