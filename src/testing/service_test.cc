// What a ServiceCase tells of one service: commands, events, timers, effects, rows, failures.
#include <tidings/testing/service.h>
#include <tidings/view/table.h>

#include <gtest/gtest.h>

#include <array>
#include <contracts/all.h>
#include <memory>
#include <models/depot_service.h>
#include <sstream>
#include <string>

namespace tidings {
namespace {

using sample::depot::Opened;
using sample::depot_service::Shipment;
using sample::depot_service::StartTour;
using sample::depot_service::State;
using sample::parcel::Lost;

const std::string parcel = "5f1cbb4e-3f8e-4c2d-9a51-7a0f2f6f1d11";

Lost lost(const std::string& id = parcel) {
    Lost event;
    event.parcel_id = id;
    return event;
}

/// Nobody may ask it: a case has an outside world of its own.
class NoPort final : public EffectPort {
public:
    Result<EffectResult> perform(const EffectRequest&) override {
        ADD_FAILURE() << "the real port was asked";
        return EffectResult{Answered{"{}"}};
    }
};

/// A depot as these tests need it: lost parcels are looked for, and given up after an hour.
class Depot {
public:
    Depot() {
        static constexpr std::array schema{Migration{
            1, "shipments",
            "CREATE TABLE shipments (id TEXT PRIMARY KEY, state TEXT NOT NULL, size TEXT NOT NULL, "
            "cost BIGINT NOT NULL, created_at BIGINT NOT NULL, is_urgent INTEGER NOT NULL, "
            "weight REAL NOT NULL, tries BIGINT NOT NULL, done_at BIGINT, outcome TEXT, "
            "notes TEXT NOT NULL, route TEXT);"}};
        service.schema(schema);
        service.on<Lost>(*this);
        service.command<StartTour>("POST", "/tours",
                                   [](const StartTour& tour, const Request&, Transaction& tx) {
                                       if (tour.van == "broken") {
                                           throw Failure{{ErrorCode::conflict, "van is broken"}};
                                       }
                                       tx.publish(Opened{1, tour.van});
                                       return Reply::accepted("/tours/" + tour.van, tour);
                                   });
        service.effect("search.begin", std::make_shared<NoPort>(),
                       [this](const EffectAnswer& answer, Transaction& tx) {
                           if (answer.answer == "7") throw Failure{{ErrorCode::conflict, "not 7"}};
                           Shipment shipment = shipments.get(tx, answer.subject);
                           shipment.state = State::done;
                           shipment.notes.push_back(answer.answer);
                           shipments.put(tx, shipment);
                           tx.cancel_timer("search", answer.subject);
                       });
        service.handlers().on_timer("search", [](const DueTimer& timer, Transaction& tx) {
            if (timer.key != parcel) throw Failure{{ErrorCode::unavailable, "not now"}};
            tx.publish(Opened{2, "given up"});
        });
    }

    void on(const Lost& event, Transaction& tx) {
        if (event.parcel_id.starts_with("0")) {
            throw Failure{{ErrorCode::not_found, "no such parcel"}};
        }
        shipments.put(tx, shipment(event.parcel_id));
        tx.set_timer("search", event.parcel_id, 1h);
        tx.request("search.begin", event.parcel_id, R"({"where":"everywhere"})");
        tx.publish(Opened{7, "search of " + event.parcel_id.substr(0, 2)});
    }

    static Shipment shipment(const std::string& id) {
        Shipment made;
        made.id = id;
        made.size = {20, 10};
        made.created_at = ServiceCase::begin;
        return made;
    }

