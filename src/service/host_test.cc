// A service as its callers see it: the API, health, the data directory, start and stop.
#include <tidings/broker/log_broker.h>
#include <tidings/io/file.h>
#include <tidings/io/http_client.h>
#include <tidings/service/host.h>
#include <tidings/sim/faulty_broker.h>
#include <tidings/sim/scheduler.h>
#include <tidings/sim/world.h>
#include <tidings/view/table.h>

#include <gtest/gtest.h>

#include <array>
#include <contracts/all.h>
#include <memory>
#include <models/depot_service.h>
#include <optional>
#include <string>
#include <vector>

namespace tidings {
namespace {

using sample::depot::Opened;
using sample::depot_service::StartTour;

/// What a depot does in these tests: each tour that starts is a row, and opens a depot.
class Depot {
public:
    explicit Depot(Service& service) {
        static constexpr std::array schema{Migration{
            1, "tours", "CREATE TABLE tours (van TEXT PRIMARY KEY, correlation TEXT NOT NULL);"}};
        service.schema(schema);
        service.contracts(sample::contracts(), sample::contracts_json());
        service.command<StartTour>(
            "POST", "/tours", [](const StartTour& tour, const Request&, Transaction& tx) {
                tx.execute("INSERT INTO tours (van, correlation) VALUES ($1, $2)", tour.van,
                           tx.correlation_id());
                tx.publish(Opened{1, tour.van});
                return Reply::accepted("/tours/" + tour.van, tour);
            });
        service.get("/tours/{van}", [](const Request& request, StoreTransaction& tx) {
            const auto correlation = tx.value<std::string>(
                "SELECT correlation FROM tours WHERE van = $1", request.parameter("van"));
            if (!correlation) throw Failure{{ErrorCode::not_found, "no such van"}};
            return Reply{200, "{\"correlation\":\"" + *correlation + "\"}", {}};
        });
        service.command("DELETE", "/tours/{van}", [](const Request& request, Transaction& tx) {
            tx.execute("DELETE FROM tours WHERE van = $1", request.parameter("van"));
            return Reply{204, {}, {}};
        });
    }
};

class Hosting : public ::testing::Test {
protected:
    ~Hosting() override { host.reset(); }

    void start() {
        HostOptions options;
        options.data = "data";
        options.limits = limits;
        options.broker = [this](io::World&) -> Result<std::unique_ptr<Broker>> {
            log = open_log_broker(world.process("host"), "data/log").value();
            auto faulty = std::make_unique<sim::FaultyBroker>(world, *log);
            broker = faulty.get();
            return std::unique_ptr<Broker>{std::move(faulty)};
        };
        host = Host::open(world.process("host"), std::move(options)).value();
        service = std::make_unique<Service>("depot-service");
        depot = std::make_unique<Depot>(*service);
        if (breaker) service->depends_on(breaker);
        ASSERT_TRUE(host->add(*service));
    }
    void settle(Duration limit = 10s) {
        sim::Scheduler scheduler{world};
        for (io::Worker* worker : host->workers()) scheduler.add(*worker);
        scheduler.run_until_quiet(limit);
    }
    /// Sends a request and lets the service work until it is answered, or for a while.
    io::HttpResponse send(io::HttpRequest request) {
        request.path = request.target;
        std::optional<io::HttpResponse> answer;
        host->request(std::move(request),
                      [&answer](io::HttpResponse response) { answer = std::move(response); });
        if (!answer) settle();
        return answer.value_or(io::HttpResponse{0, "", {}, "no answer"});
    }
    io::HttpResponse send(const std::string& method, const std::string& path,
                          const std::string& body = "", io::HttpHeaders headers = {}) {
        return send({method, path, path, {}, std::move(headers), body});
    }

