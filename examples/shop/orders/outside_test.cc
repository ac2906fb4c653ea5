#include "orders/outside.h"

#include "orders/generated.h"

#include <gtest/gtest.h>

#include <set>
#include <sstream>
#include <string>

namespace shop {
namespace {

constexpr std::string_view missing = "gen-1-9999999";

TEST(Story, HasANameThatIsReadBack) {
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < story_count; ++i) {
        const auto story = static_cast<Story>(i);
        EXPECT_EQ(parse_story(to_string(story)), story);
        names.insert(to_string(story));
    }
    EXPECT_EQ(names.size(), story_count);
    EXPECT_EQ(parse_story("picked_up_late"), Story::picked_up_late) << "the last of the list";
    EXPECT_EQ(parse_story("no_story"), std::nullopt);
}

TEST(OutsideWorld, LetsTheGatewayAcceptUnlessTheStorySaysOtherwise) {
    EXPECT_EQ(behaviour_of(Story::payment_declined).gateway, GatewayAnswer::declines);
    EXPECT_EQ(behaviour_of(Story::unanswered_by_gateway).gateway, GatewayAnswer::silent);
    EXPECT_EQ(behaviour_of(Story::payment_late).gateway, GatewayAnswer::accepts_late);
    int accepts = 0;
    for (std::size_t i = 0; i < story_count; ++i) {
        accepts += behaviour_of(static_cast<Story>(i)).gateway == GatewayAnswer::accepts;
    }
    EXPECT_EQ(accepts, static_cast<int>(story_count) - 3);
}

TEST(OutsideWorld, LetsTheWarehouseBeSilentWhereTheCustomerIsToComeFirst) {
    EXPECT_EQ(behaviour_of(Story::cancelled_before_reservation).warehouse, WarehouseAnswer::silent);
    EXPECT_EQ(behaviour_of(Story::unanswered_by_warehouse).warehouse, WarehouseAnswer::silent);
    EXPECT_EQ(behaviour_of(Story::not_in_the_warehouse).warehouse, WarehouseAnswer::has_not);
    EXPECT_EQ(behaviour_of(Story::delivered).warehouse, WarehouseAnswer::has_it);
}

TEST(OutsideWorld, PicksUpOnlyWhatThePersonMayCancelOnTheWay) {
    EXPECT_EQ(behaviour_of(Story::cancelled_after_reservation).pick_up, PickUp::never);
    EXPECT_EQ(behaviour_of(Story::cancelled_after_reservation).cancellation,
              Cancellation::on_inventory_reserved);
    EXPECT_EQ(behaviour_of(Story::cancelled_in_transit).pick_up, PickUp::in_time);
    EXPECT_EQ(behaviour_of(Story::cancelled_in_transit).carriage, Carriage::stays);
    EXPECT_EQ(behaviour_of(Story::returned_after_delivery).carriage,
              Carriage::delivers_then_returns);
    EXPECT_EQ(behaviour_of(Story::returned_after_delivery).cancellation,
              Cancellation::on_shipping_created);
    EXPECT_EQ(behaviour_of(Story::cancelled_before_reservation).cancellation,
              Cancellation::on_payment_completed);
}

TEST(OutsideWorld, LeavesAStockScenarioToTheBooksAlone) {
    OrderBook book = generate_orders(1, 100).value();
    make_stock_scenario(book, 5);
    for (const SourceProduct& product : book.products) {
        EXPECT_EQ(product.units, product.id == "unlisted" ? 0 : 5) << product.id;
    }
    const OutsideWorld world{book};
    for (const SourceOrder& order : book.orders) {
        EXPECT_EQ(world.of(order.reference),
                  (Behaviour{GatewayAnswer::accepts, WarehouseAnswer::by_the_books, PickUp::never,
                             Carriage::delivers, Cancellation::never}));
    }
}

TEST(OutsideWorld, AnswersFromTheReferenceAlone) {
    const OrderBook book = generate_orders(1, 300).value();
    const OutsideWorld world{book};
    EXPECT_EQ(world.size(), 300u);
    for (const SourceOrder& order : book.orders) {
        EXPECT_EQ(world.find(order.reference), behaviour_of(order));
    }
}

TEST(OutsideWorld, LetsSomebodyElsesOrdersGoWell) {
    const OutsideWorld world{generate_orders(1, 10).value()};
    EXPECT_EQ(world.find(missing), std::nullopt);
    EXPECT_EQ(world.of(missing).gateway, GatewayAnswer::accepts);
    EXPECT_EQ(world.of(missing).warehouse, WarehouseAnswer::by_the_books);
    EXPECT_EQ(world.of(missing).carriage, Carriage::delivers);
}

TEST(OutsideWorld, IsReadBackByAnotherProcess) {
    const OrderBook book = generate_orders(7, 300).value();
    const OutsideWorld world{book};
    std::istringstream in{world.write()};
    const OutsideWorld other = OutsideWorld::read("stories.csv", in).value();
    EXPECT_EQ(other.size(), world.size());
    EXPECT_EQ(other.write(), world.write());
    EXPECT_EQ(other.of(book.orders[42].reference), behaviour_of(book.orders[42]));
}

TEST(OutsideWorld, RefusesAFileThatItDidNotWrite) {
    std::istringstream unknown{"reference,story\no1,delivered\no2,vanished\n"};
    EXPECT_EQ(OutsideWorld::read("stories.csv", unknown).error().message,
              "stories.csv:3: column 'story': \"vanished\" is no story");
    std::istringstream twice{"reference,story\no1,delivered\no1,delivered\n"};
    EXPECT_EQ(OutsideWorld::read("stories.csv", twice).error().message,
              "stories.csv:3: column 'reference': \"o1\" is there twice");
}

TEST(OutsideWorld, DeclinesAnOrderAlwaysForTheSameReason) {
    EXPECT_EQ(decline_reason("gen-1-0000007"), decline_reason("gen-1-0000007"));
    std::set<std::string_view> reasons;
    for (int i = 0; i < 20; ++i) reasons.insert(decline_reason("gen-1-" + std::to_string(i)));
    EXPECT_EQ(reasons.size(), 4u);
}

}  // namespace
}  // namespace shop
