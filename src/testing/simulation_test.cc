// Simulations of a user's own services: what they find, and that they can be trusted.
#include "testing/simulation_testing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

namespace tidings::sim {
namespace {

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

Simulation::Options swarm() { return {.faults = Faults::swarm().scaled(4)}; }

class Seeds : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(Seeds, KeepEveryPromiseUnderFaults) { EXPECT_TRUE(depots(GetParam(), swarm()).run()); }

TEST_P(Seeds, DecideTheWholeRun) {
    const Verdict once = depots(GetParam(), swarm()).run_once();
    const Verdict again = depots(GetParam(), swarm()).run_once();

    EXPECT_EQ(again.figures.digest, once.figures.digest);
    EXPECT_EQ(again.figures.trace, once.figures.trace);
    EXPECT_EQ(again.figures.polls, once.figures.polls);
    EXPECT_EQ(again.story, once.story);
}

TEST_P(Seeds, AreReplayedToTheLastByteByTheirSchedule) {
    const Verdict drawn = depots(GetParam(), swarm()).run_once();

    const auto schedule = Schedule::parse(drawn.schedule.to_text()).value();
    Simulation::Options options;
    options.schedule = schedule;
    const Verdict replayed = depots(99, options).run_once();

    EXPECT_EQ(schedule.incidents, drawn.schedule.incidents);
    EXPECT_EQ(replayed.figures.digest, drawn.figures.digest) << drawn.schedule.to_text();
    EXPECT_EQ(replayed.figures.trace, drawn.figures.trace);
    EXPECT_EQ(replayed.schedule.to_text(), drawn.schedule.to_text());
}

INSTANTIATE_TEST_SUITE_P(Some, Seeds, ::testing::Range<std::uint64_t>(1, 31));

TEST(Simulation, HasNoFaultsUnlessAskedFor) {
    const Verdict verdict = depots(1, {}).run();

    EXPECT_TRUE(verdict);
    EXPECT_TRUE(verdict.figures.faults.empty());
    EXPECT_EQ(verdict.figures.calls, 30u);
    EXPECT_GE(verdict.figures.events, 30u);
}

TEST(Simulation, DoesNotWaitForAFaultThatOutlastsIt) {
    Simulation::Options options;
    options.faults.add({.kind = FaultKind::outage,
                        .target = "parcel-service",
                        .at = 1s,
                        .lasts = std::chrono::hours{5}});

    EXPECT_TRUE(depots(1, options).run_once());
}

TEST(Simulation, FindsStateThatDiesWithTheProcessAndMakesItsRunSmall) {
    Verdict verdict;
    for (std::uint64_t seed = 1; verdict && seed < 100; ++seed) {
        verdict = depots(seed, {.faults = Faults::swarm()}, Wrong::forgets).run();
    }

    ASSERT_FALSE(verdict);
    EXPECT_EQ(verdict.invariant, "every depot is registered once");
    EXPECT_TRUE(verdict.is_replayed);
    // What it takes: a depot with an even number that is the first of a life.
    EXPECT_LE(verdict.schedule.incidents.size(), 1u) << verdict.text();
    EXPECT_EQ(verdict.schedule.skipped_calls.size(), 29u) << verdict.text();
    EXPECT_TRUE(contains(verdict.diagram, "POST /tours"));
    EXPECT_TRUE(contains(verdict.diagram, "depot.opened"));
    EXPECT_TRUE(contains(verdict.html, "<svg"));
    EXPECT_TRUE(contains(verdict.text(), "seed "));
    // And that fails in the same way when it is run alone.
    Simulation::Options options;
    options.schedule = verdict.schedule;
    EXPECT_EQ(depots(0, options, Wrong::forgets).run_once().invariant, verdict.invariant);
}

TEST(Simulation, FindsWhatADependencyIsAskedTwiceForUnderTwoKeys) {
    Verdict verdict;
    for (std::uint64_t seed = 1; verdict && seed < 100; ++seed) {
        const Faults faults = Faults::only({FaultKind::dependency_failing}).scaled(20);
        verdict = depots(seed, {.faults = faults}, Wrong::asks_carelessly).run();
    }
    ASSERT_FALSE(verdict);
    EXPECT_EQ(verdict.invariant, "registry does nothing twice");
}

TEST(Simulation, HasDependenciesThatAnswerHttpUnderTheSameFaults) {
    /// Enters what it is asked to, once for each key, over HTTP.
    class HttpPort final : public EffectPort {
    public:
        explicit HttpPort(std::shared_ptr<io::HttpDependency> registry)
            : registry_(std::move(registry)) {}
        Result<EffectResult> perform(const EffectRequest& request) override {
            io::HttpRequest http{.method = "POST", .target = "/entries", .path = "/entries"};
            http.headers["idempotency-key"] = request.idempotency_key;
            const auto answer = registry_->send(http, 2s);
            if (!answer) return answer.error();
            if (answer->status >= 500) return Error{ErrorCode::unavailable, "refused"};
            return EffectResult{Answered{answer->body}};
        }

    private:
        std::shared_ptr<io::HttpDependency> registry_;
    };
    int runs_with_faults = 0;
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
        const auto faults =
            Faults::only({FaultKind::dependency_failing, FaultKind::dependency_hanging,
                          FaultKind::dependency_slow, FaultKind::crash})
                .scaled(10);
        Simulation made{seed, {.faults = faults}};
        made.http_dependency("registry", [] {
            return [entries = 0](const io::HttpRequest&) mutable {
                ++entries;
                return io::HttpResponse{201, "application/json", {}, "{}"};
            };
        });
        add_depots(made, std::make_shared<HttpPort>(made.http("registry")));
        made.at_end("the registry has an entry for each depot", [](const View& view) {
            std::optional<std::string> wrong;
            const std::size_t entries = view.effects("registry").size();
            if (entries != 30) wrong = std::to_string(entries) + " entries";
            return wrong;
        });

        const Verdict verdict = made.run();

        EXPECT_TRUE(verdict);
        runs_with_faults += verdict.figures.faults.empty() ? 0 : 1;
    }
    EXPECT_GT(runs_with_faults, 3);
}

TEST(Simulation, DrawsAWholeRunWhenAskedTo) {
    const Verdict verdict = depots(1, {}).run_drawn();

    EXPECT_TRUE(verdict);
    // The terminal has its end, the page has all of it.
    EXPECT_TRUE(contains(verdict.diagram, "all faults are over")) << verdict.diagram;
    EXPECT_TRUE(contains(verdict.html, "<svg"));
    for (int depot = 1; depot <= 30; ++depot) {
        EXPECT_TRUE(contains(verdict.html, "registry.enter " + std::to_string(depot))) << depot;
    }
}

TEST(Simulation, TellsOfAPromiseThatIsNotKeptInTime) {
    Simulation made = depots(1, {});
    made.eventually("it rains", 1s, [](const View&) { return std::optional{std::string{"dry"}}; });

    const Verdict verdict = made.run();

    EXPECT_EQ(verdict.invariant, "it rains");
    EXPECT_TRUE(contains(verdict.violation, "dry"));
    // It needs neither faults nor calls.
    EXPECT_TRUE(verdict.schedule.incidents.empty());
    EXPECT_EQ(verdict.schedule.skipped_calls.size(), 30u);
}

class Kinds : public ::testing::TestWithParam<FaultKind> {};

TEST_P(Kinds, HappenAndAreSurvived) {
    int happened = 0;
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
        const Verdict verdict =
            depots(seed, {.faults = Faults::only({GetParam()}).scaled(20)}).run();
        EXPECT_TRUE(verdict) << verdict.text();
        for (const auto& [kind, count] : verdict.figures.faults) {
            EXPECT_EQ(kind, to_string(GetParam()));
            happened += count;
        }
    }
    EXPECT_GT(happened, 0);
}