    sim::SimWorld world{1};
    StepLoop::Options limits;
    std::unique_ptr<Broker> log;
    sim::FaultyBroker* broker = nullptr;
    std::shared_ptr<CircuitBreaker> breaker;
    std::unique_ptr<Service> service;
    std::unique_ptr<Depot> depot;
    std::unique_ptr<Host> host;
};

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

TEST_F(Hosting, AnswersACommandOnceItIsDurable) {
    start();
    std::optional<io::HttpResponse> answer;
    host->request({"POST", "/tours", "/tours", {}, {}, "{\"van\":\"v1\"}"},
                  [&answer](io::HttpResponse response) { answer = std::move(response); });
    EXPECT_FALSE(answer);
    host->workers()[0]->poll(world.monotonic());
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 202);
    EXPECT_EQ(answer->headers["Location"], "/tours/v1");
    EXPECT_TRUE(contains(answer->body, "\"van\":\"v1\""));
    EXPECT_EQ(send("GET", "/tours/v1").status, 200);
    EXPECT_EQ(send("HEAD", "/tours/v1").status, 200);
    EXPECT_EQ(send("DELETE", "/tours/v1").status, 204);
    EXPECT_EQ(send("GET", "/tours/v1").status, 404);
}

TEST_F(Hosting, TellsWhatIsWrongWithARequest) {
    start();
    struct Case {
        const char* method;
        const char* path;
        std::string body;
        int status;
        const char* part;
    };
    const Case cases[] = {
        {"GET", "/", "", 404, "nothing is at /"},
        {"GET", "/tours/", "", 404, "nothing is at"},
        {"GET", "/tours/v1/x", "", 404, "nothing is at"},
        {"GET", "/tours/none", "", 404, "no such van"},
        {"PUT", "/tours/v1", "", 405, "takes GET, DELETE"},
        {"GET", "/tours", "", 405, "takes POST"},
        {"POST", "/status", "", 405, "takes GET, HEAD"},
        {"GET", "/events", "", 405, "takes POST"},
        {"POST", "/tours", "", 400, "detail"},
        {"POST", "/tours", "{\"van\":", 400, "detail"},
        {"POST", "/tours", "{\"van\":7}", 400, "\"pointer\":\"/van\""},
        {"POST", "/tours", "{\"van\":\"\"}", 400, "\"pointer\":\"/van\""},
        {"POST", "/tours", "{}", 400, "\"pointer\":\"/van\""},
        {"POST", "/tours", "{\"van\":\"a\xff\"}", 400, "detail"},
        {"POST", "/tours", "{\"van\":\"a\",\"sizes\":[{\"width\":1,\"height\":0}]}", 400,
         "\"pointer\":\"/sizes/0/height\""},
        {"POST", "/tours", "{\"van\":\"a\",\"x\":" + std::string(100, '[') + "}", 400, "detail"},
    };
    for (const Case& wrong : cases) {
        SCOPED_TRACE(std::string{wrong.method} + ' ' + wrong.path + ' ' + wrong.body);
        const io::HttpResponse answer = send(wrong.method, wrong.path, wrong.body);
        EXPECT_EQ(answer.status, wrong.status);
        EXPECT_EQ(answer.content_type, "application/problem+json");
        EXPECT_TRUE(contains(answer.body, wrong.part)) << answer.body;
        EXPECT_EQ(answer.headers.contains("allow"), wrong.status == 405);
    }
    EXPECT_EQ(host->status("depot-service").steps, 0) << "nothing was stored";
}

TEST_F(Hosting, RefusesWithConflictWhatIsThereAlready) {
    start();
    EXPECT_EQ(send("POST", "/tours", "{\"van\":\"v1\"}").status, 202);
    EXPECT_EQ(send("POST", "/tours", "{\"van\":\"v1\"}").status, 409);
}

TEST_F(Hosting, SaysWhenToComeAgainIfTheQueueIsFull) {
    limits.commands_max = 1;
    start();
    int answered = 0;
    host->request({"POST", "/tours", "/tours", {}, {}, "{\"van\":\"v1\"}"},
                  [&answered](const io::HttpResponse&) { ++answered; });
    const io::HttpResponse refused = send("POST", "/tours", "{\"van\":\"v2\"}");
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(refused.headers.at("retry-after"), "1");
    settle();
    EXPECT_EQ(answered, 1);
}

TEST_F(Hosting, TakesTheCallersCorrelationIdIfItIsOne) {
    start();
    send("POST", "/tours", "{\"van\":\"v1\"}", {{"x-correlation-id", "flow-7"}});
    EXPECT_TRUE(contains(send("GET", "/tours/v1").body, "flow-7"));
    for (const char* wrong : {"", "a\tb", "\xff"}) {
        const io::HttpResponse answer =
            send("POST", "/tours", "{\"van\":\"v2\"}", {{"x-correlation-id", wrong}});
        ASSERT_EQ(answer.status, 202);
        const std::string body = send("GET", "/tours/v2").body;
        EXPECT_EQ(body.size(), std::string{"{\"correlation\":\"\"}"}.size() + 36) << body;
        send("DELETE", "/tours/v2");
    }
}

TEST_F(Hosting, PublishesEventsOfItsOwnDomainThatKeepTheirContract) {
    start();
    const auto publish = [this](const std::string& body) { return send("POST", "/events", body); };
    EXPECT_EQ(
        publish("{\"type\":\"depot.opened\",\"data\":{\"number\":7,\"city\":\"Bonn\"}}").status,
        202);
    const io::HttpResponse wrong =
        publish("{\"type\":\"depot.opened\",\"data\":{\"number\":0,\"city\":\"Bonn\"}}");
    EXPECT_EQ(wrong.status, 400);
    EXPECT_TRUE(contains(wrong.body, "number")) << wrong.body;
    EXPECT_EQ(publish("{\"type\":\"parcel.lost\",\"data\":{\"parcelId\":"
                      "\"5f1cbb4e-3f8e-4c2d-9a51-7a0f2f6f1d11\"}}")
                  .status,
              404)
        << "its owner does not run here";
    EXPECT_EQ(publish("{\"type\":\"depot.opened\"}").status, 400);
    EXPECT_EQ(publish("{\"data\":{}}").status, 400);
    EXPECT_EQ(publish("{\"type\":\"depot.opened\",\"data\":{},\"id\":1}").status, 400);
    EXPECT_EQ(publish("[]").status, 400);
    settle();
    EXPECT_EQ(host->status("depot-service").published, 1);
}

TEST_F(Hosting, RefusesToPublishWhatBreaksItsContractAndTellsWhichPromise) {
    start();
    const auto refused = [this](int status, const std::string& reason, const std::string& body) {
        const io::HttpResponse answer = send("POST", "/events", body);
        EXPECT_EQ(answer.status, status) << answer.body.substr(0, 500);
        EXPECT_TRUE(contains(answer.body, "\"reason\":\"" + reason + '"'))
            << answer.body.substr(0, 500);
    };
    refused(404, "unknown_type", R"({"type":"moon.rose","data":{}})");
    refused(400, "invalid_data", R"({"type":"depot.opened","data":{"number":0,"city":"Bonn"}})");
    refused(400, "invalid_data", R"({"type":"depot.opened"})");
    // The body around the data is as deep as an envelope: what passes here, consumers can read.
    const auto nested = [](std::size_t depth) {
        return R"({"type":"depot.opened","data":{"number":7,"city":"Bonn","x":)" +
               std::string(depth, '[') + std::string(depth, ']') + "}}";
    };
    refused(400, "too_deep", nested(Envelope::depth_max - 1));
    EXPECT_EQ(send("POST", "/events", nested(Envelope::depth_max - 2)).status, 202);
    const auto large = [](std::size_t bytes) {
        return R"({"type":"depot.opened","data":{"number":7,"city":")" + std::string(bytes, 'x') +
               "\"}}";
    };
    refused(413, "too_large", large(Envelope::bytes_max - 100));  // With its envelope it is.
    refused(413, "too_large", large(Envelope::bytes_max));
    settle();
    EXPECT_EQ(host->status("depot-service").published, 1);
    const std::string metrics = send("GET", "/metrics").body;
    const auto counted = [&metrics](const std::string& labels, const std::string& value) {
        const std::string line = "tidings_contract_refusals_total{" + labels + "} " + value + '\n';
        EXPECT_TRUE(contains(metrics, line)) << line;
    };
    counted(R"(at="http",reason="unknown_type",service="")", "1");
    counted(R"(at="http",reason="invalid_data",service="depot-service")", "1");
    counted(R"(at="http",reason="invalid_data",service="")", "1");
    counted(R"(at="http",reason="too_deep",service="")", "1");
    counted(R"(at="publish",reason="too_large",service="depot-service")", "1");
    counted(R"(at="http",reason="too_large",service="")", "1");
}

