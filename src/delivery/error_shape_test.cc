#include "delivery/error_shape.h"

#include <gtest/gtest.h>

namespace tidings {
namespace {

TEST(ErrorShape, LeavesOutWhatDiffersBetweenEventsOfOneCause) {
    EXPECT_EQ(shape_of("field /items/3/sku: \"A-77\" is unknown"),
              "field /items/#/sku: \"*\" is unknown");
    EXPECT_EQ(shape_of("no row 00000000-0000-4000-8000-000000000042 in table orders"),
              "no row <id> in table orders");
    EXPECT_EQ(shape_of("order 1002 has 3.50 of 12"), "order # has # of #");
    EXPECT_EQ(shape_of("key 0badc0ffee1 of 'Anna \\' Lee'"), "key <id> of '*'");
    EXPECT_EQ(shape_of("parcel-77b of depot.opened"), "parcel-#b of depot.opened");
}

TEST(ErrorShape, KeepsWordsAndQuotesThatNothingEnds) {
    EXPECT_EQ(shape_of("the customer's card"), "the customer's card");
    EXPECT_EQ(shape_of("defaced facade"), "defaced facade") << "words are no ids";
    EXPECT_EQ(shape_of(""), "");
    EXPECT_EQ(shape_of("\""), "\"");
    EXPECT_EQ(shape_of("'\\"), "'\\");
}

TEST(ErrorShape, IsBounded) {
    EXPECT_LE(shape_of(std::string(1'000'000, '\'')).size(), 300U);
    EXPECT_LE(shape_of(std::string(1'000'000, 'x')).size(), 300U);
}

TEST(ErrorShape, NamesACauseByAllItsParts) {
    const std::string cause = cause_of("order.created", ErrorCode::not_found, "no row <id>");
    EXPECT_EQ(cause, "da116fdef37815e8") << "causes are persistent";
    EXPECT_NE(cause, cause_of("order.paid", ErrorCode::not_found, "no row <id>"));
    EXPECT_NE(cause, cause_of("order.created", ErrorCode::conflict, "no row <id>"));
    EXPECT_NE(cause, cause_of("order.created", ErrorCode::not_found, "no row"));
    EXPECT_NE(cause_of("a", ErrorCode::internal, "bc"), cause_of("ab", ErrorCode::internal, "c"));
}

}  // namespace
}  // namespace tidings
