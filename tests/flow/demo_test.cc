// `shop demo`, from its first order to its report.
#include "orders/expected.h"
#include "orders/generated.h"
#include "orders/olist.h"
#include "orders/sha256.h"
#include "shop_testing.h"

#include <gtest/gtest.h>

#include <csignal>
#include <set>

namespace shop::testing {
namespace {

constexpr std::size_t invariants_count = 6;

std::size_t count_of(const std::string& text, std::string_view part) {
    std::size_t count = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
        ++count;
    }
    return count;
}

void expect_good_end(const Ran& ran) {
    EXPECT_EQ(ran.status, 0) << ran.out << ran.err;
    EXPECT_EQ(count_of(ran.out, "BROKEN"), 0u) << ran.out;
    EXPECT_EQ(count_of(ran.out, "\n  holds   "), invariants_count) << ran.out;
}

/// A figure of the report; -1: it is not there.
std::int64_t figure(const std::string& report, const std::string& name) {
    const std::size_t at = report.find("\n  " + name + ' ');
    if (at == std::string::npos) return -1;
    return std::stoll(report.substr(at + 3 + name.size()));
}

// ------------------------------------------------------------------------------- generated orders

TEST(Demo, BringsEveryGeneratedOrderToTheAccountThatItsStoryTells) {
    const Directory directory;
    const auto command = [&](const std::string& outcomes) {
        return demo_command({"--seed", "7", "--count", "200", "--outcomes", directory / outcomes});
    };
    Process first{command("first")};
    Process second{command("second")};
    for (Process* process : {&first, &second}) {
        ASSERT_TRUE(process->ends_within(2 * patience));
        expect_good_end({process->wait(), process->out(), process->err()});
    }
    const OrderBook book = generate_orders(7, 200).value();
    std::set<Story> stories;
    for (const SourceOrder& order : book.orders) stories.insert(order.story);
    EXPECT_EQ(stories.size(), generated_stories.size()) << "every story is among them";
    const std::string expected = outcomes_csv(expected_accounts(book, Deadlines::on));
    EXPECT_EQ(read_text(directory / "first"), expected);
    EXPECT_EQ(read_text(directory / "second"), expected);
}

TEST(Demo, RemovesItsTemporaryDirectory) {
    const Directory directory;
    std::filesystem::create_directory(directory / "tmp");
    Process demo{demo_command({"--count", "100"}), {{"TMPDIR", directory / "tmp"}}};
    ASSERT_NE(demo.port(), 0);
    EXPECT_FALSE(std::filesystem::is_empty(directory / "tmp")) << "while it runs, it is there";
    ASSERT_TRUE(demo.ends_within(2 * patience));
    EXPECT_EQ(demo.wait(), 0);
    EXPECT_TRUE(std::filesystem::is_empty(directory / "tmp"));
}

TEST(Demo, RemovesItsTemporaryDirectoryWhenItIsStopped) {
    const Directory directory;
    std::filesystem::create_directory(directory / "tmp");
    Process demo{demo_command({"--count", "100"}), {{"TMPDIR", directory / "tmp"}}};
    ASSERT_NE(demo.port(), 0);
    EXPECT_EQ(demo.end(SIGTERM), 0);
    EXPECT_TRUE(std::filesystem::is_empty(directory / "tmp"));
}

// ------------------------------------------------------------------------------------ real orders

class RealOrders : public ::testing::TestWithParam<const char*> {
protected:
    void SetUp() override {
        if (!std::filesystem::exists(sample())) GTEST_SKIP() << no_olist;
    }
    std::filesystem::path sample() const { return olist_directory() / "samples" / GetParam(); }
    const Directory directory_;
};

TEST_P(RealOrders, ComeToTheOutcomesBesideThem) {
    const Ran ran =
        run_demo({"--orders", sample().string(), "--outcomes", directory_ / "outcomes"});
    expect_good_end(ran);
    EXPECT_EQ(read_text(directory_ / "outcomes"), read_text(sample() / "outcomes.csv"));
}

TEST_P(RealOrders, ComeToTheirStockScenarios) {
    const auto truth = nlohmann::json::parse(read_text(sample() / "stock_scenarios.json"));
    int scenarios = 0;
    for (const auto& [name, expected] : truth.at("scenarios").items()) {
        const std::string units = name.substr(name.find('_') + 1);
        const Ran ran = run_demo(
            {"--orders", sample().string(), "--stock", units, "--outcomes", directory_ / name});
        expect_good_end(ran);
        const std::size_t at = ran.out.find("Scenario " + name + "\n");
        ASSERT_NE(at, std::string::npos) << ran.out;
        for (const auto& [key, value] : expected.items()) {
            if (key == "decisions_sha256") {
                EXPECT_EQ(sha256(read_text(directory_ / name)), value.get<std::string>()) << name;
            } else {
                EXPECT_EQ(figure(ran.out.substr(at), key), value.get<std::int64_t>())
                    << name << ' ' << key;
            }
        }
        ++scenarios;
    }
    EXPECT_EQ(scenarios, 6);
}

INSTANTIATE_TEST_SUITE_P(Samples, RealOrders, ::testing::Values("edge206", "sample1750"),
                         [](const auto& sample) { return std::string{sample.param}; });

// --------------------------------------------------------------------------------- the same again

/// A finished run on small orders, which every test begins with.
class FinishedRun : public ::testing::Test {
protected:
    void SetUp() override {
        write_small_orders(orders());
        first_ = run_demo(same());
        expect_good_end(first_);
        before_ = listing(data());
    }
    std::string orders() const { return directory_ / "orders"; }
    std::string data() const { return directory_ / "data"; }
    std::vector<std::string> same() const { return {"--data", data(), "--orders", orders()}; }

