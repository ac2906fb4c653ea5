#include "service/attention.h"

#include <gtest/gtest.h>

namespace tidings {
namespace {

TEST(Attention, IsNotAskedForByAServiceThatIsWell) {
    DeliveryStatus status;
    status.accepted = status.done = 7;
    EXPECT_TRUE(attention("order-service", status).empty());
}

TEST(Attention, NamesEachReasonWithWhatToDo) {
    DeliveryStatus status;
    status.held_alarm = Error{ErrorCode::limit_exceeded, "many", "look"};
    status.retry_storm = Error{ErrorCode::unavailable, "storm", "look"};
    status.timer_error = Error{ErrorCode::not_found, "timer", "look"};
    status.effects_failed = 1;
    status.sagas_need_operator = 2;
    status.accepted = 3;
    const std::vector<Error> reasons = attention("order-service", status);
    ASSERT_EQ(reasons.size(), 6U);
    for (const Error& reason : reasons) EXPECT_FALSE(reason.hint.empty()) << reason.message;
    EXPECT_EQ(reasons[4].message, "2 sagas wait for a compensation that has not come in time");
    EXPECT_EQ(reasons[4].hint, "tidings sagas --service order-service names them");
    EXPECT_EQ(reasons[5].message, "3 events are unaccounted for");
}

}  // namespace
}  // namespace tidings