TEST_F(Hosting, PublishesTheNewestMajorVersionOfAnEvent) {
    start();
    send("POST", "/events",
         "{\"type\":\"depot.opened\",\"data\":{\"number\":7,\"city\":\"Bonn\"}}");
    settle();
    auto reader = log->subscribe(Topic{"depot"}, ConsumerGroup{""}, {}).value();
    const Fetched fetched = reader->fetch(10).value();
    ASSERT_EQ(fetched.events.size(), 1U);
    EXPECT_TRUE(contains(std::string{fetched.events[0].envelope}, "\"dataVersion\":\"2.0.0\""))
        << fetched.events[0].envelope;
}

TEST_F(Hosting, TellsHowItIs) {
    start();
    EXPECT_EQ(send("GET", "/health/live").body, "{\"live\":true}");
    io::HttpResponse ready = send("GET", "/health/ready");
    EXPECT_EQ(ready.status, 200);
    EXPECT_TRUE(contains(ready.body, "\"status\":\"up\"")) << ready.body;

    broker->outage(true);
    send("POST", "/tours", "{\"van\":\"v1\"}");
    ready = send("GET", "/health/ready");
    EXPECT_EQ(ready.status, 200) << "it still takes requests";
    EXPECT_TRUE(contains(ready.body, "\"status\":\"degraded\"")) << ready.body;
    EXPECT_TRUE(contains(ready.body, "simulated outage")) << ready.body;
    EXPECT_TRUE(contains(send("GET", "/status").body, "\"outboxPending\":1"));
    EXPECT_TRUE(contains(send("GET", "/metrics").body,
                         "tidings_outbox_pending_messages{service=\"depot-service\"} 1"));
    broker->outage(false);
    settle();
    EXPECT_TRUE(host->is_quiet());
    EXPECT_TRUE(contains(send("GET", "/health/ready").body, "\"status\":\"up\""));

    world.fail({.operation = sim::DiskOperation::flush, .path_part = "depot-service.db"});
    EXPECT_EQ(send("POST", "/tours", "{\"van\":\"v2\"}").status, 503);
    ready = send("GET", "/health/ready");
    EXPECT_EQ(ready.status, 503);
    EXPECT_TRUE(contains(ready.body, "\"status\":\"down\"")) << ready.body;
    EXPECT_TRUE(contains(ready.body, "\"reason\":")) << ready.body;
    EXPECT_EQ(send("GET", "/health/live").status, 200);
    EXPECT_EQ(send("GET", "/tours/v1").status, 200) << "queries go on";
}

