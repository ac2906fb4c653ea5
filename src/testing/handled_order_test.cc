// The order in which the events of a key are handled, as a simulation watches it.
#include "testing/handled_order.h"

#include <tidings/model/envelope.h>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tidings::sim {
namespace {

class Order : public ::testing::Test {
protected:
    Order() {
        for (int i = 0; i < 4; ++i) {
            Envelope envelope;
            envelope.id = Uuid::version4({static_cast<std::uint8_t>(i + 1)});
            envelope.type = "depot.opened";
            envelope.source = "depot-service";
            envelope.data_version = SchemaVersion{1, 0, 0};
            envelope.correlation_id = "c";
            envelope.data = "{}";
            ids.push_back(to_string(envelope.id));
            write_envelope(envelope, texts.emplace_back());
        }
        std::vector<OutgoingEvent> events;
        for (const std::string& text : texts) events.push_back({&headers, text});
        order.published(Topic{"depot"}, Offset{10}, events);
    }

    std::optional<std::string> handle(int which, const std::string& key = "k",
                                      const std::string& service = "parcel-service") {
        return order.told(service, R"({"level":"info","message":"event handled","event":")" +
                                       ids[static_cast<std::size_t>(which)] +
                                       R"(","type":"depot.opened","key":")" + key + "\"}");
    }

    EventHeaders headers;
    std::vector<std::string> texts;
    std::vector<std::string> ids;
    HandledOrder order;
};

TEST_F(Order, IsThatOfPublishingWithinAKey) {
    EXPECT_FALSE(handle(0));
    EXPECT_FALSE(handle(2));
    EXPECT_FALSE(handle(1, "another"));
    EXPECT_FALSE(handle(1, "k", "another-service"));

    const auto wrong = handle(1);

    ASSERT_TRUE(wrong);
    EXPECT_EQ(*wrong,
              "parcel-service handled depot.opened depot@11 after depot@12 of the same key k");
}

TEST_F(Order, ForgetsWhatWasHandledInAGroupThatWasLost) {
    EXPECT_FALSE(handle(0));
    EXPECT_FALSE(handle(1));
    EXPECT_FALSE(handle(2));
    EXPECT_FALSE(handle(1));  // From there on it did not happen.
    EXPECT_FALSE(handle(2));
    EXPECT_FALSE(handle(3));
}

TEST_F(Order, IsNotThatOfASecondPublish) {
    std::vector<OutgoingEvent> again{{&headers, texts[0]}};
    order.published(Topic{"depot"}, Offset{20}, again);

    EXPECT_FALSE(handle(0));
    EXPECT_FALSE(handle(1));
}

}  // namespace
}  // namespace tidings::sim
