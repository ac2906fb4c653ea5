#include "market.h"

#include <tidings/saga/saga.h>

#include "base/test_points.h"

#include <array>
#include <string>

namespace market {

using namespace tidings;

const std::map<std::string, std::int64_t, std::less<>> items{
    {"apple", 1000}, {"pear", 1000}, {"rare", 2}, {"brittle", 0}, {"stubborn", 0}};

bool has_story(std::string_view order_id, std::string_view story) {
    return order_id.starts_with(story) && order_id.substr(story.size()).starts_with('-');
}

namespace {

constexpr std::array order_schema{Migration{1, "orders", R"sql(
CREATE TABLE orders (
    id TEXT PRIMARY KEY,
    reference TEXT NOT NULL,
    amount BIGINT NOT NULL,
    paid BIGINT NOT NULL,
    status TEXT NOT NULL
);
CREATE TABLE receipts (place INTEGER PRIMARY KEY, order_id TEXT NOT NULL);
CREATE TABLE counts (place INTEGER PRIMARY KEY, item TEXT NOT NULL, number BIGINT NOT NULL);
)sql"}};

constexpr std::array payment_schema{Migration{1, "payments", R"sql(
CREATE TABLE payments (order_id TEXT PRIMARY KEY, amount BIGINT NOT NULL, status TEXT NOT NULL);
)sql"}};

constexpr std::array stock_schema{Migration{1, "stock", R"sql(
CREATE TABLE stock (item TEXT PRIMARY KEY, level BIGINT NOT NULL, counted BIGINT NOT NULL);
INSERT INTO stock VALUES ('apple', 1000, 0), ('pear', 1000, 0), ('rare', 2, 0), ('brittle', 0, 0),
    ('stubborn', 0, 0);
CREATE TABLE reservations (order_id TEXT PRIMARY KEY, item TEXT NOT NULL, status TEXT NOT NULL);
CREATE TABLE reminders (place INTEGER PRIMARY KEY, order_id TEXT NOT NULL);
)sql"}};

/// Fails now and then, after the step has done all that it does.
void stumble(Transaction& tx) {
    constexpr std::string_view one_in_eight = "01";
    if (one_in_eight.find(tx.new_id().front()) == std::string_view::npos) return;
    throw Failure{{ErrorCode::unavailable, "the step has stumbled"}};
}

void set_retry(Service& service) {
    // More attempts than crashes and stumbles ever use up: only what always fails is given up.
    service.handlers().retry = {.attempts = 200, .initial_delay = 20ms, .delay_max = 200ms};
}

bool is_accepted(const EffectAnswer& answer) {
    return answer.answer.find("false") == std::string::npos;
}

Saga<order::Sale> sale() {
    return saga<order::Sale>("order.sale")
        .start([](const order::Placed& event) {
            return order::Sale{.id = event.id, .item = event.item};
        })
        .step("payment", 15min,
              [](order::Sale& state, const payment::Completed& event) {
                  state.amount += event.amount;
              })
        .undo<payment::Refunded>(
            [](const order::Sale& state) { return order::PaymentRevoked{.id = state.id}; })
        .step("reservation", 15min,
              [](order::Sale& state, const stock::Reserved&) {
                  return order::Ready{.id = state.id, .item = state.item};
              })
        .undo<stock::Released>(
            [](const order::Sale& state) { return order::ReservationRevoked{.id = state.id}; })
        .step("parcel", 1h,
              [](order::Sale& state, const stock::Sent&) {
                  return order::Completed{.id = state.id, .amount = state.amount};
              })
        .fail_on<payment::Failed, stock::Rejected, stock::SendFailed, DeadlineExceeded>(
            [](const order::Sale& state, const auto& failure) {
                return order::Cancelled{.id = state.id, .reason = failure.reason};
            })
        .observe([](const order::Sale& state, const SagaProgress& progress, Transaction& tx) {
            const bool completed = progress.status == SagaStatus::completed;
            const bool cancelled = progress.status == SagaStatus::compensated;
            tx.execute("UPDATE orders SET paid = $2, status = $3 WHERE id = $1", state.id,
                       state.amount,
                       completed   ? "completed"
                       : cancelled ? "cancelled"
                                   : "open");
        });
}

}  // namespace

// ------------------------------------------------------------------------------------------ orders

OrderService::OrderService(const std::shared_ptr<EffectPort>& mailer) : Service("order-service") {
    set_retry(*this);
    schema(order_schema);
    add(sale());
    Service::on<stock::Counted>(*this);
    handlers().on_timer("receipt", [](const DueTimer& timer, Transaction& tx) {
        tx.execute("INSERT INTO receipts (order_id) VALUES ($1)", timer.key);
        stumble(tx);
    });
    effect("mailer.confirm", mailer, [](const EffectAnswer&, Transaction&) {});
    command<order::Place>("POST", "/orders",
                          [this](const order::Place& body, const Request&, Transaction& tx) {
                              return place(body, tx);
                          });
}

Reply OrderService::place(const order::Place& body, Transaction& tx) {
    const std::string id = body.id + '-' + tx.new_id();
    tx.execute("INSERT INTO orders VALUES ($1, $2, $3, 0, 'open')", id, body.id, body.amount);
    tx.set_timer("receipt", id, 5s);
    tx.request("mailer.confirm", id, "{}");
    const order::Placed placed{.id = id, .item = body.item, .amount = body.amount};
    tx.publish(placed);
    if (body.amount <= 0) throw Failure{{ErrorCode::invalid_argument, "nothing costs nothing"}};
    stumble(tx);
    return Reply::json(202, placed);
}

void OrderService::on(const stock::Counted& event, Transaction& tx) {
    const bool poison = event.number == 2;
    if (poison && event.item == brittle) throw Failure{{ErrorCode::conflict, "no count"}, true};
    if (poison && event.item == stubborn) throw Failure{{ErrorCode::unavailable, "not now"}};
    tx.execute("INSERT INTO counts (item, number) VALUES ($1, $2)", event.item, event.number);
    stumble(tx);
}

// ---------------------------------------------------------------------------------------- payments

PaymentService::PaymentService(const std::shared_ptr<EffectPort>& gateway)
    : Service("payment-service") {
    set_retry(*this);
    schema(payment_schema);
    Service::on<order::Placed, order::PaymentRevoked>(*this);
    effect("gateway.charge", gateway,
           [this](const EffectAnswer& answer, Transaction& tx) { charged(answer, tx); });
    effect("gateway.refund", gateway,
           [this](const EffectAnswer& answer, Transaction& tx) { refunded(answer, tx); });
}

void PaymentService::on(const order::Placed& event, Transaction& tx) {
    tx.execute("INSERT INTO payments VALUES ($1, $2, 'requested')", event.id, event.amount);
    tx.request("gateway.charge", event.id, "{}");
    stumble(tx);
}

void PaymentService::charged(const EffectAnswer& answer, Transaction& tx) {
    const std::string& id = answer.subject;
    if (!is_accepted(answer)) {
        tx.execute("UPDATE payments SET status = 'declined' WHERE order_id = $1", id);
        tx.publish(payment::Failed{.id = id, .reason = "DECLINED"});
        return stumble(tx);
    }
    tx.execute("UPDATE payments SET status = 'captured' WHERE order_id = $1", id);
    const auto amount =
        tx.value<std::int64_t>("SELECT amount FROM payments WHERE order_id = $1", id);
    const payment::Completed completed{.id = id, .amount = amount.value_or(0)};
    tx.publish(completed);
    if (has_story(id, story::told_twice)) tx.publish(completed);
    stumble(tx);
}

void PaymentService::on(const order::PaymentRevoked& event, Transaction& tx) {
    tx.execute("UPDATE payments SET status = 'refunding' WHERE order_id = $1", event.id);
    tx.request("gateway.refund", event.id, "{}");
    stumble(tx);
}

void PaymentService::refunded(const EffectAnswer& answer, Transaction& tx) {
    tx.execute("UPDATE payments SET status = 'refunded' WHERE order_id = $1", answer.subject);
    tx.publish(payment::Refunded{.id = answer.subject});
    stumble(tx);
}

// ------------------------------------------------------------------------------------------- stock

StockService::StockService(const std::shared_ptr<EffectPort>& warehouse)
    : Service("stock-service") {
    set_retry(*this);
    schema(stock_schema);
    Service::on<order::Placed, order::Ready, order::ReservationRevoked>(*this);
    effect("warehouse.send", warehouse,
           [this](const EffectAnswer& answer, Transaction& tx) { sent(answer, tx); });
    effect("warehouse.put_back", warehouse,
           [this](const EffectAnswer& answer, Transaction& tx) { put_back(answer, tx); });
    for (const char* way : {"remind by mail", "remind by phone"}) {
        handlers().on_timer(way,
                            [this](const DueTimer& timer, Transaction& tx) { remind(timer, tx); });
    }
    command<stock::Recount>("POST", "/recounts",
                            [this](const stock::Recount& body, const Request&, Transaction& tx) {
                                return recount(body, tx);
                            });
}

std::int64_t StockService::level(const std::string& item, Transaction& tx) {
    const auto stored = tx.value<std::int64_t>("SELECT level FROM stock WHERE item = $1", item);
    if (!planted(Mistake::decides_from_memory)) return stored.value_or(0);
    return remembered_levels_.try_emplace(item, stored.value_or(0)).first->second;
}

void StockService::count(const std::string& item, std::int64_t change, Transaction& tx) {
    if (planted(Mistake::decides_from_memory)) remembered_levels_[item] = level(item, tx) + change;
    tx.execute("UPDATE stock SET level = level + $2, counted = counted + 1 WHERE item = $1", item,
               change);
    Rows rows = tx.query("SELECT level, counted FROM stock WHERE item = $1", item);
    if (!rows.next()) return;
    // Long enough for its batch in the log to be of several blocks, some of which may be torn off.
    const stock::Counted counted{.id = item,
                                 .item = item,
                                 .reason = std::string(6000, '.'),
                                 .amount = rows.row().integer(0),
                                 .number = rows.row().integer(1)};
    tx.publish(counted);
}

Reply StockService::recount(const stock::Recount& body, Transaction& tx) {
    count(body.id, 0, tx);
    stumble(tx);
    return Reply{202, {}, {}};
}

void StockService::on(const order::Placed& event, Transaction& tx) {
    const bool enough = level(event.item, tx) > 0;
    tx.execute("INSERT INTO reservations VALUES ($1, $2, $3)", event.id, event.item,
               enough ? "reserved" : "rejected");
    if (enough) {
        count(event.item, -1, tx);
        tx.publish(stock::Reserved{.id = event.id});
    } else {
        tx.publish(stock::Rejected{.id = event.id, .reason = "SOLD_OUT"});
    }
    stumble(tx);
}

void StockService::on(const order::Ready& event, Transaction& tx) {
    tx.set_timer("remind by mail", event.id, 1s);
    tx.set_timer("remind by phone", event.id, 1s);
    tx.request("warehouse.send", event.id, "{}");
    stumble(tx);
}

void StockService::remind(const DueTimer& timer, Transaction& tx) {
    tx.cancel_timer("remind by mail", timer.key);
    tx.cancel_timer("remind by phone", timer.key);
    tx.execute("INSERT INTO reminders (order_id) VALUES ($1)", timer.key);
    stumble(tx);
}

void StockService::sent(const EffectAnswer& answer, Transaction& tx) {
    const std::string& id = answer.subject;
    if (is_accepted(answer)) {
        tx.execute("UPDATE reservations SET status = 'sent' WHERE order_id = $1", id);
        tx.publish(stock::Sent{.id = id});
    } else {
        tx.publish(stock::SendFailed{.id = id, .reason = "NO_PARCEL"});
    }
    stumble(tx);
}

void StockService::on(const order::ReservationRevoked& event, Transaction& tx) {
    tx.request("warehouse.put_back", event.id, "{}");
    stumble(tx);
}

void StockService::put_back(const EffectAnswer& answer, Transaction& tx) {
    const std::string& id = answer.subject;
    const auto item =
        tx.value<std::string>("SELECT item FROM reservations WHERE order_id = $1", id);
    tx.execute("UPDATE reservations SET status = 'released' WHERE order_id = $1", id);
    count(item.value_or(""), +1, tx);
    tx.publish(stock::Released{.id = id});
    stumble(tx);
}

}  // namespace market
