// A simulator is worth what it finds: each planted mistake is found within a stated number of
// seeds, and under the same seeds nothing is found where none is planted (T4).
#include "market_simulation.h"
#include "mistakes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <ostream>
#include <string>

namespace market {

/// For GoogleTest, which names parameters.
void PrintTo(const Planted& planted, std::ostream* out) { *out << planted.name; }

namespace {

using namespace tidings;

std::uint64_t seeds_max() {
    return std::max_element(mistakes.begin(), mistakes.end(),
                            [](const auto& a, const auto& b) { return a.seeds_max < b.seeds_max; })
        ->seeds_max;
}

class PlantedMistake : public testing::TestWithParam<Planted> {
protected:
    ~PlantedMistake() override { plant(Mistake::none); }
};

TEST_P(PlantedMistake, IsFoundWithinTheSeedsThatAreStated) {
    plant(GetParam().mistake);
    for (std::uint64_t seed = 1; seed <= GetParam().seeds_max; ++seed) {
        const sim::Verdict verdict = simulation(seed).run_once();
        if (verdict) continue;
        RecordProperty("seeds", std::to_string(seed));
        RecordProperty("invariant", verdict.invariant);
        SUCCEED() << verdict.invariant;
        return;
    }
    FAIL() << "not found with " << GetParam().seeds_max << " seeds";
}

INSTANTIATE_TEST_SUITE_P(All, PlantedMistake, testing::ValuesIn(mistakes),
                         [](const auto& of) { return std::string{of.param.name}; });

/// The seeds in parts, so that tests run side by side.
class Market : public testing::TestWithParam<std::uint64_t> {};

constexpr std::uint64_t parts = 4;

TEST_P(Market, IsRightUnderTheSameSeedsWithoutAMistake) {
    for (std::uint64_t seed = 1 + GetParam(); seed <= seeds_max(); seed += parts) {
        EXPECT_TRUE(simulation(seed).run_once());
    }
}

INSTANTIATE_TEST_SUITE_P(Parts, Market, testing::Range<std::uint64_t>(0, parts));

}  // namespace
}  // namespace market
