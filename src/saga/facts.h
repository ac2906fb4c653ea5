#pragma once

#include <tidings/saga/saga.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace tidings::facts {

template <std::size_t N>
struct Text {
    char characters[N];
    consteval Text(const char (&text)[N]) {  // NOLINT: from a literal
        std::copy_n(text, N, characters);
    }
    constexpr std::string_view view() const { return {characters, N - 1}; }
};

/// An event for tests, as the generator would make one, of a name alone.
template <Text Name>
struct Fact {
    static constexpr EventName name{Name.view(), 1};
    static constexpr std::string_view version = "1.0.0";

    std::string id{};
    std::string reason{};

    bool operator==(const Fact&) const = default;

    friend std::string key_of(const Fact& fact) { return fact.id; }
    friend Result<void> validate(const Fact& fact) {
        if (!fact.id.empty()) return {};
        return Error{ErrorCode::contract_violation, "field /id: must not be empty"};
    }
    friend void write_data(json::Writer& writer, const Fact& fact) {
        writer.begin_object();
        writer.name("id");
        writer.text(fact.id);
        writer.name("reason");
        writer.text(fact.reason);
        writer.end_object();
    }
    friend Result<void> read_data(json::Reader& reader, Fact& fact) {
        std::string_view field;
        reader.begin_object();
        while (reader.next_field(field)) {
            if (field == "id")
                fact.id = reader.text();
            else if (field == "reason")
                fact.reason = reader.text();
            else
                reader.skip();
        }
        if (reader.failed()) return reader.error();
        return {};
    }
};

namespace order {
using Created = Fact<"order.created">;
using PaymentCompleted = Fact<"order.payment_completed">;
using ReadyForShipping = Fact<"order.ready_for_shipping">;
using PaymentRevoked = Fact<"order.payment_revoked">;
using ReservationRevoked = Fact<"order.reservation_revoked">;
using ShippingRevoked = Fact<"order.shipping_revoked">;
using Completed = Fact<"order.completed">;
using Cancelled = Fact<"order.cancelled">;
}  // namespace order
namespace payment {
using Completed = Fact<"payment.completed">;
using Failed = Fact<"payment.failed">;
using Refunded = Fact<"payment.refunded">;
}  // namespace payment
namespace inventory {
using Reserved = Fact<"inventory.reserved">;
using Rejected = Fact<"inventory.rejected">;
using Released = Fact<"inventory.released">;
}  // namespace inventory
namespace shipping {
using Created = Fact<"shipping.created">;
using Delivered = Fact<"shipping.delivered">;
using Cancelled = Fact<"shipping.cancelled">;
using Returned = Fact<"shipping.returned">;
}  // namespace shipping

/// What the saga keeps; `reason` takes the payment's id.
using Fulfilment = Fact<"order.fulfilment_state">;

inline Saga<Fulfilment> fulfilment() {
    return saga<Fulfilment>("order.fulfilment")
        .start([](const order::Created& event) {
            return Fulfilment{event.id, {}};
        })
        .step("payment", 15min,
              [](Fulfilment& state, const payment::Completed& event) {
                  state.reason = event.reason;
                  return order::PaymentCompleted{state.id, {}};
              })
        .undo<payment::Refunded>([](const Fulfilment& state) {
            return order::PaymentRevoked{state.id, state.reason};
        })
        .step("inventory", 1h,
              [](Fulfilment& state, const inventory::Reserved&) {
                  return order::ReadyForShipping{state.id, {}};
              })
        .undo<inventory::Released>([](const Fulfilment& state) {
            return order::ReservationRevoked{state.id, {}};
        })
        .step("pick-up", 48h, [](Fulfilment&, const shipping::Created&) {})
        .undo<shipping::Cancelled, shipping::Returned>([](const Fulfilment& state) {
            return order::ShippingRevoked{state.id, {}};
        })
        .step("delivery", 24h * 30,
              [](Fulfilment& state, const shipping::Delivered&) {
                  return order::Completed{state.id, {}};
              })
        .fail_on<payment::Failed, inventory::Rejected, shipping::Cancelled, shipping::Returned,
                 Cancellation, DeadlineExceeded>([](const Fulfilment& state, const auto& failure) {
            return order::Cancelled{state.id, failure.reason};
        });
}

}  // namespace tidings::facts
