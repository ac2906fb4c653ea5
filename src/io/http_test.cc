#include <tidings/io/http.h>
#include <tidings/io/http_client.h>

#include "io/raw_connection.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <mutex>
#include <thread>
#include <vector>

namespace tidings::io {
namespace {

HttpResponse text(std::string body, int status = 200) {
    return {status, "text/plain", {}, std::move(body)};
}

/// Tells what it was asked.
void echo(HttpRequest request, HttpReply reply) {
    std::string body = request.method + " " + request.path;
    for (const auto& [name, value] : request.query) body.append(" ").append(name + "=" + value);
    reply(text(body + "\n" + request.body));
}

class Http : public testing::Test {
protected:
    void serve(HttpServer::Options options = {}, HttpHandler handler = echo) {
        server = HttpServer::start(std::move(options), std::move(handler)).value();
    }
    std::string host() const { return "127.0.0.1:" + std::to_string(server->port()); }
    /// Returns a header that is in order but for what `lines` add.
    std::string header(const std::string& lines,
                       const std::string& first = "GET / HTTP/1.1") const {
        return first + "\r\nHost: " + host() + "\r\n" + lines + "\r\n";
    }
    /// Sends bytes on a new connection and returns all that comes back until it is closed.
    std::string exchange(const std::string& bytes) const {
        RawConnection raw{server->port()};
        raw.send(bytes);
        return raw.read_to_end();
    }

    std::unique_ptr<HttpServer> server;
};

/// Keeps replies until a test gives them.
struct Desk {
    std::mutex mutex;
    std::vector<HttpReply> waiting;
    std::promise<void> first;

