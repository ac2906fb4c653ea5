// The reader and the yardstick against the public data set: what its own figures say must come out.
// The data set is no part of the project; where it isn't there, these tests are skipped.
#include "orders/expected.h"
#include "orders/olist.h"
#include "orders/outside.h"
#include "orders/sha256.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace shop {
namespace {

std::filesystem::path data_directory() {
    const char* given = std::getenv("TIDINGS_OLIST");
    return given != nullptr ? given : TIDINGS_OLIST;
}

std::string contents(const std::filesystem::path& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}};
}

class RealOrders : public testing::Test {
protected:
    void SetUp() override {
        if (!std::filesystem::exists(data_directory() / olist_files[0])) {
            GTEST_SKIP() << "no data set in " << data_directory()
                         << "; set TIDINGS_OLIST to its directory";
        }
    }
};

class RealSample : public RealOrders, public testing::WithParamInterface<const char*> {
protected:
    std::filesystem::path directory() const { return data_directory() / "samples" / GetParam(); }
    OrderBook read() const { return read_olist(directory().string()).value(); }
};

TEST_P(RealSample, ComesToTheOutcomesBesideIt) {
    const std::string outcomes = outcomes_csv(expected_accounts(read(), Deadlines::off));
    EXPECT_EQ(outcomes, contents(directory() / "outcomes.csv"));
    EXPECT_GT(outcomes.size(), 10'000u);
}

TEST_P(RealSample, ComesToItsStockScenarios) {
    const auto truth = nlohmann::json::parse(contents(directory() / "stock_scenarios.json"));
    int scenarios = 0;
    for (const auto& [name, figures] : truth.at("scenarios").items()) {
        OrderBook book = read();
        make_stock_scenario(book, std::stoll(name.substr(name.find('_') + 1)));
        const ExpectedStock expected = expected_stock(book);
        for (const auto& [figure, value] : named(expected.figures)) {
            EXPECT_EQ(value, figures.at(figure).get<std::int64_t>()) << name << ' ' << figure;
        }
        EXPECT_EQ(sha256(decisions_csv(expected.decisions)),
                  figures.at("decisions_sha256").get<std::string>())
            << name;
        ++scenarios;
    }
    EXPECT_EQ(scenarios, 6);
}

TEST_P(RealSample, StandsInPurchaseOrder) {
    const OrderBook book = read();
    EXPECT_TRUE(std::is_sorted(book.orders.begin(), book.orders.end(), [](auto& a, auto& b) {
        return std::pair{a.purchased_at, std::string_view{a.reference}} <
               std::pair{b.purchased_at, std::string_view{b.reference}};
    }));
    EXPECT_EQ(book.orders.front().reference, "2e7a8482f6fb09756ca50c10d7bfc047");
    EXPECT_EQ(tidings::to_string(book.orders.front().purchased_at), "2016-09-04T21:15:19.000Z");
}

INSTANTIATE_TEST_SUITE_P(Samples, RealSample, testing::Values("edge206", "sample1750"),
                         [](const auto& sample) { return std::string{sample.param}; });

// One test, since reading the whole set takes seconds without optimisation.
TEST_F(RealOrders, AllComeToTheOutcomesWithTheChecksumOfTheDataSet) {
    const OrderBook book = read_olist(data_directory().string()).value();
    EXPECT_EQ(book.orders.size(), 99'441u);
    EXPECT_EQ(book.users.size(), 96'096u);
    EXPECT_EQ(book.products.size(), 32'951u + 1u);
    EXPECT_EQ(sha256(outcomes_csv(expected_accounts(book, Deadlines::off))),
              "d5b914f2e4013b8ab33d9a1775653226fc54f7f0deaf555ba6ea4b6921c1af20");
    EXPECT_EQ(book.files,
              (std::vector<SourceFile>{
                  {"olist_customers_dataset.csv",
                   "983a422239e1712ded753b3bf9ecf47dc73f144d306029dcfa99e70a226883d2"},
                  {"olist_products_dataset.csv",
                   "3e6569628a17fbc75fd206ee357b59e20364b9afa90f5b6cd5b4d624c58aa9cc"},
                  {"olist_orders_dataset.csv",
                   "af31c81a77748ccedd7aeb35902945c9f729286062885cc8275a7588c0b64ea2"},
                  {"olist_order_items_dataset.csv",
                   "0bc4d068c4fe38cbb01bd90e8746e3c613fe7b4baef75fab7b0e329701c3e279"},
                  {"olist_order_payments_dataset.csv",
                   "4f713964f2815dbbaa40b9488268c55aac3627bfce5aa96cf58d1f3616de3cc0"}}));
}

}  // namespace
}  // namespace shop
