// One event published in several major versions: each consumer takes one of them, whichever it
// knows, in whichever order they come, and also if it is replaced by another build between them.
#include "delivery/delivery_testing.h"

#include <concepts>

namespace tidings {
namespace {

using namespace testbench;

/// `told` in three major versions, as the generator would make them. They differ by name alone.
struct Told {
    std::int64_t number = 0;
};
template <std::derived_from<Told> E>
std::string key_of(const E& event) {
    return std::to_string(event.number);
}
template <std::derived_from<Told> E>
Result<void> validate(const E&) {
    return {};
}
template <std::derived_from<Told> E>
void write_data(json::Writer& writer, const E& event) {
    writer.begin_object();
    writer.name("number");
    writer.integer(event.number);
    writer.end_object();
}
template <std::derived_from<Told> E>
Result<void> read_data(json::Reader& reader, E& event) {
    std::string_view field;
    reader.begin_object();
    while (reader.next_field(field)) event.number = reader.integer();
    return {};
}

/// What a build knows whose newest version is `Newest`.
template <int Newest, int Major>
struct Of;
template <int Newest>
struct Of<Newest, 1> : Told {
    static constexpr EventName name{"depot.told", 1};
    static constexpr std::string_view version = "1.0.0";
};
template <int Newest>
struct Of<Newest, 2> : Told {
    static constexpr EventName name{"depot.told", 2};
    static constexpr std::string_view version = "2.0.0";
    using Previous = Of<Newest, 1>;
};
template <int Newest>
struct Of<Newest, 3> : Told {
    static constexpr EventName name{"depot.told", 3};
    static constexpr std::string_view version = "3.0.0";
    using Previous = Of<Newest, 2>;
};
template <int Newest, int Major>
requires(Major < Newest) Of<Newest, Major + 1> upcast(const Of<Newest, Major>& event) {
    return {{event.number}};
}

class Downcasts : public ::testing::Test {
protected:
    /// The build whose newest version is this one takes over.
    template <int Newest>
    void deploy() {
        bench.drop();
        bench.handlers = Handlers{};
        bench.handlers.on<Of<Newest, Newest>>(
            [this](const Of<Newest, Newest>& event, Transaction& tx) {
                tx.execute("INSERT INTO handled (number, city) VALUES ($1, $2)", event.number,
                           std::to_string(event.number));
            });
        bench.start();
    }
    /// One of the events with the sequences from `first` on that say `number` in versions 3 to 1.
    void send(std::int64_t number, int major, std::int64_t first = 1) {
        const int downcast = 3 - major;
        EventHeaders headers = bench.headers(number, first + downcast, "depot.told");
        headers.downcast = downcast;
        headers.downcasts_left = major - 1;
        bench.send_raw(headers, bench.envelope("{\"number\":" + std::to_string(number) + "}",
                                               {major, 0, 0}, "depot.told"));
        bench.settle();
    }
    void expect_handled(const std::vector<std::string>& numbers) {
        EXPECT_EQ(bench.handled(), numbers);
        EXPECT_EQ(bench.status().dead, 0);
        EXPECT_EQ(bench.status().accepted, static_cast<std::int64_t>(numbers.size()));
        EXPECT_EQ(bench.unaccounted(), 0);
    }
    Bench bench;
    const std::vector<std::function<void()>> builds{
        [this] { deploy<1>(); }, [this] { deploy<2>(); }, [this] { deploy<3>(); }};
};

TEST_F(Downcasts, AreEachTakenByWhoKnowsNoNewerOneAndLeaveNoGap) {
    deploy<1>();
    for (const int major : {3, 2, 1}) send(7, major);
    expect_handled({"7"});
    EXPECT_EQ(bench.count("tidings_inbox_ahead"), 0);
}

TEST_F(Downcasts, AreTakenByWhoKnowsAllAsWhatWasStated) {
    deploy<3>();
    for (const int major : {3, 2, 1}) send(7, major);
    expect_handled({"7"});
    EXPECT_EQ(bench.status().duplicates, 0) << "nothing was delivered twice";
    EXPECT_EQ(bench.count("tidings_inbox_ahead"), 0);
}

TEST_F(Downcasts, InTheMiddleAreTakenToo) {
    deploy<2>();
    for (const int major : {3, 2, 1}) send(7, major);
    for (const int major : {3, 2, 1}) send(8, major, 4);
    expect_handled({"7", "8"});
    EXPECT_EQ(bench.count("tidings_inbox_ahead"), 0);
}

TEST_F(Downcasts, TakeEffectOnceInWhicheverOrderAndHoweverOftenTheyCome) {
    std::vector<std::string> numbers;
    for (const auto& build : builds) {
        build();
        for (const std::vector<int>& majors :
             {std::vector{1, 2, 3}, {2, 3, 1}, {1, 3, 2}, {3, 1, 3, 2, 2, 1, 3}}) {
            numbers.push_back(std::to_string(numbers.size()));
            const auto number = static_cast<std::int64_t>(numbers.size()) - 1;
            for (const int major : majors) send(number, major, 3 * number + 1);
        }
    }
    expect_handled(numbers);
    EXPECT_EQ(bench.count("tidings_inbox_ahead"), 0);
}

TEST_F(Downcasts, TakeEffectOnceIfAnotherBuildTakesOverBetweenThem) {
    std::vector<std::string> numbers;
    for (const auto& before : builds) {
        for (const auto& after : builds) {  // A newer one, or an older one if that is taken back.
            for (int last = 3; last >= 1; --last) {
                const auto number = static_cast<std::int64_t>(numbers.size());
                numbers.push_back(std::to_string(number));
                before();
                for (int major = 3; major >= last; --major) send(number, major, 3 * number + 1);
                after();
                for (int major = last - 1; major >= 1; --major) {
                    send(number, major, 3 * number + 1);
                }
            }
        }
    }
    expect_handled(numbers);
    EXPECT_EQ(bench.count("tidings_inbox_ahead"), 0);
}

TEST_F(Downcasts, ThatNobodyHereKnowsAreOneDeadLetter) {
    deploy<1>();
    for (const int major : {3, 2}) {
        EventHeaders headers = bench.headers(7, 4 - major, "depot.told");
        headers.downcast = 3 - major;
        headers.downcasts_left = major - 2;
        bench.send_raw(headers, bench.envelope("{\"number\":7}", {major, 0, 0}, "depot.told"));
    }
    bench.settle();
    EXPECT_EQ(bench.status().dead, 1);
    EXPECT_NE(bench.dead_reason().find("does not know depot.told version 3.0.0"), std::string::npos)
        << bench.dead_reason();
    EXPECT_EQ(bench.unaccounted(), 0);
}

// ------------------------------------------------------------------------------------- producers

/// What the parcel-service states, and what versions 2 and 1 say of it.
struct Sealed1 : Told {
    static constexpr EventName name{"parcel.sealed", 1};
    static constexpr std::string_view version = "1.0.0";
};
struct Sealed2 : Told {
    static constexpr EventName name{"parcel.sealed", 2};
    static constexpr std::string_view version = "2.0.0";
    using Previous = Sealed1;
};
struct Sealed3 : Told {
    static constexpr EventName name{"parcel.sealed", 3};
    static constexpr std::string_view version = "3.0.0";
    using Previous = Sealed2;
};
std::optional<Sealed2> downcast(const Sealed3& event) { return Sealed2{{event.number}}; }
std::optional<Sealed1> downcast(const Sealed2& event) {
    if (event.number > 100) return std::nullopt;
    return Sealed1{{event.number}};
}

class CastDown : public Downcasts {
protected:
    void seal(std::int64_t number) {
        ASSERT_TRUE(bench.submit([number](Transaction& tx) { tx.publish(Sealed3{{number}}); }));
        bench.poll();
    }
    /// The majors that are in the log, and of each how far it was cast down and what follows.
    std::vector<std::string> in_log() {
        std::vector<std::string> texts;
        for (const Bench::Said& said : bench.published()) {
            texts.push_back(to_string(said.envelope.data_version) + " -" +
                            std::to_string(said.headers.downcast) + " +" +
                            std::to_string(said.headers.downcasts_left));
        }
        return texts;
    }
};
using Texts = std::vector<std::string>;

TEST_F(CastDown, EventsArePublishedBesideWhatWasStated) {
    bench.start();
    seal(7);
    bench.settle();
    EXPECT_EQ(in_log(), (Texts{"3.0.0 -0 +2", "2.0.0 -1 +1", "1.0.0 -2 +0"}));
    const std::vector<Bench::Said> said = bench.published();
    for (std::size_t i = 0; i < said.size(); ++i) {
        EXPECT_EQ(said[i].headers.sequence.value, static_cast<std::int64_t>(i) + 1);
        EXPECT_EQ(said[i].headers.key, "7");
        EXPECT_EQ(said[i].headers.causation_id, said[0].headers.causation_id);
        EXPECT_EQ(said[i].envelope.correlation_id, said[0].envelope.correlation_id);
        EXPECT_EQ(said[i].envelope.data, "{\"number\":7}");
        if (i > 0) {
            EXPECT_NE(said[i].envelope.id, said[0].envelope.id);
        }
    }
}

TEST_F(CastDown, EventsEndWhereAnOlderVersionHasNoWords) {
    bench.start();
    seal(101);
    bench.settle();
    EXPECT_EQ(in_log(), (Texts{"3.0.0 -0 +1", "2.0.0 -1 +0"}));
}

TEST_F(CastDown, EventsStaySoInTheOutbox) {
    bench.start();
    bench.broker->outage(true);
    seal(7);
    bench.kill();
    bench.settle();
    EXPECT_EQ(in_log(), (Texts{"3.0.0 -0 +2", "2.0.0 -1 +1", "1.0.0 -2 +0"}));
}

}  // namespace
}  // namespace tidings