std::vector<FaultKind> all_kinds() {
    std::vector<FaultKind> kinds;
    for (std::size_t i = 0; i < fault_kinds; ++i) kinds.push_back(static_cast<FaultKind>(i));
    return kinds;
}

INSTANTIATE_TEST_SUITE_P(All, Kinds, ::testing::ValuesIn(all_kinds()),
                         [](const auto& kind) { return std::string{to_string(kind.param)}; });

TEST(Schedule, IsTextThatSaysWhereItIsWrong) {
    const auto parsed = Schedule::parse(
        "# by hand\nseed 42\nskip 9 3-4\ncrash target=a operation=311 after=4 lasts=2500ms\n");
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->seed, 42u);
    EXPECT_EQ(parsed->skipped_calls, (std::vector<std::uint64_t>{3, 4, 9}));
    EXPECT_EQ(parsed->to_text(), "seed 42\nskip 3-4 9\n" + to_string(parsed->incidents[0]) + "\n");
    ASSERT_EQ(parsed->incidents.size(), 1u);
    EXPECT_EQ(parsed->incidents[0].lasts, 2500ms);

    for (const char* wrong :
         {"seed x", "skip 1 y", "skip 5-1", "crush target=a", "crash lasts=5s", "crash a"}) {
        const auto refused = Schedule::parse("seed 1\n" + std::string{wrong} + "\n");
        ASSERT_FALSE(refused) << wrong;
        EXPECT_TRUE(contains(refused.error().message, "line 2")) << refused.error().message;
    }
}

TEST(Faults, OfASwarmAreAnotherMixtureForEachSeed) {
    std::set<std::string> mixtures;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        const Faults drawn = Faults::swarm().for_seed(seed);
        std::string mixture;
        for (const FaultKind kind : all_kinds()) mixture += drawn.rate(kind) > 0 ? '1' : '0';
        mixtures.insert(mixture);
        EXPECT_EQ(drawn.rate(FaultKind::crash),
                  Faults::swarm().for_seed(seed).rate(FaultKind::crash));
    }
    EXPECT_GT(mixtures.size(), 15u);
}

TEST(Faults, OfAScriptHappenWhenItSaysSo) {
    Faults faults = Faults::none();
    faults.add({.kind = FaultKind::crash, .target = "parcel-service", .at = 3s, .lasts = 2s});

    const Verdict verdict = depots(1, {.faults = faults}).run();

    EXPECT_TRUE(verdict);
    ASSERT_FALSE(verdict.story.empty());
    EXPECT_TRUE(contains(verdict.story[0], "00:00:03.000  parcel-service is killed"))
        << verdict.story[0];
}

}  // namespace
}  // namespace tidings::sim
