#pragma once

#include <tidings/model/event.h>
#include <tidings/model/json.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace market {

template <std::size_t N>
struct Text {
    char characters[N];
    consteval Text(const char (&text)[N]) {  // NOLINT: from a literal
        std::copy_n(text, N, characters);
    }
    constexpr std::string_view view() const { return {characters, N - 1}; }
};

/// An event of the market, as the generator would make one. All have the same few fields: what an
/// event does not need stays empty.
template <Text Name>
struct Fact {
    static constexpr tidings::EventName name{Name.view(), 1};
    static constexpr std::string_view version = "1.0.0";

    std::string id{};  ///< The key: an order's id, or an item's name.
    std::string item{};
    std::string reason{};
    std::int64_t amount = 0;  ///< Cents, or pieces.
    std::int64_t number = 0;

    friend std::string key_of(const Fact& fact) { return fact.id; }
    friend tidings::Result<void> validate(const Fact& fact) {
        if (!fact.id.empty()) return {};
        return tidings::Error{tidings::ErrorCode::contract_violation,
                              "field /id: must not be empty"};
    }
    friend void write_data(tidings::json::Writer& writer, const Fact& fact) {
        writer.begin_object();
        writer.name("id");
        writer.text(fact.id);
        writer.name("item");
        writer.text(fact.item);
        writer.name("reason");
        writer.text(fact.reason);
        writer.name("amount");
        writer.integer(fact.amount);
        writer.name("number");
        writer.integer(fact.number);
        writer.end_object();
    }
    friend tidings::Result<void> read_data(tidings::json::Reader& reader, Fact& fact) {
        std::string_view field;
        reader.begin_object();
        while (reader.next_field(field)) {
            if (field == "id") {
                fact.id = reader.text();
            } else if (field == "item") {
                fact.item = reader.text();
            } else if (field == "reason") {
                fact.reason = reader.text();
            } else if (field == "amount") {
                fact.amount = reader.integer();
            } else if (field == "number") {
                fact.number = reader.integer();
            } else {
                reader.skip();
            }
        }
        if (reader.failed()) return reader.error();
        return {};
    }
};

namespace order {
using Placed = Fact<"order.placed">;
using Ready = Fact<"order.ready">;
using PaymentRevoked = Fact<"order.payment_revoked">;
using ReservationRevoked = Fact<"order.reservation_revoked">;
using Completed = Fact<"order.completed">;
using Cancelled = Fact<"order.cancelled">;
/// What the saga keeps: `amount` is what was paid.
using Sale = Fact<"order.sale">;
/// The body of a command.
using Place = Fact<"order.place">;
}  // namespace order

namespace payment {
using Completed = Fact<"payment.completed">;
using Failed = Fact<"payment.failed">;
using Refunded = Fact<"payment.refunded">;
}  // namespace payment

namespace stock {
using Reserved = Fact<"stock.reserved">;
using Rejected = Fact<"stock.rejected">;
using Released = Fact<"stock.released">;
using Sent = Fact<"stock.sent">;
using SendFailed = Fact<"stock.send_failed">;
/// An item's level, `amount`, has changed for the `number`th time. Its key is the item.
using Counted = Fact<"stock.counted">;
/// The body of a command.
using Recount = Fact<"stock.recount">;
}  // namespace stock

}  // namespace market
