// `kill -9` at random moments, and the same command again: nothing accepted is lost, nothing takes
// effect twice, and every order comes to where it must.
#include "orders/expected.h"
#include "orders/generated.h"
#include "shop_testing.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <random>

namespace shop::testing {
namespace {

/// How often each test kills, unless the environment says otherwise.
int kills_wanted(int otherwise) {
    const char* given = std::getenv("TIDINGS_KILLS");
    return given == nullptr ? otherwise : std::atoi(given);
}

/// Draws the moments of kills; the same every time.
class Moments {
public:
    explicit Moments(std::uint32_t seed) : random_(seed) {}
    /// A moment from 0 to `most`; every third is one of the first 30 ms, where recovery runs.
    Duration next(Duration most) {
        const Duration end = ++count_ % 3 == 0 ? Duration{30ms} : most;
        return Duration{
            static_cast<Duration::rep>(random_() % static_cast<std::uint64_t>(end.count()))};
    }

private:
    std::mt19937_64 random_;
    int count_ = 0;
};

/// A run that is killed, and begun again on the same directory, until it ends by itself.
class KilledRun {
public:
    explicit KilledRun(std::vector<std::string> arguments) : command_(std::move(arguments)) {
        command_.insert(command_.end(), {"--data", data(), "--outcomes", directory_ / "outcomes"});
        command_ = demo_command(command_);
    }
    std::string data() const { return directory_ / "data"; }

    /// Runs it until `after`, and kills it then. Returns whether it lived so long.
    bool kill(Duration after) {
        Process process{command_};
        process.ends_within(after);
        const int status = process.end(SIGKILL);
        EXPECT_TRUE(status == 0 || status == -SIGKILL) << process.out() << process.err();
        return status == -SIGKILL;
    }
    /// Lets it end, and expects the accounts and every invariant.
    void recover(const std::string& expected) {
        const Ran ran = run(command_);
        EXPECT_EQ(ran.status, 0) << ran.out << ran.err;
        EXPECT_EQ(ran.out.find("BROKEN"), std::string::npos) << ran.out;
        EXPECT_EQ(read_text(directory_ / "outcomes"), expected);
        expect_invariants(data());
    }

private:
    const Directory directory_;
    std::vector<std::string> command_;
};

Duration time_of(std::vector<std::string> arguments) {
    tidings::io::World& world = tidings::io::real_world();
    const tidings::TimePoint began = world.monotonic();
    EXPECT_EQ(run_demo(std::move(arguments)).status, 0);
    return world.monotonic() - began;
}

/// Kills runs until it was done `kills` times, and lets each recover.
void kill_and_recover(const std::vector<std::string>& arguments, const std::string& expected,
                      int kills, Moments moments, Duration most) {
    int done = 0;
    while (done < kills && !::testing::Test::HasFailure()) {
        KilledRun run{arguments};
        // So many in one run that import, orders, compensation and recovery all have their turn.
        for (int i = 0; i < 6 && done < kills && run.kill(moments.next(most)); ++i) ++done;
        run.recover(expected);
    }
}

TEST(Kill, OfARunOfRealOrdersAtAnyMomentLosesNothing) {
    const std::filesystem::path sample = olist_directory() / "samples" / "edge206";
    if (!std::filesystem::exists(sample)) GTEST_SKIP() << no_olist;
    const std::vector<std::string> arguments{"--orders", sample.string()};
    kill_and_recover(arguments, read_text(sample / "outcomes.csv"), kills_wanted(24), Moments{206},
                     time_of(arguments));
}

TEST(Kill, OfARunOfGeneratedOrdersAtAnyMomentLosesNothing) {
    const std::string expected =
        outcomes_csv(expected_accounts(generate_orders(9, 60).value(), Deadlines::on));
    kill_and_recover({"--seed", "9", "--count", "60"}, expected, kills_wanted(6), Moments{60},
                     900ms);
}

/// A client that notes down what it was promised.
class Client {
public:
    explicit Client(std::string user) : user_(std::move(user)) {}

    /// Posts orders until the shop is gone. Calls `posted` after each.
    void post(Api& api, const std::function<void()>& posted) {
        while (true) {
            const std::string reference = "client-" + std::to_string(promised_.size());
            const auto answer = api.send("POST", "/orders", body(reference));
            if (answer.status == 0) return;
            if (answer.status == 503) continue;
            ASSERT_EQ(answer.status, 202) << answer.body;
            promised_.push_back(answer.headers.at("location"));
            posted();
        }
    }
    const std::vector<std::string>& promised() const { return promised_; }

private:
    std::string body(const std::string& reference) const {
        return R"({"reference":")" + reference + R"(","userId":")" + user_ +
               R"(","items":[{"productId":"p2","quantity":1,"unitPrice":"9.90","freight":"0.10"}],)"
               R"("payments":[{"type":"boleto","installments":1,"amount":"10.00"}]})";
    }
    std::string user_;
    std::vector<std::string> promised_;
};

TEST(Kill, LosesNoOrderThatAClientWasPromised) {
    const Directory directory;
    write_small_orders(directory / "orders");
    const std::string data = directory / "data";
    const std::vector<std::string> command =
        demo_command({"--orders", directory / "orders", "--data", data, "--serve"});
    Moments moments{202};
    Client client{"anna"};
    const int kills = kills_wanted(6);
    for (int i = 0; i < kills; ++i) {
        Process shop{command};
        ASSERT_TRUE(shop.says("\nserving; ")) << shop.out() << shop.err();
        Api api{shop.port()};
        EXPECT_EQ(api.send("PUT", "/stock/p2", R"({"unlimited":true})").status, 200);
        const std::size_t fatal = client.promised().size() +
                                  static_cast<std::size_t>(moments.next(60ms).count() % 60) + 1;
        client.post(api, [&] {
            if (client.promised().size() == fatal) shop.signal(SIGKILL);
        });
        EXPECT_EQ(shop.wait(), -SIGKILL);
        ASSERT_FALSE(HasFailure());
    }
    Process shop{command};
    ASSERT_TRUE(shop.says("\nserving; ")) << shop.out() << shop.err();
    Api api{shop.port()};
    for (std::size_t i = 0; i < client.promised().size(); ++i) {
        const std::string& location = client.promised()[i];
        nlohmann::json order;
        EXPECT_TRUE(eventually([&] {
            order = api.json(location);
            return !order.is_null() && order.at("status") == "COMPLETED";
        })) << location
            << ' ' << order;
        EXPECT_EQ(order.at("reference"), "client-" + std::to_string(i));
    }
    EXPECT_GE(client.promised().size(), static_cast<std::size_t>(kills));
    EXPECT_EQ(shop.end(SIGTERM), 0);
    expect_invariants(data);
}

}  // namespace
}  // namespace shop::testing
