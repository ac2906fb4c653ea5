#pragma once

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <memory>
#include <netinet/in.h>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>

namespace tidings::io {

/// A TCP connection on which a test says what it likes.
class RawConnection {
public:
    explicit RawConnection(int port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(port));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    }
    /// Takes over a socket that is connected.
    static std::unique_ptr<RawConnection> of(int socket) {
        return std::unique_ptr<RawConnection>{new RawConnection{Socket{socket}}};
    }
    ~RawConnection() { ::close(socket_); }
    RawConnection(const RawConnection&) = delete;
    RawConnection& operator=(const RawConnection&) = delete;

    /// Sends until all is sent or the other side has closed.
    void send(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (count < 0) return;
            bytes.remove_prefix(static_cast<std::size_t>(count));
        }
    }

    /// Waits up to `ms` for something to read; returns whether there is.
    bool is_readable(int ms) const {
        pollfd wanted{socket_, POLLIN, 0};
        return ::poll(&wanted, 1, ms) > 0;
    }

    /// Returns all that comes until the other side closes.
    std::string read_to_end() { return read_until(""); }

    /// Returns what comes up to and with `end`, or until the other side closes.
    std::string read_until(std::string_view end) {
        std::string all;
        char byte = 0;
        while ((end.empty() || all.size() < end.size() ||
                all.compare(all.size() - end.size(), end.size(), end) != 0) &&
               ::recv(socket_, &byte, 1, 0) == 1) {
            all += byte;
        }
        return all;
    }

private:
    struct Socket {
        int number;
    };
    explicit RawConnection(Socket socket) : socket_(socket.number) {}

    int socket_;
};

/// A port where connections are taken and, unless the test does, never answered.
class RawListener {
public:
    RawListener() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof address;
        EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address), length), 0);
        EXPECT_EQ(::listen(socket_, 8), 0);
        EXPECT_EQ(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &length), 0);
        port_ = ntohs(address.sin_port);
    }
    ~RawListener() { ::close(socket_); }
    RawListener(const RawListener&) = delete;
    RawListener& operator=(const RawListener&) = delete;

    int port() const { return port_; }
    /// Waits for a connection; what comes of it is for the test to say.
    std::unique_ptr<RawConnection> accept() const {
        return RawConnection::of(::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC));
    }

private:
    int socket_;
    int port_ = 0;
};

}  // namespace tidings::io
