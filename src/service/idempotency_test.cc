// A command that is asked again under the same Idempotency-Key is done once (P1).
#include <tidings/store/sqlite.h>

#include "service/operations_testing.h"

#include <array>
#include <contracts/all.h>

namespace tidings {
namespace {

using sample::depot::Opened;
using testbench::contains;
using testbench::HostBench;

/// Counts what it is asked for, and tells the caller the count.
class Counting : public ::testing::Test {
protected:
    Counting()
        : bench([this](Service& service) {
              static constexpr std::array schema{
                  Migration{1, "counts", "CREATE TABLE counted (place INTEGER PRIMARY KEY);"}};
              service.schema(schema);
              service.contracts(sample::contracts(), sample::contracts_json());
              service.command("POST", "/count", [this](const Request&, Transaction& tx) {
                  tx.execute("INSERT INTO counted DEFAULT VALUES");
                  tx.publish(Opened{1, "Bonn"});
                  if (refusals-- > 0) throw Failure{{ErrorCode::not_found, "not yet"}};
                  const auto count = tx.value<std::int64_t>("SELECT count(*) FROM counted");
                  return Reply{202, std::to_string(*count), {{"Location", "/count"}}};
              });
          }) {}

    io::HttpResponse count(const std::string& key, const std::string& body = "{}") {
        return bench.send("POST", "/count", body, {{"idempotency-key", key}});
    }
    std::int64_t stored() {
        const auto reader = bench.host->reader("depot-service").value();
        return reader->value<std::int64_t>("SELECT count(*) FROM counted").value();
    }

    int refusals = 0;
    HostBench bench;
};

TEST_F(Counting, TheSameKeyGivesTheFirstAnswerAlsoAfterACrash) {
    bench.start();
    const io::HttpResponse first = count("a");
    EXPECT_EQ(first.status, 202);
    EXPECT_EQ(first.body, "1");
    EXPECT_FALSE(first.headers.contains("idempotency-replayed"));
    EXPECT_EQ(count("b").body, "2");
    for (int round = 0; round < 2; ++round) {
        const io::HttpResponse again = count("a");
        EXPECT_EQ(again.status, 202);
        EXPECT_EQ(again.body, "1");
        EXPECT_EQ(again.headers.at("Location"), "/count");
        EXPECT_EQ(again.headers.at("idempotency-replayed"), "true");
        bench.crash();
    }
    EXPECT_EQ(stored(), 2);
    bench.settle();
    EXPECT_EQ(bench.host->status("depot-service").published, 2);
}

TEST_F(Counting, ACallerWhoGotNoAnswerMayAskAgainAtAnyMoment) {
    for (std::uint64_t operations = 0; operations < 40; ++operations) {
        SCOPED_TRACE(operations);
        HostBench cut{[this](Service& service) {
                          static constexpr std::array schema{Migration{
                              1, "counts", "CREATE TABLE counted (place INTEGER PRIMARY KEY);"}};
                          service.schema(schema);
                          service.command("POST", "/count", [](const Request&, Transaction& tx) {
                              tx.execute("INSERT INTO counted DEFAULT VALUES");
                              return Reply{202, "done", {}};
                          });
                      },
                      operations};
        cut.start();
        cut.world.stop_after(operations);
        cut.send("POST", "/count", "{}", {{"idempotency-key", "a"}});
        cut.world.heal();
        cut.crash();
        EXPECT_EQ(cut.send("POST", "/count", "{}", {{"idempotency-key", "a"}}).body, "done");
        const auto reader = cut.host->reader("depot-service").value();
        EXPECT_EQ(reader->value<std::int64_t>("SELECT count(*) FROM counted"), 1);
    }
}

TEST_F(Counting, TwoThatAskAtOnceGetOneAnswer) {
    bench.start();
    std::vector<std::string> answers;
    for (int i = 0; i < 2; ++i) {
        io::HttpRequest request{"POST", "/count", "/count", {}, {{"idempotency-key", "a"}}, "{}"};
        bench.host->request(std::move(request), [&answers](const io::HttpResponse& answer) {
            answers.push_back(answer.body);
        });
    }
    bench.settle();
    EXPECT_EQ(answers, (std::vector<std::string>{"1", "1"}));
    EXPECT_EQ(stored(), 1);
}

TEST_F(Counting, AKeyThatCameWithAnotherRequestIsRefused) {
    bench.start();
    count("a");
    const io::HttpResponse other = count("a", "{\"x\":1}");
    EXPECT_EQ(other.status, 422);
    EXPECT_EQ(other.content_type, "application/problem+json");
    EXPECT_EQ(stored(), 1);
    const io::HttpResponse event = bench.send(
        "POST", "/events", "{\"type\":\"depot.opened\",\"data\":{\"number\":7,\"city\":\"Bonn\"}}",
        {{"idempotency-key", "a"}});
    EXPECT_EQ(event.status, 422) << "keys are the service's, not the route's";
}

TEST_F(Counting, WhatWasRefusedMayBeAskedAnew) {
    bench.start();
    refusals = 1;
    EXPECT_EQ(count("a").status, 404);
    EXPECT_EQ(stored(), 0);
    EXPECT_EQ(count("a").body, "1");
    EXPECT_EQ(count("a").body, "1");
}

TEST_F(Counting, AKeyThatIsNoneIsRefused) {
    bench.start();
    for (const std::string& wrong : {std::string{}, std::string(256, 'k'), std::string{"a\tb"}}) {
        EXPECT_EQ(count(wrong).status, 400) << wrong;
    }
    EXPECT_EQ(stored(), 0);
}

TEST_F(Counting, AnswersAreForgottenByAgeButNeverTheNewest) {
    bench.start();
    count("old");
    // Ten thousand that were answered since: as many rows, written without the requests.
    count("second");
    const auto write = [this](const std::string& sql) {
        bench.drop();
        auto store = open_sqlite(bench.world.process("host"), "data/services/depot-service.db");
        (*store)->begin().value();
        (*store)->transaction().execute(sql);
        (*store)->commit().value();
        (*store)->close().value();
        store = Error{};
        bench.start();
    };
    bench.world.jump_wall_clock(std::chrono::hours{25});
    EXPECT_EQ(count("old").body, "1") << "the clock alone makes nothing forgotten";
    count("third");
    EXPECT_EQ(count("old").body, "1");
    write("UPDATE tidings_answer SET number = number + 10000 WHERE key = 'third'");
    EXPECT_EQ(count("fourth").body, "4");
    EXPECT_EQ(count("old").body, "5") << "old, and ten thousand newer: asked anew";
    EXPECT_EQ(count("third").body, "3");
}

}  // namespace
}  // namespace tidings