TEST_F(Hosting, AFullDiskIsNoFaultOfTheCaller) {
    start();
    world.set_disk_bytes_max(world.disk_bytes());
    const std::string van(200'000, 'v');
    const io::HttpResponse full = send("POST", "/tours", "{\"van\":\"" + van + "\"}");
    EXPECT_EQ(full.status, 507);
    world.heal();
    EXPECT_EQ(send("POST", "/tours", "{\"van\":\"" + van + "\"}").status, 202);
}

TEST_F(Hosting, WhatWasAnsweredIsThereAfterAPowerLossOnAStrictDisk) {
    sim::SimWorld strict{3, sim::DiskProfile::strict};
    Service first{"depot-service"};
    const Depot tours{first};
    HostOptions options;
    options.data = "data";
    {
        auto running = Host::open(strict.process("host"), options).value();
        ASSERT_TRUE(running->add(first));
        int status = 0;
        running->request({"POST", "/tours", "/tours", {}, {}, "{\"van\":\"v1\"}"},
                         [&status](const io::HttpResponse& answer) { status = answer.status; });
        for (io::Worker* worker : running->workers()) worker->poll(strict.monotonic());
        ASSERT_EQ(status, 202);
        strict.crash();
    }
    auto again = Host::open(strict.process("host"), options).value();
    ASSERT_TRUE(again->add(first));
    const auto reader = again->reader("depot-service").value();
    EXPECT_EQ(reader->value<std::int64_t>("SELECT count(*) FROM tours"), 1);
}

TEST(DataDirectory, ThatIsNotOursIsLeftUntouched) {
    sim::SimWorld world{1};
    HostOptions options;
    options.data = "papers";
    ASSERT_TRUE(world.files().make_directory("papers"));
    ASSERT_TRUE(io::replace_file(world.files(), "papers/letter.txt", "dear"));
    const std::uint64_t before = world.digest();
    const auto refused = Host::open(world, options);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(world.digest(), before);
    EXPECT_EQ(check_data_directory(world.files(), "nowhere").error().code, ErrorCode::not_found);
}

TEST(DataDirectory, OfANewerFormatOrDamagedIsLeftUntouched) {
    for (const char* mark : {"{\"format\":99}", "{\"format\":", "{}"}) {
        sim::SimWorld world{1};
        HostOptions options;
        options.data = "data";
        ASSERT_TRUE(world.files().make_directory("data"));
        ASSERT_TRUE(io::replace_file(world.files(), "data/tidings.json", mark));
        const std::uint64_t before = world.digest();
        const auto refused = Host::open(world, options);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, std::string_view{mark}.ends_with("99}")
                                            ? ErrorCode::unsupported
                                            : ErrorCode::corruption);
        EXPECT_EQ(world.digest(), before);
    }
}