    const Directory directory_;
    Ran first_{};
    std::map<std::string, std::pair<std::uint64_t, std::uint32_t>> before_;
};

TEST_F(FinishedRun, OnlyPrintsItsReportAgain) {
    const std::string report = first_.out.substr(first_.out.find('\n') + 1);
    EXPECT_NE(report.find("Orders by state"), std::string::npos) << report;
    const Ran again = run_demo(same());
    EXPECT_EQ(again.status, 0);
    EXPECT_EQ(again.out, "this run is finished; its report again:\n" + report);
    EXPECT_EQ(listing(data()), before_);
}

TEST_F(FinishedRun, RefusesOtherParametersAndNamesThem) {
    const auto refused = [this](std::vector<std::string> arguments, std::string_view naming) {
        arguments.insert(arguments.end(), {"--data", data()});
        const Ran other = run_demo(arguments);
        EXPECT_EQ(other.status, 1) << other.out;
        EXPECT_NE(other.err.find(" is another one: "), std::string::npos) << other.err;
        EXPECT_NE(other.err.find(naming), std::string::npos) << other.err;
        EXPECT_NE(other.err.find("hint: "), std::string::npos) << other.err;
        EXPECT_EQ(listing(data()), before_) << naming;
    };
    refused({"--seed", "2"}, "the seed was none and is 2");
    refused({"--count", "10"}, "the count was none and is 10");
    refused({}, "the source was orders and is generated");
    refused({"--orders", orders(), "--stock", "5"}, "the stock was none and is 5");
    const std::filesystem::path payments =
        std::filesystem::path{orders()} / "olist_order_payments_dataset.csv";
    write_text(payments, read_text(payments) + "created,2,voucher,1,1.00\n");
    refused({"--orders", orders()}, "olist_order_payments_dataset.csv was ");
}

TEST(Demo, RefusesAnotherSeedOrCountOfGeneratedOrders) {
    const Directory directory;
    const std::string data = directory / "data";
    ASSERT_EQ(run_demo({"--seed", "3", "--count", "1", "--data", data}).status, 0);
    const auto before = listing(data);
    const Ran seed = run_demo({"--seed", "4", "--count", "1", "--data", data});
    EXPECT_EQ(seed.status, 1);
    EXPECT_NE(seed.err.find("the seed was 3 and is 4"), std::string::npos) << seed.err;
    const Ran count = run_demo({"--seed", "3", "--count", "2", "--data", data});
    EXPECT_EQ(count.status, 1);
    EXPECT_NE(count.err.find("the count was 1 and is 2"), std::string::npos) << count.err;
    EXPECT_EQ(listing(data), before);
}

TEST(Demo, LeavesADirectoryThatIsNotOursUntouched) {
    const Directory directory;
    const std::string data = directory / "data";
    std::filesystem::create_directories(data + "/log/order");
    write_text(data + "/diary.txt", "dear diary");
    write_text(data + "/log/order/00000000000000000000.log", "a log of somebody else");
    const auto before = listing(data);
    for (const std::string program : {"demo", "order-service"}) {
        const Ran ran = run({shop_program, program, "--data", data});
        EXPECT_EQ(ran.status, 1) << ran.out;
        EXPECT_NE(ran.err.find("is not a data directory"), std::string::npos) << ran.err;
        EXPECT_NE(ran.err.find("hint: "), std::string::npos) << ran.err;
        EXPECT_EQ(listing(data), before);
    }
    const Ran file = run_demo({"--data", data + "/diary.txt"});
    EXPECT_EQ(file.status, 1) << file.out;
    EXPECT_NE(file.err.find("diary.txt"), std::string::npos) << file.err;
    EXPECT_EQ(listing(data), before);
}

TEST(Demo, TakesADirectoryWhoseVeryFirstWriteWasCut) {
    const Directory directory;
    const std::string data = directory / "data";
    std::filesystem::create_directories(data);
    write_text(data + "/tidings.json.tmp", "{\"form");
    const Ran ran = run_demo({"--seed", "3", "--count", "1", "--data", data});
    expect_good_end(ran);
}

// ---------------------------------------------------------------------------------------- stopped

/// Stops a run once the order service has published so many events, and lets it go on.
void stop_and_go_on(std::vector<std::string> arguments, const Directory& directory,
                    std::int64_t published, const std::string& expected) {
    arguments.insert(arguments.end(),
                     {"--data", directory / "data", "--outcomes", directory / "outcomes"});
    Process demo{demo_command(arguments)};
    Api api{demo.port()};
    ASSERT_TRUE(eventually([&] {
        const nlohmann::json status = api.json("/status");
        if (status.is_null()) return demo.ends_within(0s);
        return status["order-service"]["published"].get<std::int64_t>() >= published;
    }));
    EXPECT_EQ(demo.end(SIGTERM), 0) << demo.err();
    EXPECT_NE(demo.out().find("stopped; the same command goes on from here\n"), std::string::npos)
        << demo.out();
    EXPECT_FALSE(std::filesystem::exists(directory / "outcomes")) << "it is not over";
    expect_good_end(run_demo(arguments));
    EXPECT_EQ(read_text(directory / "outcomes"), expected);
}

TEST(StoppedDemo, GoesOnWithGeneratedOrders) {
    const Directory directory;
    const std::string expected =
        outcomes_csv(expected_accounts(generate_orders(11, 200).value(), Deadlines::on));
    stop_and_go_on({"--seed", "11", "--count", "200"}, directory, 300, expected);
}

TEST(StoppedDemo, GoesOnWithRealOrders) {
    const std::filesystem::path sample = olist_directory() / "samples" / "sample1750";
    if (!std::filesystem::exists(sample)) GTEST_SKIP() << no_olist;
    const Directory directory;
    stop_and_go_on({"--orders", sample.string()}, directory, 1, read_text(sample / "outcomes.csv"));
}

// ---------------------------------------------------------------------------------- hostile orders

/// A small data set; a test breaks one file of it.
class HostileOrders : public ::testing::Test {
protected:
    /// Replaces `from` by `to` and expects a refusal of that file and line.
    void expect_refused(std::string_view file, const std::string& from, const std::string& to,
                        int line, std::string_view rule) const {
        write_small_orders(orders());
        const std::filesystem::path path = std::filesystem::path{orders()} / file;
        std::string text = read_text(path);
        const std::size_t at = text.find(from);
        ASSERT_NE(at, std::string::npos) << from;
        text.replace(at, from.size(), to);
        write_text(path, text);
        expect_refused(std::string{file} + ':' + std::to_string(line), rule);
    }
    void expect_refused(const std::string& place, std::string_view rule) const {
        const Ran ran = run_demo({"--data", data(), "--orders", orders()});
        EXPECT_EQ(ran.status, 1) << ran.out;
        EXPECT_NE(ran.err.find(place), std::string::npos) << place << " in " << ran.err;
        EXPECT_NE(ran.err.find(rule), std::string::npos) << rule << " in " << ran.err;
        EXPECT_NE(ran.err.find("hint: "), std::string::npos) << ran.err;
        EXPECT_FALSE(std::filesystem::exists(data())) << "nothing is imported";
    }
    std::string orders() const { return directory_ / "orders"; }
    std::string data() const { return directory_ / "data"; }

private:
    const Directory directory_;
};

TEST_F(HostileOrders, AreRefusedWithFileLineAndRule) {
    expect_refused("olist_orders_dataset.csv", "order_status", "status", 1, "order_status");
    expect_refused("olist_customers_dataset.csv", "natal", std::string(2'000'000, 'x'), 2, "long");
    expect_refused("olist_order_items_dataset.csv", "58.90", "58.9O", 2, "not an amount");
    expect_refused("olist_order_items_dataset.csv", "58.90", "-58.90", 2, "not an amount");
    expect_refused("olist_order_payments_dataset.csv", "credit_card,8", "credit_card,eight", 2,
                   "not a number");
    expect_refused("olist_order_items_dataset.csv", "approved,1,p1", "approved,1,p9", 3, "p9");
    expect_refused("olist_order_items_dataset.csv", "approved,1,p1", "aproved,1,p1", 3, "aproved");
    expect_refused("olist_orders_dataset.csv", "c-created", "c-nobody", 2, "c-nobody");
    expect_refused("olist_orders_dataset.csv", "2017-10-02 10:56:33", "2017-02-30 10:56:33", 2,
                   "not a time");
    expect_refused("olist_products_dataset.csv", "p2,\n", "\"p2,\n", 3, "quote");
}

TEST_F(HostileOrders, AreRefusedWhereFilesAreMissing) {
    expect_refused(orders(), "");
    write_small_orders(orders());
    std::filesystem::remove(std::filesystem::path{orders()} / olist_files[3]);
    expect_refused(std::string{olist_files[3]}, "");
}

}  // namespace
}  // namespace shop::testing
