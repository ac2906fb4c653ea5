// Dead letters over HTTP: looked at, redriven, edited and discarded in a running service.
#include "service/operations_testing.h"

#include <array>
#include <contracts/all.h>
#include <vector>

namespace tidings {
namespace {

using sample::depot::Opened;
using testbench::contains;
using testbench::HostBench;

/// A depot that tells itself what it opens, and gives up what is in a city that it does not know.
class Operating : public ::testing::Test {
protected:
    Operating()
        : bench([this](Service& service) {
              static constexpr std::array schema{
                  Migration{1, "seen", "CREATE TABLE seen (city TEXT NOT NULL);"}};
              service.schema(schema);
              service.contracts(sample::contracts(), sample::contracts_json());
              service.command("POST", "/open/{number}/{city}",
                              [](const Request& request, Transaction& tx) {
                                  tx.publish(Opened{std::stoi(request.parameter("number")),
                                                    request.parameter("city")});
                                  return Reply{202, "{}", {}};
                              });
              service.handlers().on<Opened>([this](const Opened& event, Transaction& tx) {
                  tx.execute("INSERT INTO seen (city) VALUES ($1)", event.city);
                  if (mended || event.city.starts_with("good")) return;
                  throw Failure{{ErrorCode::not_found, "no city \"" + event.city + "\""}, true};
              });
          }) {}

    void start() {
        bench.start();
        publish(1, "bad one");
        publish(1, "good two");
        publish(2, "bad three");
        bench.settle();
    }
    void publish(int number, const std::string& city) {
        const std::string path = "/open/" + std::to_string(number) + '/' + city;
        ASSERT_EQ(bench.send("POST", path).status, 202);
    }
    io::HttpResponse get(const std::string& path) { return bench.send("GET", path); }
    io::HttpResponse act(const std::string& act, const std::string& fields,
                         io::HttpHeaders headers = {}) {
        return bench.send("POST", "/dead-letters/depot-service/" + act,
                          R"({"who":"anna","why":"a test",)" + fields + "}", std::move(headers));
    }
    std::vector<std::string> seen() {
        std::vector<std::string> cities;
        const auto reader = bench.host->reader("depot-service").value();
        Rows rows = reader->query("SELECT city FROM seen ORDER BY rowid");
        while (rows.next()) cities.push_back(rows.row().get<std::string>(0));
        return cities;
    }
    std::int64_t dead() { return bench.host->status("depot-service").dead; }

