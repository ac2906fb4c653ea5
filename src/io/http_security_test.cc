#include <tidings/io/http.h>
#include <tidings/io/http_client.h>

#include "io/http_message.h"
#include "io/raw_connection.h"

#include <gtest/gtest.h>

#include <atomic>

namespace tidings::io {
namespace {

/// A server that counts what reaches its handler.
class HttpSecurity : public testing::Test {
protected:
    void serve(HttpServer::Options options = {}) {
        server = HttpServer::start(std::move(options), [this](const HttpRequest&, HttpReply reply) {
                     ++handled;
                     reply({200, "text/plain", {}, "fine"});
                 }).value();
        own = "127.0.0.1:" + std::to_string(server->port());
    }
    std::string exchange(const std::string& bytes) const {
        RawConnection raw{server->port()};
        raw.send(bytes);
        return raw.read_to_end();
    }
    /// Sends a header with our own Host and `lines`; returns the status, 0 if there is no answer.
    int status_of(const std::string& first, const std::string& lines = "",
                  const std::string& body = "") const {
        return status(exchange(first + "\r\nHost: " + own + "\r\nConnection: close\r\n" + lines +
                               "\r\n" + body));
    }
    static int status(const std::string& answer) {
        EXPECT_EQ(answer.rfind("HTTP/1.1 ", 0), 0u) << answer;
        if (answer.size() < 12) return 0;
        const int code = std::stoi(answer.substr(9, 3));
        if (code >= 400) {
            EXPECT_NE(answer.find("Content-Type: application/problem+json"), std::string::npos);
            EXPECT_NE(answer.find("\"status\":" + std::to_string(code)), std::string::npos);
            EXPECT_NE(answer.find("\"detail\":\""), std::string::npos);
        }
        return code;
    }

