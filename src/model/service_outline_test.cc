#include <tidings/model/service_outline.h>

#include <gtest/gtest.h>

namespace tidings {
namespace {

TEST(ServiceOutline, ComesBackAsItWasWritten) {
    ServiceOutline outline{.service = "order-service", .domains = {"order"}};
    outline.handles = {{"payment.completed", 1}, {"payment.completed", 2}};
    SagaOutline saga{.name = "order.fulfilment", .start = {"order.created", 2}};
    saga.steps.push_back({.name = "payment",
                          .answer = {"payment.completed", 2},
                          .deadline = 15min,
                          .states = {"order.payment_completed", 1},
                          .undo = {"order.payment_revoked", 1},
                          .undone_by = {{"payment.refunded", 1}},
                          .undo_deadline = 24h});
    saga.steps.push_back({.name = "pick-up", .answer = {"shipping.created", 1}});
    saga.failures.push_back({{"tidings.deadline_exceeded", 0}, {"order.cancelled", 1}});
    outline.sagas.push_back(saga);
    const ServiceOutline other{.service = "customers"};

    const auto read = parse_service_outlines(to_json(outline) + "\n\n" + to_json(other) + "\n");
    ASSERT_TRUE(read) << read.error().message;
    ASSERT_EQ(read->size(), 2U);
    EXPECT_EQ(read->at(0), outline);
    EXPECT_EQ(read->at(1), other);
}

TEST(ServiceOutline, SaysWhatIsWrongWithALine) {
    const auto read = parse_service_outlines("{\"service\":\"a-service\"}\n{\"domains\":[]}\n");
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().message, "line 2: field /service: is missing");
    EXPECT_FALSE(parse_service_outlines("nonsense"));
}

}  // namespace
}  // namespace tidings