    Table<Shipment> shipments;
    Service service{"depot-service"};
};

class ServiceCases : public ::testing::Test {
protected:
    Depot depot;
};

std::string shown(const CaseVerdict& verdict) {
    std::ostringstream text;
    text << verdict;
    return text.str();
}

TEST_F(ServiceCases, TellWhatAnEventLedTo) {
    EXPECT_TRUE(given(depot.service)
                    .when(lost())
                    .then(published(Opened{7, "search of 5f"}), row(Depot::shipment(parcel)),
                          timer("search", parcel, 1h), requested("search.begin", parcel)));
}

TEST_F(ServiceCases, WantEverythingNamedThatIsSaidOrAskedOrSet) {
    const std::string text = shown(given(depot.service).when(lost()).then());

    EXPECT_EQ(text,
              "published 1: not expected: depot.opened {\"number\":7,\"city\":\"search of 5f\"}\n"
              "requested 1: not expected: search.begin for " +
                  parcel +
                  " {\"where\":\"everywhere\"}\n"
                  "timer not expected: search " +
                  parcel +
                  " in 1h\n"
                  "what happened\n"
                  "  when       parcel.lost {\"parcelId\":\"" +
                  parcel +
                  "\"}\n"
                  "  published  depot.opened {\"number\":7,\"city\":\"search of 5f\"}\n"
                  "  requested  search.begin for " +
                  parcel +
                  " {\"where\":\"everywhere\"}\n"
                  "  timer      search " +
                  parcel +
                  " in 1h\n"
                  "  + row      shipments: " +
                  parcel +
                  " | waiting | {\"width\":20,\"height\":10} | 0 | "
                  "1767225600000 | 0 | 0.0 | 0 | null | null | [] | null\n");
    EXPECT_TRUE(given(depot.service).when(lost()).then(and_more()));
    EXPECT_TRUE(
        given(depot.service).when(lost()).then(requested("search.begin", parcel), and_more()));
}

TEST_F(ServiceCases, ShowTheDifferenceFieldByField) {
    Shipment other = Depot::shipment(parcel);
    other.state = State::done;
    const CaseVerdict verdict = given(depot.service)
                                    .when(lost())
                                    .then(published(Opened{8, "search of 5f"}), row(other),
                                          timer("search", parcel, 2h), no_row<Shipment>(parcel),
                                          requested("search.begin", parcel, StartTour{.van = "v"}));
    const std::string text = shown(verdict);

    for (const char* line : {
             "published 1: depot.opened differs\n    /number: expected 8, is 7\n",
             "of shipments differs\n    /state: expected \"done\", is \"waiting\"\n",
             "expected in 2h, is in 1h\n",
             "of shipments: expected not to be there, is {",
             "    /van: expected \"v\", is missing\n    /where: not expected, is \"everywhere\"\n",
         }) {
        EXPECT_NE(text.find(line), std::string::npos) << line << "not in\n" << text;
    }
}

TEST_F(ServiceCases, CompareWithoutWhatNobodyCanKnow) {
    Shipment like = Depot::shipment(parcel);
    like.created_at = {};
    EXPECT_TRUE(given(depot.service)
                    .when(lost())
                    .then(row(like).ignoring({"createdAt"}),
                          published(Opened{7, "?"}).ignoring({"city"}), and_more()));
}

TEST_F(ServiceCases, ShowTheRowsThatAreThereInsteadOfAMissingOne) {
    const std::string other = "6f1cbb4e-3f8e-4c2d-9a51-7a0f2f6f1d11";
    const std::string text =
        shown(given(depot.service).when(lost()).then(row(Depot::shipment(other)), and_more()));
    EXPECT_NE(text.find("row " + other + " of shipments: expected {"), std::string::npos) << text;
    EXPECT_NE(text.find("but there are only\n      {\"id\":\"" + parcel), std::string::npos)
        << text;
    EXPECT_TRUE(given(depot.service).when(lost()).then(no_row<Shipment>(other), and_more()));
}

TEST_F(ServiceCases, LetTimePassAndTimersGoOff) {
    ServiceCase tested = given(depot.service, lost());
    EXPECT_TRUE(tested.when(passed(59min)).then_nothing());
    EXPECT_TRUE(tested.when(passed(1min))
                    .then(published(Opened{2, "given up"}), no_timer("search", parcel)));
    EXPECT_EQ(tested.now(), ServiceCase::begin + 1h);
    EXPECT_TRUE(tested.when(passed(24h * 30)).then_nothing());
}

TEST_F(ServiceCases, TellOfATimerWhoseHandlerFails) {
    const std::string other = "6f1cbb4e-3f8e-4c2d-9a51-7a0f2f6f1d11";
    const std::string text =
        shown(given(depot.service, lost(other)).when(passed(1h + 1s)).then(and_more()));
    EXPECT_NE(text.find("the handler of timer search " + other + " failed"), std::string::npos)
        << text;
}

TEST_F(ServiceCases, AnswerForTheOutsideWorld) {
    Shipment found = Depot::shipment(parcel);
    found.state = State::done;
    found.notes = {"{\"found\":true}"};
    ServiceCase tested = given(depot.service, lost());
    EXPECT_TRUE(tested.when(answered("search.begin", parcel, "{\"found\":true}"))
                    .then(row(found), no_timer("search", parcel)));
    EXPECT_EQ(
        shown(tested.when(answered("search.begin", parcel)).then()),
        "nobody asked for search.begin for " + parcel + "; what is asked for is\n  nothing\n");
}

TEST_F(ServiceCases, TellOfAnAnswerWhoseHandlerFails) {
    EXPECT_TRUE(given(depot.service, lost())
                    .when(answered("search.begin", parcel, "7"))
                    .then_fails(ErrorCode::internal, "not 7"));
}

TEST_F(ServiceCases, TakeCommandsAndTellTheReply) {
    const StartTour tour{.van = "v1"};
    EXPECT_TRUE(given(depot.service)
                    .when(command("POST", "/tours", tour))
                    .then(replied(202, tour), published(Opened{1, "v1"})));
    EXPECT_TRUE(given(depot.service)
                    .when(command("POST", "/tours", StartTour{.van = "broken"}))
                    .then(replied(409)));
    const std::string text =
        shown(given(depot.service).when(command("POST", "/tours", "{}")).then());
    EXPECT_NE(text.find("reply: 400"), std::string::npos) << text;
    EXPECT_NE(shown(given(depot.service).when(lost()).then(replied(202), and_more()))
                  .find("reply: expected 202 \n    but there was none"),
              std::string::npos);
}

TEST_F(ServiceCases, SayWhenAHandlerFails) {
    const Lost unknown = lost("0f1cbb4e-3f8e-4c2d-9a51-7a0f2f6f1d11");
    ServiceCase tested = given(depot.service);
    EXPECT_TRUE(tested.when(unknown).then_fails(ErrorCode::not_found, "no such parcel"));
    EXPECT_FALSE(static_cast<bool>(tested.then_fails(ErrorCode::conflict)));
    EXPECT_FALSE(static_cast<bool>(tested.then_fails(ErrorCode::not_found, "no such van")));
    EXPECT_NE(shown(tested.then()).find("it failed: not_found: no such parcel"), std::string::npos);
    EXPECT_FALSE(
        static_cast<bool>(given(depot.service).when(lost()).then_fails(ErrorCode::not_found)));
}

TEST_F(ServiceCases, ShowThatADuplicateHasNoEffect) {
    ServiceCase tested = given(depot.service, lost());
    EXPECT_TRUE(tested.when(again()).then_nothing());
    EXPECT_FALSE(static_cast<bool>(
        tested.when(lost("7f1cbb4e-3f8e-4c2d-9a51-7a0f2f6f1d11")).then_nothing()));
}

TEST_F(ServiceCases, TakeWhatAnotherServiceReallySends) {
    EXPECT_TRUE(given(depot.service)
                    .when(payload("parcel.lost",
                                  R"({"parcelId":")" + parcel + R"(","ofTomorrow":[1]})", "1.9.0"))
                    .then(row(Depot::shipment(parcel)), and_more()));
    EXPECT_TRUE(given(depot.service)
                    .when(payload("parcel.lost", R"({"parcelId":7})"))
                    .then_fails(ErrorCode::contract_violation, "/parcelId"));
    EXPECT_TRUE(given(depot.service)
                    .when(payload("parcel.lost", "{}", "9.0.0"))
                    .then_fails(ErrorCode::unsupported));
}

TEST_F(ServiceCases, SayWhatIsWrongWithTheTestItself) {
    EXPECT_EQ(shown(given(depot.service).when(Opened{1, "x"}).then()), "as expected");
    EXPECT_NE(shown(given(depot.service, lost("none")).when(lost()).then()).find("cannot be"),
              std::string::npos);
    EXPECT_NE(
        shown(
            given(depot.service, lost("0f1cbb4e-3f8e-4c2d-9a51-7a0f2f6f1d11")).when(lost()).then())
            .find("what is given failed: parcel.lost"),
        std::string::npos);
    EXPECT_NE(shown(given(depot.service).when(again()).then()).find("no event yet"),
              std::string::npos);
    EXPECT_NE(shown(given(depot.service).when(lost()).then(published(Opened{}), and_more()))
                  .find("can never be"),
              std::string::npos);
    EXPECT_NE(shown(given(depot.service).when(payload("x.y", "{}")).then()).find("does not handle"),
              std::string::npos);
}

TEST_F(ServiceCases, GiveTheServiceItsPortsBack) {
    const auto port = depot.service.handlers().find_effect("search.begin")->port;
    { const ServiceCase tested = given(depot.service, lost()); }
    EXPECT_EQ(depot.service.handlers().find_effect("search.begin")->port, port);
    const auto entries = depot.service.handlers().entries();
    EXPECT_EQ(entries.back()->number, entries.size());  // It is nobody else's handler now.
}

}  // namespace
}  // namespace tidings