    void take(HttpReply reply) {
        const std::lock_guard lock{mutex};
        waiting.push_back(std::move(reply));
        if (waiting.size() == 1) first.set_value();
    }
};

TEST_F(Http, AnswersARequest) {
    serve();
    HttpClient client{server->port()};
    const auto answer =
        client.send({"POST", "/orders/7%20a?x=a%20b+c&y", "", {}, {}, "some body"}).value();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.content_type, "text/plain");
    EXPECT_EQ(answer.body, "POST /orders/7 a x=a b c y=\nsome body");
    EXPECT_EQ(answer.headers.at("x-content-type-options"), "nosniff");
    EXPECT_EQ(answer.headers.count("date"), 1u);
}

TEST_F(Http, HeadGetsTheHeaderAlone) {
    serve();
    HttpClient client{server->port()};
    HttpRequest request;
    request.method = "HEAD";
    const auto answer = client.send(request).value();
    EXPECT_EQ(answer.headers.at("content-length"), "7");
    EXPECT_EQ(answer.body, "");
    EXPECT_EQ(client.send(HttpRequest{}).value().body, "GET /\n");
}

TEST_F(Http, AnswersLaterAndFromAnotherThread) {
    std::promise<HttpReply> asked;
    serve({}, [&](const HttpRequest&, HttpReply reply) { asked.set_value(std::move(reply)); });
    std::thread flusher{[&] {
        const HttpReply reply = asked.get_future().get();
        reply(text("durable", 202));
        reply(text("again"));  // Only the first counts.
    }};
    HttpClient client{server->port()};
    const auto answer = client.send(HttpRequest{}).value();
    EXPECT_EQ(answer.status, 202);
    EXPECT_EQ(answer.body, "durable");
    flusher.join();
}

TEST_F(Http, ServesManyClientsAtOnceAndKeepsTheirConnections) {
    serve();
    std::vector<std::thread> clients;
    std::atomic<int> right{0};
    for (int i = 0; i < 8; ++i) {
        clients.emplace_back([&, i] {
            HttpClient client{server->port()};
            for (int j = 0; j < 200; ++j) {
                const std::string body = std::to_string(i) + "-" + std::to_string(j);
                const auto answer = client.send({"PUT", "/a", "", {}, {}, body});
                if (answer && answer->body == "PUT /a\n" + body) ++right;
            }
        });
    }
    for (std::thread& client : clients) client.join();
    EXPECT_EQ(right.load(), 1'600);
}

TEST_F(Http, PipelinedRequestsAreAnsweredInOrder) {
    Desk desk;
    std::atomic<int> count{0};
    serve({}, [&](const HttpRequest& request, HttpReply reply) {
        // Given that the first answer is late, the second request is not even begun.
        if (request.path == "/1") return desk.take(std::move(reply));
        ++count;
        reply(text("answer to " + request.path));
    });
    RawConnection raw{server->port()};
    raw.send(header("", "GET /1 HTTP/1.1") + header("", "GET /2 HTTP/1.1") +
             header("Connection: close\r\n", "GET /3 HTTP/1.1"));
    desk.first.get_future().wait();
    EXPECT_EQ(count.load(), 0);
    desk.waiting[0](text("answer to /1"));
    const std::string all = raw.read_to_end();
    const auto one = all.find("answer to /1");
    const auto two = all.find("answer to /2");
    const auto three = all.find("answer to /3");
    ASSERT_NE(three, std::string::npos) << all;
    EXPECT_LT(one, two);
    EXPECT_LT(two, three);
}

TEST_F(Http, ReadsChunkedBodiesAndWaitsWithThemIfAsked) {
    serve();
    EXPECT_NE(
        exchange(header("Transfer-Encoding: chunked\r\nConnection: close\r\n", "POST / HTTP/1.1") +
                 "4\r\nwiki\r\n5;a=b\r\npedia\r\n0\r\nTrailer: x\r\n\r\n")
            .find("\nwikipedia"),
        std::string::npos);
    RawConnection raw{server->port()};
    raw.send(header("Content-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n",
                    "POST / HTTP/1.1"));
    EXPECT_EQ(raw.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    raw.send("ok");
    EXPECT_NE(raw.read_to_end().find("\nok"), std::string::npos);
}

TEST_F(Http, ARequestThatNobodyAnswersIsAnsweredWith500) {
    serve({}, [](const HttpRequest&, const HttpReply&) {});
    HttpClient client{server->port()};
    EXPECT_EQ(client.send(HttpRequest{}).value().status, 500);
    EXPECT_EQ(server->requests_in_flight(), 0u);
}

TEST_F(Http, AHandlerThatThrowsIsAnsweredWith500) {
    serve({}, [](const HttpRequest&, const HttpReply&) {
        throw Failure{Error{ErrorCode::conflict, "the \"handler\" broke"}};
    });
    HttpClient client{server->port()};
    const auto answer = client.send(HttpRequest{}).value();
    EXPECT_EQ(answer.status, 500);
    EXPECT_NE(answer.body.find(R"(the \"handler\" broke)"), std::string::npos);
}

TEST_F(Http, AnswersWith503WhileTooManyRequestsWait) {
    Desk desk;
    serve({.requests_max = 1},
          [&](const HttpRequest&, HttpReply reply) { desk.take(std::move(reply)); });
    RawConnection first{server->port()};
    first.send(header("Connection: close\r\n"));
    desk.first.get_future().wait();
    EXPECT_EQ(server->requests_in_flight(), 1u);

    HttpClient second{server->port()};
    const auto refused = second.send(HttpRequest{}).value();
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(refused.headers.at("retry-after"), "1");
    EXPECT_EQ(refused.content_type, "application/problem+json");

    desk.waiting[0](text("at last"));
    EXPECT_NE(first.read_to_end().find("at last"), std::string::npos);
}

TEST_F(Http, AnAnswerThatTakesTooLongIsGivenUpWith504) {
    Desk desk;
    serve({.answer_timeout = 2ms},
          [&](const HttpRequest&, HttpReply reply) { desk.take(std::move(reply)); });
    const std::string answer = exchange(header(""));
    EXPECT_EQ(answer.rfind("HTTP/1.1 504 ", 0), 0u) << answer;
    EXPECT_EQ(server->requests_in_flight(), 0u);
    desk.waiting[0](text("too late"));
}

TEST_F(Http, StoppingAnswersWhatIsInFlight) {
    Desk desk;
    serve({}, [&](const HttpRequest&, HttpReply reply) { desk.take(std::move(reply)); });
    RawConnection idle{server->port()};
    RawConnection busy{server->port()};
    busy.send(header(""));
    desk.first.get_future().wait();
    std::thread stopper{[&] { server->stop(1h); }};
    EXPECT_EQ(idle.read_to_end(), "");  // Closed: the server drains.
    desk.waiting[0](text("done"));
    const std::string answer = busy.read_to_end();
    EXPECT_NE(answer.find("Connection: close"), std::string::npos);
    EXPECT_NE(answer.find("done"), std::string::npos);
    stopper.join();
    EXPECT_EQ(HttpClient{server->port()}.send(HttpRequest{}).error().code, ErrorCode::unavailable);
}

TEST_F(Http, StoppingWaitsNoLongerThanItIsAllowed) {
    Desk desk;
    serve({}, [&](const HttpRequest&, HttpReply reply) { desk.take(std::move(reply)); });
    RawConnection raw{server->port()};
    raw.send(header(""));
    desk.first.get_future().wait();
    server->stop(1ms);
    EXPECT_EQ(raw.read_to_end(), "");
    server = nullptr;
    desk.waiting[0](text("nobody listens"));
}

TEST_F(Http, AHandlersHeadersCannotBeginNewOnes) {
    serve({}, [](const HttpRequest&, const HttpReply& reply) {
        HttpResponse response = text("x");
        response.headers["location"] = "/a\r\nSet-Cookie: stolen\r\n\r\n";
        reply(response);
    });
    HttpClient client{server->port()};
    const auto answer = client.send(HttpRequest{}).value();
    EXPECT_EQ(answer.headers.count("set-cookie"), 0u);
    EXPECT_EQ(answer.body, "x");
}

TEST_F(Http, TheClientSaysWhyThereIsNoAnswer) {
    serve({}, [](HttpRequest request, const HttpReply& reply) {
        reply(text(std::string(request.body.size(), 'x')));
    });
    HttpClient small{server->port(), {.body_bytes_max = 10}};
    EXPECT_EQ(small.send({"POST", "/", "", {}, {}, std::string(11, 'x')}).error().code,
              ErrorCode::limit_exceeded);
    EXPECT_EQ(small.send({"POST", "/", "", {}, {}, "ok"}).value().body, "xx");

    RawListener silent;
    HttpClient patient{silent.port(), {.timeout = 2ms}};
    EXPECT_EQ(patient.send(HttpRequest{}).error().code, ErrorCode::timeout);
}

TEST_F(Http, TheClientConnectsAnewWhenTheServerClosedBetweenRequests) {
    serve({.idle_timeout = 2ms});
    HttpClient client{server->port()};
    RawConnection witness{server->port()};
    witness.send(header(""));
    EXPECT_EQ(client.send(HttpRequest{}).value().status, 200);
    witness.read_to_end();  // Both have been idle for too long.
    EXPECT_EQ(client.send(HttpRequest{}).value().status, 200);
}

}  // namespace
}  // namespace tidings::io
