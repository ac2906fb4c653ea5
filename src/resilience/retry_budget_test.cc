#include <tidings/resilience/retry_budget.h>

#include <gtest/gtest.h>

namespace tidings {
namespace {

int taken(RetryBudget& budget) {
    int count = 0;
    while (budget.take()) ++count;
    return count;
}

TEST(RetryBudget, BeginsWithItsReserve) {
    RetryBudget budget{0.1, 3};
    EXPECT_EQ(taken(budget), 3);
}

TEST(RetryBudget, AllowsAPartOfTheFirstTries) {
    RetryBudget budget{0.1, 3};
    taken(budget);
    for (int i = 0; i < 9; ++i) budget.first_try();
    EXPECT_FALSE(budget.take());
    budget.first_try();
    EXPECT_TRUE(budget.take()) << "ten first tries";
    EXPECT_FALSE(budget.take());
}

TEST(RetryBudget, PutsNoMoreAsideThanItsReserve) {
    RetryBudget budget{0.5, 3};
    for (int i = 0; i < 1000; ++i) budget.first_try();
    EXPECT_EQ(taken(budget), 3);
}

TEST(RetryBudget, MayAllowNone) {
    RetryBudget budget{0, 0};
    budget.first_try();
    EXPECT_FALSE(budget.take());
}

}  // namespace
}  // namespace tidings
