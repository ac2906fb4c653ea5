#include <tidings/base/result.h>

#include <gtest/gtest.h>

#include <memory>

namespace tidings {
namespace {

const Error full{ErrorCode::unavailable, "outbox is full", "wait for the broker"};

TEST(Result, HoldsAValueOrWhyThereIsNone) {
    Result<std::unique_ptr<int>> good{std::make_unique<int>(7)};
    ASSERT_TRUE(good);
    EXPECT_EQ(**good, 7);
    EXPECT_EQ(*std::move(good).value(), 7);

    const Result<int> bad{full};
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error(), full);
}

TEST(Result, ThrowsTheErrorWhenTheValueIsInsistedOn) {
    try {
        Result<int>{full}.value();
        FAIL() << "no failure was thrown";
    } catch (const Failure& failure) {
        EXPECT_EQ(failure.error(), full);
        EXPECT_STREQ(failure.what(), "outbox is full");
        EXPECT_FALSE(failure.is_permanent());
    }
    EXPECT_THROW(Result<void>{full}.value(), Failure);
    EXPECT_NO_THROW(Result<void>{}.value());
}

TEST(Result, EndsTheProcessWhenAValueIsTakenThatIsNotThere) {
    EXPECT_DEATH(static_cast<void>(*Result<int>{full}), "broken invariant: has_value");
    EXPECT_DEATH(static_cast<void>(Result<void>{}.error()), "broken invariant: failed_");
}

TEST(Error, TellsWhetherTryingAgainCanHelp) {
    for (const ErrorCode code : {ErrorCode::conflict, ErrorCode::io_error, ErrorCode::timeout,
                                 ErrorCode::unavailable, ErrorCode::internal}) {
        EXPECT_TRUE(is_retryable(code)) << to_string(code);
    }
    for (const ErrorCode code :
         {ErrorCode::not_found, ErrorCode::already_exists, ErrorCode::invalid_argument,
          ErrorCode::contract_violation, ErrorCode::corruption, ErrorCode::cancelled,
          ErrorCode::limit_exceeded, ErrorCode::unsupported}) {
        EXPECT_FALSE(is_retryable(code)) << to_string(code);
    }
    EXPECT_TRUE(Failure(full, true).is_permanent());
    EXPECT_TRUE(Failure(Error{ErrorCode::not_found, "no order"}).is_permanent());
}

TEST(Error, GetsItsContextBeforeTheMessage) {
    const Error error = with_context(full, "order-service");
    EXPECT_EQ(error.message, "order-service: outbox is full");
    EXPECT_EQ(error.code, full.code);
    EXPECT_EQ(error.hint, full.hint);
}

TEST(Error, NamesAndNumbersOfCodesNeverChange) {
    EXPECT_EQ(static_cast<int>(ErrorCode::not_found), 1);
    EXPECT_EQ(static_cast<int>(ErrorCode::unsupported), 12);
    EXPECT_EQ(static_cast<int>(ErrorCode::internal), 13);
    EXPECT_EQ(to_string(ErrorCode::contract_violation), "contract_violation");
    EXPECT_EQ(to_string(static_cast<ErrorCode>(200)), "unknown");
}

}  // namespace
}  // namespace tidings
