#pragma once

#include <tidings/service/service.h>

#include "market_events.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace market {

/// What becomes of an order follows from its story, which its id begins with.
namespace story {
inline constexpr std::string_view plain = "plain";        ///< It is paid, sent, completed.
inline constexpr std::string_view told_twice = "twice";   ///< Likewise; its payment is told twice.
inline constexpr std::string_view declined = "declined";  ///< The gateway declines: cancelled.
inline constexpr std::string_view late = "late";          ///< Paid after the saga gave it up.
inline constexpr std::string_view unsent = "unsent";      ///< The carrier refuses: all is undone.
inline constexpr std::string_view invalid = "invalid";    ///< Refused when it is placed.
}  // namespace story

bool has_story(std::string_view order_id, std::string_view story);

/// Items of the market, and how many of each there are in the beginning.
extern const std::map<std::string, std::int64_t, std::less<>> items;
/// The second count of these is a poison event for the order service: it fails at once for good, or
/// again and again until nobody tries any more.
inline constexpr std::string_view brittle = "brittle";
inline constexpr std::string_view stubborn = "stubborn";

/// Takes orders and drives each from payment and reservation to its parcel, with a saga. Every
/// order is confirmed by mail, and gets a receipt some seconds later, from a timer. Keeps a list of
/// all stock counts.
class OrderService : public tidings::Service {
public:
    explicit OrderService(const std::shared_ptr<tidings::EffectPort>& mailer);
    void on(const stock::Counted& event, tidings::Transaction& tx);

private:
    tidings::Reply place(const order::Place& body, tidings::Transaction& tx);
};

/// Charges and refunds, through the effects of a gateway.
class PaymentService : public tidings::Service {
public:
    explicit PaymentService(const std::shared_ptr<tidings::EffectPort>& gateway);
    void on(const order::Placed& event, tidings::Transaction& tx);
    void on(const order::PaymentRevoked& event, tidings::Transaction& tx);

private:
    void charged(const tidings::EffectAnswer& answer, tidings::Transaction& tx);
    void refunded(const tidings::EffectAnswer& answer, tidings::Transaction& tx);
};

/// Reserves and sends goods, and takes them back. Once an order is ready its buyer is reminded, by
/// one of two timers: whichever goes off first takes the other back.
class StockService : public tidings::Service {
public:
    explicit StockService(const std::shared_ptr<tidings::EffectPort>& warehouse);
    void on(const order::Placed& event, tidings::Transaction& tx);
    void on(const order::Ready& event, tidings::Transaction& tx);
    void on(const order::ReservationRevoked& event, tidings::Transaction& tx);

private:
    tidings::Reply recount(const stock::Recount& body, tidings::Transaction& tx);
    void remind(const tidings::DueTimer& timer, tidings::Transaction& tx);
    void sent(const tidings::EffectAnswer& answer, tidings::Transaction& tx);
    void put_back(const tidings::EffectAnswer& answer, tidings::Transaction& tx);
    std::int64_t level(const std::string& item, tidings::Transaction& tx);
    /// Changes a level and states it.
    void count(const std::string& item, std::int64_t change, tidings::Transaction& tx);

    std::map<std::string, std::int64_t> remembered_levels_;  ///< For a planted mistake alone.
};

}  // namespace market
