#include "saga/facts.h"

#include <gtest/gtest.h>

namespace tidings {
namespace {

TEST(SagaOutline, SaysWhichEventFollowsWhichAndWhatUndoesWhat) {
    SagaRunner runner{facts::fulfilment().definition()};
    const SagaOutline outline = runner.outline();
    EXPECT_EQ(outline.name, "order.fulfilment");
    EXPECT_EQ(outline.start, (OutlinedEvent{"order.created", 1}));
    ASSERT_EQ(outline.steps.size(), 4U);
    const SagaOutline::Step payment{.name = "payment",
                                    .answer = {"payment.completed", 1},
                                    .deadline = 15min,
                                    .states = {"order.payment_completed", 1},
                                    .undo = {"order.payment_revoked", 1},
                                    .undone_by = {{"payment.refunded", 1}},
                                    .undo_deadline = 24h};
    EXPECT_EQ(outline.steps[0], payment);
    EXPECT_TRUE(outline.steps[2].states.is_none()) << "a step may only take note";
    EXPECT_EQ(outline.steps[2].undone_by.size(), 2U);
    EXPECT_TRUE(outline.steps[3].undo.is_none());
    ASSERT_EQ(outline.failures.size(), 6U);
    EXPECT_EQ(outline.failures[0].on, (OutlinedEvent{"payment.failed", 1}));
    EXPECT_EQ(outline.failures[5].on.type, "tidings.deadline_exceeded");
    EXPECT_EQ(outline.failures[5].ends, (OutlinedEvent{"order.cancelled", 1}));
}

TEST(SagaOutline, HasTheDeadlinesThatAreSet) {
    SagaRunner runner{facts::fulfilment().definition()};
    ASSERT_TRUE(runner.set_deadline("payment", 3s));
    EXPECT_EQ(runner.outline().steps[0].deadline, Duration{3s});
}

}  // namespace
}  // namespace tidings