    bool mended = false;
    HostBench bench;
};

TEST_F(Operating, LooksAtGroupsListsAndSingleLetters) {
    start();
    const std::string groups = get("/dead-letters").body;
    EXPECT_TRUE(contains(groups, R"("service":"depot-service")")) << groups;
    EXPECT_TRUE(contains(groups, R"("count":2)")) << groups;
    EXPECT_TRUE(contains(groups, R"("errorCode":"not_found")")) << groups;
    EXPECT_EQ(get("/dead-letters/depot-service/groups").body, groups);
    const std::string page = get("/dead-letters/depot-service?count=1").body;
    EXPECT_TRUE(contains(page, R"("count":2,"next":1,"letters":[{)")) << page;
    EXPECT_TRUE(contains(get("/dead-letters/depot-service?after=1").body, "bad three"));
    EXPECT_TRUE(contains(get("/dead-letters/depot-service?all=1").body, R"("state":"parked")"));
    const std::string letter = get("/dead-letters/depot-service/1").body;
    EXPECT_TRUE(contains(letter, R"("parkedBehind":1)")) << letter;
    EXPECT_TRUE(contains(letter, R"("city":"bad one"}}})")) << letter;
    EXPECT_EQ(get("/audit/depot-service").body, "{\"entries\":[]}");
}

TEST_F(Operating, TellsWhatIsWrongWithARequest) {
    start();
    const auto expect = [](const io::HttpResponse& answer, int status, std::string_view part) {
        EXPECT_EQ(answer.status, status) << answer.body;
        EXPECT_EQ(answer.content_type, "application/problem+json");
        EXPECT_TRUE(contains(answer.body, part)) << answer.body;
    };
    expect(get("/dead-letters/other-service"), 404, "no service");
    expect(get("/dead-letters/depot-service/99"), 404, "no held event");
    expect(get("/dead-letters/depot-service/1x"), 404, "no held event");
    expect(get("/dead-letters/depot-service?after=x"), 400, "after must be a number");
    expect(bench.send("POST", "/dead-letters"), 405, "takes GET");
    expect(bench.send("PUT", "/dead-letters/depot-service/redrive"), 405, "takes GET, POST");
    expect(act("redrive", R"("everything":true)"), 400, "\"pointer\":\"/everything\"");
    expect(act("redrive", R"("max":0,"all":true)"), 400, "\"pointer\":\"/max\"");
    expect(act("redrive", R"("positions":[])"), 400, "not clear which");
    expect(act("redrive", R"("positions":[7])"), 404, "no held event at position 7");
    expect(act("redrive", R"("all":true,"perSecond":-3)"), 400, "is no rate");
    expect(act("discard", R"("positions":[2])"), 409, "no dead letters");
    expect(bench.send("POST", "/dead-letters/depot-service/discard", R"({"all":true})"), 400,
           "\"pointer\":\"/who\"");
    expect(
        bench.send("POST", "/dead-letters/depot-service/discard", R"({"who":"anna","all":true})"),
        400, "nobody says why");
    EXPECT_EQ(dead(), 2);
    EXPECT_EQ(get("/audit/depot-service").body, "{\"entries\":[]}");
}

TEST_F(Operating, RedrivesAGroupOnceHoweverOftenItIsAsked) {
    start();
    mended = true;
    const std::string groups = get("/dead-letters").body;
    const std::size_t at = groups.find("\"group\":\"") + 9;
    const std::string group = groups.substr(at, groups.find('"', at) - at);
    const std::string asked = "\"group\":\"" + group + "\"";
    const io::HttpResponse plan = act("redrive", asked + ",\"dryRun\":true");
    EXPECT_TRUE(contains(plan.body, R"("chosen":2,"done":0)")) << plan.body;
    EXPECT_EQ(dead(), 2);
    const io::HttpResponse first = act("redrive", asked, {{"idempotency-key", "k"}});
    EXPECT_TRUE(contains(first.body, R"("chosen":2,"done":2)")) << first.body;
    bench.crash();
    const io::HttpResponse again = act("redrive", asked, {{"idempotency-key", "k"}});
    EXPECT_EQ(again.body, first.body) << "asked again: the first answer";
    EXPECT_TRUE(contains(act("redrive", asked).body, R"("chosen":0,"done":0)"));
    bench.settle();
    const auto cities = seen();
    EXPECT_EQ(cities.size(), 3U);
    EXPECT_EQ(dead(), 0);
    EXPECT_EQ(bench.host->status("depot-service").unaccounted(), 0);
}

TEST_F(Operating, EditsByTheContractAndThenRedrives) {
    start();
    const io::HttpResponse wrong = act("edit", R"("position":1,"data":{"number":0,"city":"x"})");
    EXPECT_EQ(wrong.status, 400);
    EXPECT_TRUE(contains(wrong.body, "/number")) << wrong.body;
    EXPECT_EQ(act("edit", R"("position":1,"data":{"number":9,"city":"good x"})").status, 409);
    const std::string good = R"("position":1,"data":{"number":1,"city":"good one"})";
    EXPECT_EQ(act("edit", good + ",\"dryRun\":true").status, 200);
    EXPECT_EQ(get("/audit/depot-service").body, "{\"entries\":[]}") << "only checked";
    EXPECT_TRUE(contains(act("edit", good).body, "\"eventId\":\""));
    EXPECT_EQ(act("edit", good + R"(,"eventId":"stale")").status, 409);
    EXPECT_EQ(act("redrive", R"("positions":[1])").status, 200);
    bench.settle();
    EXPECT_EQ(seen(), (std::vector<std::string>{"good one", "good two"}));
    const std::string audit = get("/audit/depot-service").body;
    EXPECT_TRUE(contains(audit, R"("number":2)")) << audit;
    EXPECT_TRUE(contains(audit, R"("act":"edit","who":"anna","why":"a test")")) << audit;
}

TEST_F(Operating, KeepsRehearsalsOnTheRecord) {
    start();
    EXPECT_EQ(act("rehearsed", R"("all":true,"done":1,"failed":-1)").status, 400);
    EXPECT_EQ(act("rehearsed", R"("done":1,"failed":1)").status, 400) << "of which letters?";
    EXPECT_EQ(get("/audit/depot-service").body, "{\"entries\":[]}");
    for (int i = 0; i < 2; ++i) {
        const auto done = act("rehearsed", R"("all":true,"done":1,"failed":1)",
                              {{"idempotency-key", "the answer was lost"}});
        EXPECT_EQ(done.status, 200) << done.body;
    }
    EXPECT_EQ(act("rehearsed", R"("positions":[1],"error":"no such program")").status, 200);
    const std::string audit = get("/audit/depot-service").body;
    EXPECT_TRUE(contains(audit, R"("act":"rehearse","who":"anna","why":"a test","chosen":"all")"));
    EXPECT_TRUE(contains(audit, R"("after":{"done":1,"failed":1})")) << audit;
    EXPECT_TRUE(contains(audit, R"("number":2)")) << audit;
    EXPECT_FALSE(contains(audit, R"("number":3)")) << audit;
    EXPECT_TRUE(contains(audit, R"("after":{"error":"no such program"})")) << audit;
    EXPECT_EQ(dead(), 2) << "nothing was done to them";
}

TEST_F(Operating, DiscardsAndLetsGoOnWhatWaits) {
    start();
    EXPECT_TRUE(contains(act("discard", R"("positions":[1])").body, R"("done":1)"));
    bench.settle();
    EXPECT_EQ(seen(), std::vector<std::string>{"good two"});
    EXPECT_EQ(bench.host->status("depot-service").discarded, 1);
    bench.crash();
    EXPECT_EQ(bench.host->status("depot-service").discarded, 1);
    EXPECT_EQ(bench.host->status("depot-service").unaccounted(), 0);
}

}  // namespace
}  // namespace tidings
