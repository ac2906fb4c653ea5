#include "orders/outside.h"

#include <tidings/base/text.h>

#include "orders/csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace shop {

using tidings::Result;

namespace {

constexpr std::array<std::string_view, 2> story_columns{"reference", "story"};

/// What a declined customer is told, in no particular proportion.
constexpr std::array<std::string_view, 4> decline_reasons{"INSUFFICIENT_FUNDS", "CARD_EXPIRED",
                                                          "LIMIT_EXCEEDED", "SUSPECTED_FRAUD"};

}  // namespace

Behaviour behaviour_of(Story story) noexcept {
    Behaviour does;  // Nothing said: accepts, has it, picks up in time, delivers, never cancels.
    switch (story) {
        case Story::delivered:
            break;
        case Story::stays_in_transit:
            does.carriage = Carriage::stays;
            break;
        case Story::not_picked_up:
            does.pick_up = PickUp::never;
            break;
        case Story::unanswered_by_warehouse:
            does.warehouse = WarehouseAnswer::silent;
            break;
        case Story::unanswered_by_gateway:
            does.gateway = GatewayAnswer::silent;
            break;
        case Story::not_in_the_warehouse:
            does.warehouse = WarehouseAnswer::has_not;
            break;
        case Story::payment_declined:
            does.gateway = GatewayAnswer::declines;
            break;
        case Story::cancelled_before_reservation:
            // Silent, so that it is the customer who comes first, and not by chance.
            does.warehouse = WarehouseAnswer::silent;
            does.cancellation = Cancellation::on_payment_completed;
            break;
        case Story::cancelled_after_reservation:
            does.pick_up = PickUp::never;
            does.cancellation = Cancellation::on_inventory_reserved;
            break;
        case Story::cancelled_in_transit:
            does.carriage = Carriage::stays;
            does.cancellation = Cancellation::on_shipping_created;
            break;
        case Story::returned_after_delivery:
            does.carriage = Carriage::delivers_then_returns;
            does.cancellation = Cancellation::on_shipping_created;
            break;
        case Story::by_the_books:
            does.warehouse = WarehouseAnswer::by_the_books;
            does.pick_up = PickUp::never;
            break;
        case Story::unknown_product:
        case Story::sold_out:
            does.warehouse = WarehouseAnswer::by_the_books;
            break;
        case Story::payment_late:
            does.gateway = GatewayAnswer::accepts_late;
            break;
        case Story::found_late:
            does.warehouse = WarehouseAnswer::has_it_late;
            break;
        case Story::picked_up_late:
            does.pick_up = PickUp::late;
            does.carriage = Carriage::stays;
            break;
    }
    return does;
}

std::string_view decline_reason(std::string_view reference) noexcept {
    std::size_t sum = 0;
    for (const char c : reference) sum += static_cast<unsigned char>(c);
    return decline_reasons[sum % decline_reasons.size()];
}

void make_stock_scenario(OrderBook& book, std::int64_t units) {
    for (SourceProduct& product : book.products) {
        product.units = product.id == unlisted_product ? 0 : units;
    }
    for (SourceOrder& order : book.orders) order.story = Story::by_the_books;
}

OutsideWorld::OutsideWorld(const OrderBook& book) {
    stories_.reserve(book.orders.size());
    for (const SourceOrder& order : book.orders) stories_.emplace(order.reference, order.story);
}

Result<OutsideWorld> OutsideWorld::read(std::string file, std::istream& in) {
    auto rows = CsvReader::open(std::move(file), in, story_columns);
    if (!rows) return rows.error();
    OutsideWorld world;
    for (;;) {
        const auto row = rows->next();
        if (!row) return row.error();
        if (!*row) return world;
        const auto story = parse_story(rows->field(1));
        if (!story) {
            return rows->error(1, fmt::format("{} is no story", tidings::quote(rows->field(1))),
                               "the file was not written by this version; start anew");
        }
        if (!world.stories_.emplace(rows->field(0), *story).second) {
            return rows->error(0, fmt::format("{} is there twice", tidings::quote(rows->field(0))),
                               "the file was not written by this version; start anew");
        }
    }
}

std::string OutsideWorld::write() const {
    std::vector<std::pair<std::string_view, Story>> sorted{stories_.begin(), stories_.end()};
    std::sort(sorted.begin(), sorted.end());
    std::string out = fmt::format("{}\n", fmt::join(story_columns, ","));
    for (const auto& [reference, story] : sorted) {
        out += fmt::format("{},{}\n", reference, to_string(story));
    }
    return out;
}

std::optional<Behaviour> OutsideWorld::find(std::string_view reference) const {
    const auto found = stories_.find(reference);
    if (found == stories_.end()) return std::nullopt;
    return behaviour_of(found->second);
}

Behaviour OutsideWorld::of(std::string_view reference) const {
    Behaviour well;
    well.warehouse = WarehouseAnswer::by_the_books;
    return find(reference).value_or(well);
}

}  // namespace shop
