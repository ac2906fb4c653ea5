#include <tidings/broker/broker.h>
#include <tidings/service/host.h>

#include "market.h"
#include "market_simulation.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace market {

using namespace tidings;

namespace {

using Violation = std::optional<std::string>;

struct BookedOrder {
    std::string reference;
    std::string status;
    std::int64_t amount = 0;
    std::int64_t paid = 0;
};

std::map<std::string, BookedOrder> orders_of(const sim::View& view) {
    std::map<std::string, BookedOrder> orders;
    Rows rows =
        view.read("order-service").query("SELECT id, reference, status, amount, paid FROM orders");
    while (rows.next()) {
        const Row row = rows.row();
        orders[row.get<std::string>(0)] = {row.get<std::string>(1), row.get<std::string>(2),
                                           row.integer(3), row.integer(4)};
    }
    return orders;
}

std::vector<std::string> texts(const sim::View& view, std::string_view service,
                               std::string_view sql) {
    std::vector<std::string> found;
    Rows rows = view.read(service).query(sql);
    while (rows.next()) found.push_back(rows.row().get<std::string>(0));
    return found;
}

/// How often `dependency` has done `effect` for an order, and said yes.
std::int64_t done_by(const sim::View& view, std::string_view dependency, std::string_view effect,
                     const std::string& order) {
    const auto& all = view.effects(dependency);
    return std::count_if(all.begin(), all.end(), [&](const sim::DependencyEffect& done) {
        return done.name == effect && done.subject == order &&
               done.answer.find("false") == std::string::npos;
    });
}

// ------------------------------------------------------------------------------------------- calls

Violation what_was_acknowledged_is_there(const sim::View& view) {
    const auto orders = orders_of(view);
    for (const sim::CallAnswer& call : view.answers()) {
        if (call.response.status != 202 || call.request.path != "/orders") continue;
        order::Placed placed;
        json::Reader reader{call.response.body};
        if (!read_data(reader, placed)) return "an answer cannot be read: " + call.response.body;
        if (!orders.contains(placed.id)) {
            return fmt::format("order {} was acknowledged and is not there", placed.id);
        }
    }
    return std::nullopt;
}

Violation each_call_is_done_once(const sim::View& view) {
    std::map<std::string, int> placed;
    for (const auto& [id, order] : orders_of(view)) ++placed[order.reference];
    for (const sim::CallAnswer& call : view.answers()) {
        if (call.request.path != "/orders") {
            if (call.response.status == 202) continue;
            return fmt::format("a recount was refused: {}", call.response.body);
        }
        order::Place body;
        json::Reader reader{call.request.body};
        if (!read_data(reader, body)) return "a request cannot be read";
        const bool refused = has_story(body.id, story::invalid);
        if (call.response.status != (refused ? 400 : 202)) {
            return fmt::format("{} was answered {}: {}", body.id, call.response.status,
                               call.response.body);
        }
        if (placed[body.id] != (refused ? 0 : 1)) {
            return fmt::format("{} was placed {} times", body.id, placed[body.id]);
        }
    }
    return std::nullopt;
}

// ------------------------------------------------------------------------------------------ orders

Violation each_order_ends_as_its_story_says(const sim::View& view) {
    for (const auto& [id, order] : orders_of(view)) {
        const bool completed = order.status == "completed";
        const bool cancelled = order.status == "cancelled";
        const bool is_open_either_way = has_story(id, story::late) || id.starts_with("plain-rare");
        const bool must_complete = !is_open_either_way && (has_story(id, story::plain) ||
                                                           has_story(id, story::told_twice));
        const bool must_be_cancelled = !is_open_either_way && !must_complete;
        if ((!completed && !cancelled) || (must_complete && !completed) ||
            (must_be_cancelled && !cancelled)) {
            return fmt::format("order {} is {}", id, order.status);
        }
        if (completed && order.paid != order.amount) {
            return fmt::format("order {} costs {} and counts as paid with {}", id, order.amount,
                               order.paid);
        }
    }
    return std::nullopt;
}

Violation money_is_that_of_completed_orders(const sim::View& view) {
    const auto orders = orders_of(view);
    for (const char* dependency : {"gateway", "mailer"}) {
        for (const sim::DependencyEffect& done : view.effects(dependency)) {
            if (orders.contains(done.subject)) continue;
            return fmt::format("{} was done for {}, which is no order", done.name, done.subject);
        }
    }
    for (const auto& [id, order] : orders) {
        const std::int64_t charged = done_by(view, "gateway", "gateway.charge", id);
        const std::int64_t refunded = done_by(view, "gateway", "gateway.refund", id);
        if (charged - refunded != (order.status == "completed" ? 1 : 0) || charged > 1) {
            return fmt::format("order {} is {}, was charged {} times and refunded {} times", id,
                               order.status, charged, refunded);
        }
    }
    return std::nullopt;
}

Violation payments_are_as_the_gateway_has_them(const sim::View& view) {
    Rows rows =
        view.read("payment-service").query("SELECT order_id, status FROM payments ORDER BY 1");
    while (rows.next()) {
        const auto id = rows.row().get<std::string>(0);
        const auto status = rows.row().get<std::string>(1);
        const std::int64_t charged = done_by(view, "gateway", "gateway.charge", id);
        const std::int64_t refunded = done_by(view, "gateway", "gateway.refund", id);
        const bool captured = status == "captured" || status == "refunded";
        if (charged != (captured ? 1 : 0) || refunded != (status == "refunded" ? 1 : 0)) {
            return fmt::format("payment {} is {}, was charged {} times and refunded {} times", id,
                               status, charged, refunded);
        }
    }
    return std::nullopt;
}

/// What was done last is undone first: goods come back before the money goes back.
Violation steps_are_undone_in_reverse(const sim::View& view) {
    std::map<std::string, Duration> put_back;
    for (const sim::DependencyEffect& done : view.effects("warehouse")) {
        if (done.name == "warehouse.put_back") put_back.try_emplace(done.subject, done.first);
    }
    for (const sim::DependencyEffect& done : view.effects("gateway")) {
        if (done.name != "gateway.refund" || has_story(done.subject, story::late)) continue;
        const auto before = put_back.find(done.subject);
        if (has_story(done.subject, story::unsent) &&
            (before == put_back.end() || before->second > done.first)) {
            return fmt::format("{} was refunded before its goods were back", done.subject);
        }
    }
    return std::nullopt;
}

// ------------------------------------------------------------------------------------------- stock

Violation no_item_is_sold_that_is_not_there(const sim::View& view) {
    Rows rows = view.read("stock-service").query("SELECT item, level FROM stock WHERE level < 0");
    if (!rows.next()) return std::nullopt;
    return fmt::format("there are {} of {}", rows.row().integer(1), rows.row().text(0));
}

Violation goods_are_in_stock_or_sold(const sim::View& view) {
    std::map<std::string, std::int64_t> gone;
    for (const std::string& item :
         texts(view, "stock-service", "SELECT item FROM reservations WHERE status = 'sent'")) {
        ++gone[item];
    }
    for (const std::string& id :
         texts(view, "stock-service", "SELECT order_id FROM reservations WHERE status = 'sent'")) {
        if (done_by(view, "warehouse", "warehouse.send", id) != 1) {
            return fmt::format("{} counts as sent and is not", id);
        }
    }
    std::int64_t rare_orders = 0;
    for (const auto& [id, order] : orders_of(view)) rare_orders += id.starts_with("plain-rare");
    Rows rows = view.read("stock-service").query("SELECT item, level FROM stock");
    while (rows.next()) {
        const auto item = rows.row().get<std::string>(0);
        if (item == "rare" && gone[item] < std::min<std::int64_t>(rare_orders, 2)) {
            return fmt::format("of {} orders of something rare {} were served", rare_orders,
                               gone[item]);
        }
        const std::int64_t began_with = items.find(item)->second;
        if (rows.row().integer(1) + gone[item] != began_with) {
            return fmt::format("of {} {} {} are left and {} are sold", began_with, item,
                               rows.row().integer(1), gone[item]);
        }
    }
    return std::nullopt;
}

/// The order service hears of every count of an item, once and in order, up to a poison event.
Violation counts_are_heard_in_order(const sim::View& view) {
    std::map<std::string, std::int64_t> heard;
    Rows rows = view.read("order-service").query("SELECT item, number FROM counts ORDER BY place");
    while (rows.next()) {
        const auto item = rows.row().get<std::string>(0);
        if (rows.row().integer(1) != ++heard[item]) {
            return fmt::format("count {} of {} came where {} was due", rows.row().integer(1), item,
                               heard[item]);
        }
    }
    return std::nullopt;
}

Violation counts_are_all_heard(const sim::View& view) {
    if (Violation disorder = counts_are_heard_in_order(view)) return disorder;
    std::int64_t dead = 0;
    std::int64_t parked = 0;
    Rows rows = view.read("stock-service").query("SELECT item, counted FROM stock");
    while (rows.next()) {
        const auto item = rows.row().get<std::string>(0);
        std::int64_t due = rows.row().integer(1);
        if ((item == brittle || item == stubborn) && due > 1) {
            ++dead;
            parked += due - 2;
            due = 1;
        }
        const auto heard =
            view.read("order-service")
                .value<std::int64_t>("SELECT count(*) FROM counts WHERE item = $1", item);
        if (heard != due) return fmt::format("{} of {} counts of {} came", *heard, due, item);
    }
    const DeliveryStatus status = view.status("order-service");
    if (status.dead == dead && status.parked == parked) return std::nullopt;
    return fmt::format("{} dead letters and {} parked events should be {} and {}", status.dead,
                       status.parked, dead, parked);
}

// ------------------------------------------------------------------------------------------ timers

Violation timers_go_off_once(const sim::View& view) {
    std::map<std::string, int> receipts;
    std::map<std::string, int> reminders;
    for (const auto& id : texts(view, "order-service", "SELECT order_id FROM receipts")) {
        ++receipts[id];
    }
    for (const auto& id : texts(view, "stock-service", "SELECT order_id FROM reminders")) {
        ++reminders[id];
    }
    for (const auto& [id, order] : orders_of(view)) {
        if (receipts[id] != 1) return fmt::format("{} has {} receipts", id, receipts[id]);
        const auto& done = view.effects("warehouse");
        const bool was_ready =
            std::any_of(done.begin(), done.end(), [&id = id](const auto& effect) {
                return effect.name == "warehouse.send" && effect.subject == id;
            });
        if (reminders[id] != (was_ready ? 1 : 0)) {
            return fmt::format("{} was {}ready and has {} reminders", id, was_ready ? "" : "never ",
                               reminders[id]);
        }
    }
    return std::nullopt;
}

// ---------------------------------------------------------------------------------- the machinery

Violation nothing_is_left_over(const sim::View& view) {
    for (const std::string& service : view.services()) {
        for (const char* table : {"tidings_timer", "tidings_effect", "tidings_inbox_ahead"}) {
            const auto left = view.read(service).value<std::int64_t>(
                std::string{"SELECT count(*) FROM "} + table);
            if (left != 0) return fmt::format("{}: {} rows are left in {}", service, *left, table);
        }
        const DeliveryStatus status = view.status(service);
        const bool has_poison = service == "order-service";
        if (status.outbox_pending != 0 || status.scheduled != 0 || status.effects_open != 0 ||
            status.timers != 0 || (!has_poison && status.dead + status.parked != 0)) {
            return fmt::format(
                "{}: {} in the outbox, {} scheduled, {} parked, {} dead, {} effects, {} timers",
                service, status.outbox_pending, status.scheduled, status.parked, status.dead,
                status.effects_open, status.timers);
        }
    }
    return std::nullopt;
}

/// Each log has what its service's outbox gave out: one epoch, all sequences in order, some of
/// them again, and then the same event.
Violation logs_are_what_was_given_out(const sim::View& view) {
    for (const std::string& service : view.services()) {
        const Topic topic{service.substr(0, service.find('-'))};
        auto reader = view.host(service).broker().subscribe(topic, ConsumerGroup{""}, {});
        if (!reader) return reader.error().message;
        std::map<std::int64_t, std::string> ids;  // What is left of them: retention took others.
        std::set<Uuid> epochs;
        while (true) {
            const Result<Fetched> fetched = (*reader)->fetch(1000);
            if (!fetched) return fetched.error().message;
            if (fetched->events.empty()) break;
            for (const DeliveredEvent& event : fetched->events) {
                const Result<Envelope> envelope = parse_envelope(event.envelope);
                if (!envelope) return topic.name + ": " + envelope.error().message;
                const std::string id = to_string(envelope->id);
                const std::int64_t sequence = event.headers.sequence.value;
                epochs.insert(event.headers.epoch);
                if (ids.empty() || sequence == ids.rbegin()->first + 1) {
                    ids[sequence] = id;
                } else if (sequence >= ids.begin()->first &&
                           (!ids.contains(sequence) || ids[sequence] != id)) {
                    return fmt::format(
                        "{}: sequence {} at offset {} is out of order, or another "
                        "event's",
                        topic.name, sequence, event.offset.value);
                }
            }
        }
        if (epochs.size() > 1) return topic.name + " has events of several epochs";
    }
    return std::nullopt;
}

}  // namespace

void add_invariants(sim::Simulation& market) {
    market.always("no item is sold that is not there", no_item_is_sold_that_is_not_there, 64);
    market.always("counts are heard in order", counts_are_heard_in_order, 256);
    market.always("what was done last is undone first", steps_are_undone_in_reverse, 256);
    market.never_twice("gateway");
    market.never_twice("warehouse");
    market.never_twice("mailer");
    market.at_end("what was acknowledged is there", what_was_acknowledged_is_there);
    market.at_end("each call is done once", each_call_is_done_once);
    market.at_end("each order ends as its story says", each_order_ends_as_its_story_says);
    market.at_end("money is that of completed orders", money_is_that_of_completed_orders);
    market.at_end("payments are as the gateway has them", payments_are_as_the_gateway_has_them);
    market.at_end("goods are in stock or sold", goods_are_in_stock_or_sold);
    market.at_end("counts are all heard", counts_are_all_heard);
    market.at_end("timers go off once", timers_go_off_once);
    market.at_end("nothing is left over", nothing_is_left_over);
    market.at_end("logs are what was given out", logs_are_what_was_given_out);
}

}  // namespace market
