// The client of outside dependencies, whose other side hangs, trickles, breaks off or floods.
#include <tidings/io/http_dependency.h>

#include "io/raw_connection.h"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

namespace tidings::io {
namespace {

const HttpRequest ask{.method = "GET", .target = "/rates"};

/// A server whose requests wait until the test answers them.
class HttpOutside : public ::testing::Test {
protected:
    void serve(HttpHandler handler) {
        server = HttpServer::start({}, std::move(handler)).value();
        outside = http_dependency(server->port());
    }
    void hang() {
        serve([this](HttpRequest request, HttpReply reply) {
            const std::lock_guard lock{mutex};
            hanging.emplace_back(request.path, std::move(reply));
        });
    }
    /// Answers each with its own path.
    void answer_all() {
        const std::lock_guard lock{mutex};
        for (auto& [path, reply] : hanging) reply({200, "text/plain", {}, path});
        hanging.clear();
    }

    std::mutex mutex;
    std::vector<std::pair<std::string, HttpReply>> hanging;
    std::unique_ptr<HttpServer> server;
    std::shared_ptr<HttpDependency> outside;
};

TEST_F(HttpOutside, DoesNotWaitLongerThanToldForOneThatHangs) {
    hang();
    EXPECT_EQ(outside->send(ask, 5ms).error().code, ErrorCode::timeout);
}

TEST_F(HttpOutside, NeverTakesALateAnswerForThatOfAnotherRequest) {
    hang();
    ASSERT_EQ(outside->send({.target = "/first"}, 5ms).error().code, ErrorCode::timeout);
    std::atomic<bool> done{false};
    std::thread late{[&] {
        while (!done) {
            answer_all();
            std::this_thread::yield();
        }
    }};
    EXPECT_EQ(outside->send({.target = "/second"}, 10s).value().body, "/second");
    done = true;
    late.join();
}

TEST_F(HttpOutside, BoundsAnAnswerThatTricklesInAsAWhole) {
    RawListener peer;
    outside = http_dependency(peer.port());
    std::atomic<bool> done{false};
    std::thread trickle{[&] {
        const auto connection = peer.accept();
        connection->send("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
        while (!done) {
            connection->send("x");
            (void)connection->is_readable(1);
        }
    }};
    EXPECT_EQ(outside->send(ask, 30ms).error().code, ErrorCode::timeout);
    done = true;
    trickle.join();
}

TEST_F(HttpOutside, SaysThatABrokenConnectionIsNoAnswer) {
    RawListener peer;
    outside = http_dependency(peer.port());
    std::thread breaks_off{[&] {
        const auto connection = peer.accept();
        connection->read_until("\r\n\r\n");
        connection->send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
    }};
    EXPECT_EQ(outside->send(ask, 10s).error().code, ErrorCode::unavailable);
    breaks_off.join();
}

TEST_F(HttpOutside, TakesNoMoreThanItsBoundOfAnAnswer) {
    serve([](HttpRequest, const HttpReply& reply) {
        reply({200, "text/plain", {}, std::string(1000, 'x')});
    });
    outside = http_dependency(server->port(), {.body_bytes_max = 999});
    EXPECT_EQ(outside->send(ask, 10s).error().code, ErrorCode::limit_exceeded);
}

TEST_F(HttpOutside, SaysSoWhenNobodyListens) {
    int port = 0;
    { port = RawListener{}.port(); }
    EXPECT_EQ(http_dependency(port)->send(ask, 10s).error().code, ErrorCode::unavailable);
}

TEST_F(HttpOutside, ServesManyThreadsAtOnceOnConnectionsThatItKeeps) {
    serve([](HttpRequest, const HttpReply& reply) { reply({200, "text/plain", {}, "ok"}); });
    std::vector<std::thread> callers;
    std::atomic<int> answered{0};
    for (int i = 0; i < 4; ++i) {
        callers.emplace_back([&] {
            for (int n = 0; n < 50; ++n) answered += outside->send(ask, 10s).has_value() ? 1 : 0;
        });
    }
    for (std::thread& caller : callers) caller.join();
    EXPECT_EQ(answered, 200);
}

}  // namespace
}  // namespace tidings::io