TEST(DataDirectory, CanBeOpenedAgainWhateverWasCutShort) {
    for (std::uint64_t operations = 0; operations < 60; ++operations) {
        SCOPED_TRACE(operations);
        sim::SimWorld world{operations, sim::DiskProfile::strict};
        Service service{"depot-service"};
        const Depot tours{service};
        HostOptions options;
        options.data = "data";
        world.stop_after(operations);
        {
            auto cut = Host::open(world.process("host"), options);
            if (cut) (void)(*cut)->add(service);
        }
        world.heal();
        world.crash();
        auto again = Host::open(world.process("host"), options);
        ASSERT_TRUE(again) << again.error().message;
        const Result<void> added = (*again)->add(service);
        ASSERT_TRUE(added) << added.error().message;
    }
}

TEST(RunningHost, ServesOverHttpAndStopsGracefully) {
    io::World& world = io::real_world();
    const std::string data =
        std::string{::testing::TempDir()} + "tidings-host-" + to_string(world.new_uuid());
    Service service{"depot-service"};
    const Depot tours{service};
    HostOptions options;
    options.data = data;
    options.port = 0;
    auto host = Host::open(world, options).value();
    ASSERT_TRUE(host->add(service));
    ASSERT_TRUE(host->start());
    const int port = host->port();
    EXPECT_EQ(io::read_file(world.files(), data + "/services/depot-service.port").value(),
              std::to_string(port) + "\n");

    auto rival = Host::open(world, options).value();
    Service twin{"depot-service"};
    EXPECT_EQ(rival->add(twin).error().code, ErrorCode::unavailable) << "it runs already";

    io::HttpClient client{port};
    for (int i = 0; i < 20; ++i) {
        const auto answer = client.send(
            {"POST", "/tours", "/tours", {}, {}, "{\"van\":\"v" + std::to_string(i) + "\"}"});
        ASSERT_TRUE(answer);
        EXPECT_EQ(answer->status, 202);
    }
    EXPECT_EQ(client.send({"GET", "/tours/v7", "", {}, {}, ""})->status, 200);
    EXPECT_EQ(client.send({"GET", "/health/ready", "", {}, {}, ""})->status, 200);
    host->stop();
    EXPECT_FALSE(io::HttpClient{port}.send({"GET", "/status", "", {}, {}, ""}));
    host.reset();

    // All of it was published and marked before it left.
    host = Host::open(world, options).value();
    ASSERT_TRUE(host->add(service));
    EXPECT_EQ(host->status("depot-service").outbox_pending, 0);
    const auto reader = host->reader("depot-service").value();
    EXPECT_EQ(reader->value<std::int64_t>("SELECT count(*) FROM tours"), 20);
    EXPECT_EQ(reader->value<std::int64_t>("SELECT count(*) FROM tidings_outbox"), 0);
}

TEST_F(Hosting, TellsWhichDependencyIsDownAndWhy) {
    CircuitBreaker::Options options;
    options.dependency = "rates";
    options.calls_min = 1;
    breaker = std::make_shared<CircuitBreaker>(world, options);
    start();
    const auto ready = [this] { return send("GET", "/health/ready").body; };
    EXPECT_TRUE(contains(ready(), R"("status":"up","dependencies":[{"dependency":"rates")"));
    breaker->enter().value().failed({ErrorCode::unavailable, "connection refused"});
    EXPECT_TRUE(contains(ready(), R"("status":"degraded")")) << ready();
    EXPECT_TRUE(contains(ready(), R"("circuit":"open")")) << ready();
    EXPECT_TRUE(contains(ready(), "1 of its last 1 calls failed: connection refused"));
    EXPECT_EQ(send("GET", "/health/ready").status, 200) << "it takes requests all the same";
    EXPECT_TRUE(contains(send("GET", "/status").body, R"("circuit":"open")"));
    const std::string metrics = send("GET", "/metrics").body;
    EXPECT_TRUE(contains(metrics,
                         "tidings_circuit_state{dependency=\"rates\",service=\""
                         "depot-service\"} 2"));
    EXPECT_TRUE(contains(metrics, "tidings_circuit_opened_total"));
    host.reset();
    EXPECT_FALSE(breaker->enter()) << "it lives longer than the host that showed it";
}

}  // namespace
}  // namespace tidings
