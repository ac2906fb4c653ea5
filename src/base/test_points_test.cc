#include "base/test_points.h"

#include <gtest/gtest.h>

namespace tidings {
namespace {

TEST(TestPoints, CountsTheStatesThatWereReached) {
    forget_reached_states();
    reached("area.second");
    reached("area.first");
    reached("area.second");

    const std::vector<ReachedState> states = reached_states();
    ASSERT_EQ(states.size(), 2U);
    EXPECT_EQ(states[0].name, "area.first");
    EXPECT_EQ(states[1].name, "area.second");
    EXPECT_EQ(states[1].count, 2U);
    forget_reached_states();
    EXPECT_TRUE(reached_states().empty());
}

TEST(TestPoints, MakesNoMistakeUntilOneIsPlanted) {
    EXPECT_TRUE(planted(Mistake::none));
}

}  // namespace
}  // namespace tidings