    std::unique_ptr<HttpServer> server;
    std::string own;
    std::atomic<int> handled{0};
};

TEST_F(HttpSecurity, ListensOnLoopbackOnly) {
    for (const char* address : {"0.0.0.0", "::", "192.168.1.1", "8.8.8.8", "::ffff:127.0.0.1"}) {
        const auto refused = HttpServer::start({.address = address}, nullptr);
        ASSERT_FALSE(refused) << address;
        EXPECT_EQ(refused.error().code, ErrorCode::unsupported);
        EXPECT_NE(refused.error().message.find("no TLS"), std::string::npos);
    }
    for (const char* address : {"", "example.com", "127.0.0.1 ", "127.0.0.1\n"}) {
        EXPECT_EQ(HttpServer::start({.address = address}, nullptr).error().code,
                  ErrorCode::invalid_argument);
    }
    EXPECT_EQ(HttpServer::start({.port = 70'000}, nullptr).error().code,
              ErrorCode::invalid_argument);
    EXPECT_TRUE(HttpServer::start({.address = "localhost"}, nullptr));
    EXPECT_TRUE(HttpServer::start({.address = "127.0.0.2"}, nullptr));
}

TEST_F(HttpSecurity, ATakenPortIsNamed) {
    serve();
    const auto second = HttpServer::start({.port = server->port()}, nullptr);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::unavailable);
    EXPECT_NE(second.error().message.find(std::to_string(server->port())), std::string::npos);
}

TEST_F(HttpSecurity, AnswersOnlyToItsOwnNames) {
    serve({.allowed_hosts = {"Shop.test:8080"}});
    const std::string port = std::to_string(server->port());
    const auto with_host = [&](const std::string& host) {
        return status(
            exchange("GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n"));
    };
    EXPECT_EQ(with_host("localhost:" + port), 200);
    EXPECT_EQ(with_host("LOCALHOST:" + port), 200);
    EXPECT_EQ(with_host("127.0.0.1:" + port), 200);
    EXPECT_EQ(with_host("[::1]:" + port), 200);
    EXPECT_EQ(with_host("shop.test:8080"), 200);
    handled = 0;
    for (const std::string& host :
         {std::string{"evil.example"}, "evil.example:" + port, std::string{"127.0.0.1"},
          std::string{"localhost"}, std::string{"localhost:1"}, "localhost.evil.example:" + port,
          "127.0.0.1:" + port + "0", "user@127.0.0.1:" + port, std::string{""}}) {
        EXPECT_EQ(with_host(host), 421) << host;
    }
    EXPECT_EQ(status(exchange("GET / HTTP/1.1\r\n\r\n")), 400);
    EXPECT_EQ(status(exchange("GET / HTTP/1.0\r\n\r\n")), 400);
    EXPECT_EQ(status_of("GET / HTTP/1.1", "Host: evil.example\r\n"), 400);
    EXPECT_EQ(status_of("GET http://evil.example/ HTTP/1.1"), 400);
    EXPECT_EQ(handled.load(), 0);
}

TEST_F(HttpSecurity, PagesOfOthersMayChangeNothing) {
    serve();
    const std::string length = "Content-Length: 0\r\n";
    EXPECT_EQ(status_of("POST / HTTP/1.1", length + "Origin: http://evil.example\r\n"), 403);
    EXPECT_EQ(status_of("DELETE / HTTP/1.1", length + "Origin: null\r\n"), 403);
    EXPECT_EQ(status_of("PUT / HTTP/1.1", length + "Origin: https://" + own + "\r\n"), 403);
    EXPECT_EQ(handled.load(), 0);
    EXPECT_EQ(status_of("POST / HTTP/1.1", length + "Origin: http://" + own + "\r\n"), 200);
    EXPECT_EQ(status_of("GET / HTTP/1.1", "Origin: http://evil.example\r\n"), 200);
}

TEST_F(HttpSecurity, MethodsThatReflectOrTunnelAreRefused) {
    serve();
    EXPECT_EQ(status_of("TRACE / HTTP/1.1"), 405);
    EXPECT_EQ(status_of("CONNECT evil.example:80 HTTP/1.1"), 405);
    EXPECT_EQ(status_of("BREW / HTTP/1.1"), 501);
    EXPECT_NE(exchange("TRACE / HTTP/1.1\r\nHost: " + own + "\r\n\r\n")
                  .find("allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"),
              std::string::npos);
    EXPECT_EQ(handled.load(), 0);
}

TEST_F(HttpSecurity, WhereARequestEndsIsNeverInDoubt) {
    serve();
    const std::string post = "POST / HTTP/1.1";
    for (const std::string lines : {
             "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
             "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
             "Content-Length: 5\r\nContent-Length: 5\r\n",
             "Content-Length: 5\r\nContent-Length: 6\r\n",
             "Content-Length: 5, 5\r\n",
             "Content-Length: -5\r\n",
             "Content-Length: +5\r\n",
             "Content-Length: 0x5\r\n",
             "Content-Length: 5 5\r\n",
             "Content-Length: five\r\n",
             "Content-Length:\r\n",
             "Content-Length: 99999999999999999999999\r\n",
             "Content-Length : 5\r\n",
             "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
             "Transfer-Encoding: chunked, identity\r\n",
             "Transfer-Encoding: identity, chunked\r\n",
             "Transfer-Encoding: xchunked\r\n",
             "Transfer-Encoding: identity\r\n",
             "Transfer-Encoding: \x0b"
             "chunked\r\n",
             "Transfer-Encoding : chunked\r\n",
         }) {
        EXPECT_EQ(status_of(post, lines, "hello"), 400) << lines;
    }
    EXPECT_EQ(status_of("POST / HTTP/1.0", "Transfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400);
    EXPECT_EQ(status_of(post, "Transfer-Encoding: chunked\r\n", "zz\r\nhello\r\n0\r\n\r\n"), 400);
    EXPECT_EQ(status_of(post, "Transfer-Encoding: chunked\r\n", "5\r\nhelloXX0\r\n\r\n"), 400);
    EXPECT_EQ(status_of(post, "Transfer-Encoding: chunked\r\n", "-5\r\nhello\r\n0\r\n\r\n"), 400);
    EXPECT_EQ(handled.load(), 0);
}

TEST_F(HttpSecurity, TrailersChangeNothingThatWasChecked) {
    std::string key;
    server = HttpServer::start({}, [&](const HttpRequest& request, const HttpReply& reply) {
                 key = request.headers.at("idempotency-key");
                 reply({});
             }).value();
    own = "127.0.0.1:" + std::to_string(server->port());
    EXPECT_EQ(
        status_of("POST / HTTP/1.1", "Transfer-Encoding: chunked\r\nIdempotency-Key: mine\r\n",
                  "2\r\nok\r\n0\r\nIdempotency-Key: other\r\n\r\n"),
        200);
    EXPECT_EQ(key, "mine");
}

TEST_F(HttpSecurity, WhatIsNoHttpIsRefused) {
    serve();
    for (const std::string& bytes : {
             std::string{"hello\r\n\r\n"},
             std::string{"\x16\x03\x01\x02\r\n\r\n"},
             std::string{"GET /\r\n\r\n"},
             std::string{"GET  / HTTP/1.1\r\n\r\n"},
             std::string{"GET / HTTP/2.0\r\n\r\n"},
             std::string{"GET / HTTP/1.1\nHost: x\n\n"},
             std::string{"GET /\0 HTTP/1.1\r\n\r\n", 20},
             std::string{"\r\n\r\n"},
         }) {
        EXPECT_EQ(status(exchange(bytes + "\r\n\r\n")), 400) << bytes;
    }
    EXPECT_EQ(status_of("GET / HTTP/1.1", "no colon\r\n"), 400);
    EXPECT_EQ(status_of("GET / HTTP/1.1", "bad name: x\r\n"), 400);
    EXPECT_EQ(status_of("GET / HTTP/1.1", std::string{"a: \0\r\n", 6}), 400);
    EXPECT_EQ(status_of("GET x HTTP/1.1"), 400);
    EXPECT_EQ(status_of("GET * HTTP/1.1"), 400);
    EXPECT_EQ(status_of("GET /%zz HTTP/1.1"), 400);
    EXPECT_EQ(status_of("GET /%2 HTTP/1.1"), 400);
    EXPECT_EQ(status_of("GET /%00 HTTP/1.1"), 400);
    EXPECT_EQ(status_of("GET /%0a HTTP/1.1"), 400);
    EXPECT_EQ(status_of("GET /%ff HTTP/1.1"), 400);
    EXPECT_EQ(status_of("GET /a%2fb HTTP/1.1"), 400);
    EXPECT_EQ(status_of("GET /#a HTTP/1.1"), 400);
    EXPECT_EQ(status_of("GET /?a=1&a=2 HTTP/1.1"), 400);
    EXPECT_EQ(status_of("GET /?a=%c0%af HTTP/1.1"), 400);
    EXPECT_EQ(status_of("POST / HTTP/1.1", "Content-Length: 1\r\nExpect: miracle\r\n"), 417);
    EXPECT_EQ(handled.load(), 0);
}

TEST_F(HttpSecurity, LimitsOnHeaderAndBodyHold) {
    serve({.body_bytes_max = 1'000, .header_bytes_max = 2'000});
    EXPECT_EQ(status_of("GET / HTTP/1.1", "a: " + std::string(1'500, 'x') + "\r\n"), 200);
    const std::string rest =
        "GET / HTTP/1.1\r\nHost: " + own + "\r\nConnection: close\r\na: \r\n\r\n";
    const std::size_t room = 2'000 - rest.size();
    EXPECT_EQ(status_of("GET / HTTP/1.1", "a: " + std::string(room, 'x') + "\r\n"), 200);
    EXPECT_EQ(status_of("GET / HTTP/1.1", "a: " + std::string(room + 1, 'x') + "\r\n"), 431);
    EXPECT_EQ(status_of("GET / HTTP/1.1", "a: " + std::string(2'000, 'x') + "\r\n"), 431);
    EXPECT_EQ(status_of("GET / HTTP/1.1", "a: " + std::string(10'000'000, 'x') + "\r\n"), 431);
    EXPECT_EQ(status_of("GET /" + std::string(100'000, 'x') + " HTTP/1.1"), 431);
    std::string many;
    for (int i = 0; i < 10'000; ++i) many += "a: b\r\n";
    EXPECT_EQ(status_of("GET / HTTP/1.1", many), 431);
    const int before = handled;

    const std::string post = "POST / HTTP/1.1";
    EXPECT_EQ(status_of(post, "Content-Length: 1000\r\n", std::string(1'000, 'x')), 200);
    EXPECT_EQ(status_of(post, "Content-Length: 1001\r\n", std::string(1'001, 'x')), 413);
    EXPECT_EQ(status_of(post, "Content-Length: 1099511627776\r\n"), 413);
    EXPECT_EQ(status_of(post, "Content-Length: 20000000\r\n", std::string(20'000'000, 'x')), 413);
    EXPECT_EQ(status_of(post, "Content-Length: 1001\r\nExpect: 100-continue\r\n"), 413);
    std::string chunks;
    for (int i = 0; i < 1'001; ++i) chunks += "1\r\nx\r\n";
    EXPECT_EQ(status_of(post, "Transfer-Encoding: chunked\r\n", chunks), 413);
    EXPECT_EQ(status_of(post, "Transfer-Encoding: chunked\r\n", "ffffffffffff\r\nx"), 413);
    EXPECT_EQ(status_of(post, "Transfer-Encoding: chunked\r\n", "1;" + std::string(100'000, 'x')),
              400);
    EXPECT_EQ(handled.load(), before + 1);
}

TEST_F(HttpSecurity, WhoIsTooSlowIsCutOff) {
    serve({.header_timeout = 20ms, .body_timeout = 20ms});
    RawConnection silent{server->port()};
    EXPECT_EQ(silent.read_to_end(), "");

    RawConnection header{server->port()};
    header.send("GET / HTTP/1.1\r\nHost: ");
    EXPECT_EQ(status(header.read_to_end()), 408);

    RawConnection body{server->port()};
    body.send("POST / HTTP/1.1\r\nHost: " + own + "\r\nContent-Length: 5\r\n\r\nhell");
    EXPECT_EQ(status(body.read_to_end()), 408);

    // A byte now and then is no progress: the time is for the whole header.
    RawConnection dripping{server->port()};
    while (!dripping.is_readable(1)) dripping.send("G");
    EXPECT_EQ(status(dripping.read_to_end()), 408);
    EXPECT_EQ(handled.load(), 0);
}

TEST_F(HttpSecurity, ConnectionsAreBoundedAndFreedAgain) {
    serve({.connections_max = 2});
    HttpClient first{server->port()};
    EXPECT_EQ(first.send(HttpRequest{}).value().status, 200);
    {
        HttpClient second{server->port()};
        EXPECT_EQ(second.send(HttpRequest{}).value().status, 200);
        RawConnection third{server->port()};
        const std::string answer = third.read_to_end();
        EXPECT_EQ(status(answer), 503);
        EXPECT_NE(answer.find("retry-after: 1"), std::string::npos);
    }
    // The server hears of the close in its own time.
    for (;;) {
        RawConnection again{server->port()};
        again.send("GET / HTTP/1.1\r\nHost: " + own + "\r\nConnection: close\r\n\r\n");
        if (again.read_to_end().rfind("HTTP/1.1 200", 0) == 0) break;
    }
}

TEST(Problem, IsProblemDetailsAndEscapesWhatIsHostile) {
    const auto plain = problem(404, "No such order", "there is no order 7", "/orders/7");
    EXPECT_EQ(plain.status, 404);
    EXPECT_EQ(plain.content_type, "application/problem+json");
    EXPECT_EQ(plain.body,
              R"({"type":"urn:tidings:problem:no-such-order","title":"No such order","status":404,)"
              R"("detail":"there is no order 7","pointer":"/orders/7"})");
    const auto hostile = problem(400, "x", std::string_view{"\"\\\n\x1b[31m\0\x7f\xff", 11});
    EXPECT_NE(hostile.body.find(R"("detail":"\"\\\u000a\u001b[31m\u0000\u007f\ufffd")"),
              std::string::npos)
        << hostile.body;
    EXPECT_NE(problem(400, "x", "São \u2028 \u202e").body.find(R"("São \ufffd \ufffd")"),
              std::string::npos);
}

TEST(HttpDate, IsAsRfc9110Writes) {
    EXPECT_EQ(http_date(parse_timestamp("1994-11-06T08:49:37Z").value()),
              "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(http_date(parse_timestamp("2024-02-29T23:59:59.999Z").value()),
              "Thu, 29 Feb 2024 23:59:59 GMT");
}

TEST_F(HttpSecurity, AllBodiesTogetherStayWithinTheirBound) {
    HttpServer::Options options;
    options.bodies_bytes_max = 100'000;
    serve(options);
    const std::string head =
        "POST /a HTTP/1.1\r\nHost: " + own + "\r\nContent-Length: 60000\r\n\r\n";
    {
        RawConnection slow{server->port()};
        slow.send(head + "begun");
        // The second one is refused as soon as both are known, in whatever order they are.
        std::string answer;
        while (answer.find("503") == std::string::npos) {
            RawConnection second{server->port()};
            second.send(head + std::string(60'000, 'x'));
            answer = second.read_until("\r\n");
        }
        EXPECT_EQ(answer, "HTTP/1.1 503 Service Unavailable\r\n");
    }
    // The slow one is gone, and with it what it had taken.
    std::string answer;
    while (answer.find("200") == std::string::npos) {
        RawConnection third{server->port()};
        third.send(head + std::string(60'000, 'x'));
        answer = third.read_until("\r\n");
    }
    EXPECT_EQ(answer, "HTTP/1.1 200 OK\r\n");
}

}  // namespace
}  // namespace tidings::io
