#pragma once

#include <tidings/service/host.h>
#include <tidings/testing/flow.h>

#include "base/test_points.h"
#include "saga/facts.h"

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tidings::peers {

using namespace facts;

/// Runs a scenario while a mistake is being made: what survives it without must not with it, or the
/// scenario shows nothing.
template <class Scenario>
CaseVerdict with(Mistake mistake, Scenario scenario) {
    plant(mistake);
    CaseVerdict verdict = scenario();
    plant(Mistake::none);
    return verdict;
}

/// All verdicts as one: the first that differs.
inline CaseVerdict all_of(std::initializer_list<CaseVerdict> verdicts) {
    for (const CaseVerdict& verdict : verdicts) {
        if (!verdict) return verdict;
    }
    return CaseVerdict{{}};
}

inline CaseVerdict check(bool is_true, std::string_view what) {
    return CaseVerdict{is_true ? std::string{} : std::string{what}};
}

namespace audit {
using Noted = Fact<"audit.noted">;
}  // namespace audit

/// The service that takes orders: `POST /orders/{id}/{text}` publishes `order.created`. A text of
/// `broken` fails after it has published. It owns another domain, too, in which it notes each
/// order, so that its relay sends to two topics. With `fulfils` it runs the orders' saga.
class OrderService {
public:
    explicit OrderService(bool fulfils = false) {
        static constexpr std::array schema{Migration{
            1, "orders", "CREATE TABLE orders (place INTEGER PRIMARY KEY, id TEXT NOT NULL);"}};
        service.owns({"order", "audit"});
        service.schema(schema);
        service.command("POST", "/orders/{id}/{text}", [](const Request& request, Transaction& tx) {
            tx.execute("INSERT INTO orders (id) VALUES ($1)", request.parameter("id"));
            tx.publish(order::Created{request.parameter("id"), request.parameter("text")});
            tx.publish(audit::Noted{request.parameter("id"), request.parameter("text")});
            if (request.parameter("text") == "broken") {
                throw Failure{{ErrorCode::conflict, "rolled back"}};
            }
            return Reply{202, {}, {}};
        });
        if (!fulfils) return;
        runner = &service.add(fulfilment());
        service.command("POST", "/cancellations/{id}",
                        [this](const Request& request, Transaction& tx) {
                            runner->cancel(request.parameter("id"), "CANCELLED_BY_CUSTOMER", tx);
                            return Reply{202, {}, {}};
                        });
    }

    Service service{"order-service"};
    SagaRunner* runner = nullptr;
};

/// What the service that handles orders does with one, beside noting it down. May throw.
using HandleOrder = std::function<void(const order::Created&, Transaction&)>;

/// The service that handles orders: each is noted down in the order of handling, and answered with
/// `payment.completed`.
class PaymentService {
public:
    explicit PaymentService(const HandleOrder& handle) : handle_(handle) {
        static constexpr std::array schema{Migration{
            1, "handled",
            "CREATE TABLE handled (place INTEGER PRIMARY KEY, id TEXT NOT NULL, text TEXT);"}};
        service.schema(schema);
        service.on<order::Created>(*this);
        service.handlers().retry.attempts = 3;
        service.handlers().retry.initial_delay = 10s;
    }
    void on(const order::Created& event, Transaction& tx) {
        tx.execute("INSERT INTO handled (id, text) VALUES ($1, $2)", event.id, event.reason);
        tx.publish(payment::Completed{event.id, event.reason});
        if (handle_) handle_(event, tx);
    }

    Service service{"payment-service"};

private:
    const HandleOrder& handle_;
};

template <class Whole>
std::shared_ptr<Service> whole(std::shared_ptr<Whole> made) {
    return {made, &made->service};
}

/// The two of them in a flow.
class Shop {
public:
    explicit Shop(std::uint64_t seed = 1) : flow(seed) {
        add_orders();
        add_payments();
    }
    /// Only who handles orders; the test speaks for the order service.
    static Shop payments_alone(const StepLoop::Options& limits = {}) {
        return Shop{nullptr, limits};
    }

    int place(const std::string& id, const std::string& text) {
        return flow.call("order-service", command("POST", "/orders/" + id + '/' + text)).status;
    }
    /// Says whether exactly these orders were handled, in this order: `{"o1 a", "o2 b"}`.
    CaseVerdict handled(const std::vector<std::string>& orders) const {
        if (CaseVerdict so_far = flow.then(); !so_far) return so_far;
        std::vector<std::string> found;
        auto reader = flow.host("payment-service").reader("payment-service").value();
        Rows rows = reader->query("SELECT id, text FROM handled ORDER BY place");
        while (rows.next()) {
            found.push_back(rows.row().get<std::string>(0) + ' ' + rows.row().get<std::string>(1));
        }
        if (found == orders) return CaseVerdict{{}};
        std::string text = "expected to be handled";
        for (const std::string& order : orders) text += ", " + order;
        text += "\nbut it was";
        for (const std::string& order : found) text += ", " + order;
        return CaseVerdict{text + '\n' + flow.story()};
    }
    /// Says whether so many orders stand in the order service's own table.
    CaseVerdict kept(std::size_t orders) const {
        if (CaseVerdict so_far = flow.then(); !so_far) return so_far;
        auto reader = flow.host("order-service").reader("order-service").value();
        const auto count = reader->value<std::size_t>("SELECT count(*) FROM orders").value();
        if (count == orders) return CaseVerdict{{}};
        return CaseVerdict{std::to_string(orders) + " orders were accepted, " +
                           std::to_string(count) + " are there\n" + flow.story()};
    }
    DeliveryStatus payments() const {
        return flow.host("payment-service").status("payment-service");
    }
    DeliveryStatus orders() const { return flow.host("order-service").status("order-service"); }
    /// What a path of a service's own answers, `/health/ready` or `/metrics`.
    std::string ask(const std::string& service, const std::string& path) {
        return flow.call(service, command("GET", path)).body;
    }

    Flow flow;
    std::shared_ptr<HandleOrder> handle = std::make_shared<HandleOrder>();

private:
    Shop(std::nullptr_t, const StepLoop::Options& limits) { add_payments(limits); }

    void add_orders() {
        flow.service("order-service", [] { return whole(std::make_shared<OrderService>()); });
    }
    void add_payments(const StepLoop::Options& limits = {}) {
        flow.service(
            "payment-service",
            [handle = handle] { return whole(std::make_shared<PaymentService>(*handle)); }, limits);
    }
};

/// The order service with its saga; the test speaks for all who answer it.
class FulfilmentFlow {
public:
    FulfilmentFlow() {
        flow.service("order-service", [] { return whole(std::make_shared<OrderService>(true)); });
        flow.call("order-service", command("POST", "/orders/o1/new"));
    }
    static Expectation deadline_in(Duration after) {
        return in("order-service", deadline("order.fulfilment", "o1", after));
    }
    static Expectation no_deadline() {
        return in("order-service", no_timer("saga:order.fulfilment", "o1"));
    }

    Flow flow;
};

inline const payment::Completed paid{"o1", "p1"};
inline const inventory::Reserved reserved{"o1", ""};

}  // namespace tidings::peers
