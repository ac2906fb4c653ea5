// The contract tests of the shop: its six services and the customers, and what has to happen to
// each so that it publishes all that it owns, and shows what it uses of what it hears.
#include <tidings/contract/contract.h>
#include <tidings/testing/contract_tests.h>

#include "orders/outside.h"
#include "schema/customers.h"
#include "schema/inventory.h"
#include "schema/order.h"
#include "schema/payment.h"
#include "schema/product.h"
#include "schema/shipping.h"
#include "schema/user.h"
#include "services/customers/customers.h"
#include "services/inventory/inventory.h"
#include "services/order/orders.h"
#include "services/payment/payments.h"
#include "services/product/catalogue.h"
#include "services/shipping/shipping.h"
#include "services/user/users.h"

#include <memory>
#include <span>
#include <sstream>
#include <string>

namespace shop {
namespace {

using namespace tidings;

const std::string order_id = "5f1cbb4e-3f8e-4c2d-9a51-7a0f2f6f1d11";

/// A service as its program has it. What it asks of the outside world, the scenarios answer.
template <class Part, class... Ports>
ContractTests::MakeService made_of(std::string name, std::span<const Migration> schema,
                                   Ports... ports) {
    struct Whole {
        explicit Whole(const std::string& called) : service(called) {}
        Part part;
        Service service;
    };
    return [=] {
        auto whole = std::make_shared<Whole>(name);
        whole->service.schema(schema);
        whole->service.contracts(contracts(), contracts_json());
        whole->part.add_to(whole->service, ports...);
        return std::shared_ptr<Service>{whole, &whole->service};
    };
}

// ------------------------------------------------------------------------------------------ orders

order_service::CreateOrder an_order() {
    order_service::CreateOrder order{.user_id = "user-1"};
    order.reference = "order-7";
    order.items = {
        {.product_id = "sku-7", .quantity = 2, .unit_price = Money{4990}, .freight = Money{850}}};
    order.payments = {{.type = "credit_card", .installments = 3, .amount = Money{10830}}};
    return order;
}

/// A customer places an order. Returns its id.
std::string place(ServiceCase& orders) {
    orders.when(command("POST", "/orders", an_order()));
    return orders.published<order::PendingValidation>().at(0).order_id;
}

std::string place_valid(ServiceCase& orders) {
    std::string id = place(orders);
    orders.given(product::ValidationCompleted{.order_id = id, .is_valid = true});
    return id;
}

std::string place_paid(ServiceCase& orders) {
    std::string id = place_valid(orders);
    orders.given(payment::Completed{id, any_id, Money{10830}});
    return id;
}

void is_delivered(ServiceCase& orders) {
    const std::string id = place_paid(orders);
    orders.given(inventory::Reserved{id})
        .given(shipping::Created{id, any_id})
        .when(shipping::Delivered{id});
}

void names_unknown_products(ServiceCase& orders) {
    const std::string id = place(orders);
    orders.when(product::ValidationCompleted{
        .order_id = id, .is_valid = false, .invalid_items = {"sku-7"}});
}

void is_given_up_after_its_pick_up(ServiceCase& orders) {
    const std::string id = place_paid(orders);
    orders.given(inventory::Reserved{id})
        .given(shipping::Created{id, any_id})
        .given(command("POST", "/orders/" + id + "/cancellation"))
        .given(shipping::Returned{id})
        .given(inventory::Released{id})
        .when(payment::Refunded{id, Money{10830}});
}

void cannot_be_paid(ServiceCase& orders) {
    const std::string id = place_valid(orders);
    orders.when(payment::Failed{id, "NO_FUNDS"});
}

void is_out_of_stock(ServiceCase& orders) {
    const std::string id = place_paid(orders);
    orders.given(inventory::Rejected{.order_id = id, .reason = "OUT_OF_STOCK"})
        .when(payment::Refunded{id, Money{10830}});
}

void cannot_be_shipped(ServiceCase& orders) {
    const std::string id = place_paid(orders);
    orders.given(inventory::Reserved{id}).when(shipping::Cancelled{id});
}

void has_a_customer_who_moves(ServiceCase& orders) {
    orders.given(user::Created{"user-1", "ada@example.org", "+15550100"});
    place(orders);
    user::Updated moved{.user_id = "user-1", .fields = {"email", "phone"}};
    moved.email = "ada@example.com";
    moved.phone = "+15550101";
    orders.when(moved);
}

// [orders]
void add_orders(ContractTests& tests) {
    const std::string name = "order-service";
    tests.service(name, made_of<order_service::Orders>(name, schema::order_schema()));
    tests.scenario(name, "an order is delivered", is_delivered);
    tests.scenario(name, "an order names unknown products", names_unknown_products);
    tests.scenario(name, "an order is given up after its pick-up", is_given_up_after_its_pick_up);
    tests.scenario(name, "an order cannot be paid", cannot_be_paid);
    tests.scenario(name, "an order is out of stock", is_out_of_stock);
    tests.scenario(name, "an order cannot be shipped", cannot_be_shipped);
    tests.scenario(name, "a customer with an order moves", has_a_customer_who_moves);
}
// [/orders]

// ---------------------------------------------------------------------------------------- payments

/// An event as the first example of its contract has it.
template <Event E>
E example() {
    static const ContractSet set = parse_bundle(contracts_json()).value();
    E event;
    json::Reader reader{set.find(E::name.value, E::name.major)->examples.front()};
    read_data(reader, event).value();
    return event;
}

// [payments]
void add_payments(ContractTests& tests) {
    const std::string name = "payment-service";
    tests.service(name, made_of<payment_service::Payments>(name, schema::payment_schema(),
                                                           std::shared_ptr<EffectPort>{}));
    const payment_service::GatewayAnswer accepted{.accepted = true};
    tests.scenario(name, "the money is taken and given back", [accepted](ServiceCase& payments) {
        payments.given(example<order::Created>())
            .given(answered("gateway.charge", order_id, accepted))
            .given(order::PaymentRevoked{.order_id = order_id})
            .when(answered("gateway.refund", order_id, accepted));
    });
    const payment_service::GatewayAnswer declined{.accepted = false, .reason = "NO_FUNDS"};
    tests.scenario(name, "the gateway declines", [declined](ServiceCase& payments) {
        payments.given(example<order::Created>())
            .when(answered("gateway.charge", order_id, declined));
    });
}
// [/payments]

// --------------------------------------------------------------------------------------- inventory

Cause ten_in_stock() {
    return command("PUT", "/stock/sku-7", inventory_service::SetStock{.quantity = 10});
}

order::PaymentCompleted paid(std::int64_t quantity) {
    order::PaymentCompleted event{.order_id = order_id};
    event.reference = "order-7";
    event.items = {{.product_id = "sku-7", .quantity = quantity}};
    return event;
}

Cause warehouse(bool has_it) {
    return answered("warehouse.confirm", order_id,
                    inventory_service::WarehouseAnswer{.has_it = has_it});
}

void add_inventory(ContractTests& tests) {
    const std::string name = "inventory-service";
    tests.service(name, made_of<inventory_service::Inventory>(name, schema::inventory_schema(),
                                                              std::shared_ptr<EffectPort>{}));
    tests.scenario(name, "goods go out and come back", [](ServiceCase& inventory) {
        inventory.given(ten_in_stock())
            .given(paid(4))
            .given(warehouse(true))
            .given(shipping::Created{order_id, any_id})
            .given(shipping::Returned{order_id})
            .when(order::ReservationRevoked{.order_id = order_id});
    });
    tests.scenario(name, "goods are not picked up", [](ServiceCase& inventory) {
        inventory.given(ten_in_stock())
            .given(paid(4))
            .given(warehouse(true))
            .given(shipping::Created{order_id, any_id})
            .when(shipping::Cancelled{order_id});
    });
    tests.scenario(name, "more is wanted than is there",
                   [](ServiceCase& inventory) { inventory.given(ten_in_stock()).when(paid(11)); });
    tests.scenario(name, "an order is given up before the warehouse answers",
                   [](ServiceCase& inventory) {
                       inventory.given(ten_in_stock())
                           .given(paid(4))
                           .when(order::Cancelled{.order_id = order_id, .reason = "CUSTOMER"});
                   });
}

// ---------------------------------------------------------------------------------------- shipping

Cause carrier(const char* effect, bool delivered) {
    return answered(effect, order_id, shipping_service::CarrierAnswer{.delivered = delivered});
}

void add_shipping(ContractTests& tests) {
    const std::string name = "shipping-service";
    tests.service(name, made_of<shipping_service::Shipping>(name, schema::shipping_schema(),
                                                            std::shared_ptr<EffectPort>{}));
    const order::ReadyForShipping ready{.order_id = order_id, .user_id = "user-1"};
    const order::ShippingRevoked revoked{.order_id = order_id};
    tests.scenario(name, "a parcel is delivered and comes back", [=](ServiceCase& shipping) {
        shipping.given(ready)
            .given(carrier("carrier.pick_up", false))
            .given(carrier("carrier.track", true))
            .given(revoked)
            .when(carrier("carrier.recall", true));
    });
    tests.scenario(name, "a parcel is called back on its way", [=](ServiceCase& shipping) {
        shipping.given(ready)
            .given(carrier("carrier.pick_up", false))
            .given(revoked)
            .when(carrier("carrier.recall", false));
    });
}

// ------------------------------------------------------------------------------- products and
// users

void add_products(ContractTests& tests) {
    const std::string name = "product-service";
    tests.service(name, made_of<product_service::Catalogue>(name, schema::product_schema()));
    tests.scenario(name, "an order is judged", [](ServiceCase& products) {
        product_service::Product lamp{.product_id = "sku-7"};
        lamp.title = "Desk lamp";
        order::PendingValidation pending{.order_id = order_id, .user_id = "user-1"};
        pending.items = {{.product_id = "sku-7", .quantity = 2}};
        products.given(command("POST", "/products", lamp)).when(pending);
    });
}

void add_users(ContractTests& tests) {
    const std::string name = "user-service";
    tests.service(name, made_of<user_service::Users>(name, schema::user_schema()));
    tests.scenario(name, "a user comes and moves", [](ServiceCase& users) {
        user_service::CreateUser ada{.email = "ada@example.org", .phone = "+15550100"};
        ada.user_id = "user-1";
        user_service::ChangeUser moved;
        moved.phone = "+15550101";
        users.given(command("POST", "/users", ada)).when(command("PATCH", "/users/user-1", moved));
    });
}

// --------------------------------------------------------------------------------------- customers

/// Whose orders are cancelled when.
const OutsideWorld& stories() {
    static const OutsideWorld world = [] {
        std::istringstream csv{
            "reference,story\n"
            "order-7,cancelled_before_reservation\n"
            "order-8,cancelled_after_reservation\n"
            "order-9,cancelled_in_transit\n"};
        return OutsideWorld::read("stories", csv).value();
    }();
    return world;
}

struct Customers : customers::Customers {
    Customers() : customers::Customers(stories()) {}
};

order::Created created_for(std::string reference) {
    auto event = example<order::Created>();
    event.reference = std::move(reference);
    return event;
}

void add_customers(ContractTests& tests) {
    const std::string name = "customers";
    tests.service(
        name, made_of<Customers>(name, schema::customers_schema(), std::shared_ptr<EffectPort>{}));
    tests.scenario(name, "one cancels when it is paid", [](ServiceCase& customers) {
        customers.given(created_for("order-7"))
            .when(payment::Completed{order_id, any_id, Money{10830}});
    });
    tests.scenario(name, "one cancels when it is reserved", [](ServiceCase& customers) {
        customers.given(created_for("order-8")).when(inventory::Reserved{order_id});
    });
    tests.scenario(name, "one cancels when it is on its way", [](ServiceCase& customers) {
        customers.given(created_for("order-9")).when(shipping::Created{order_id, any_id});
    });
}

}  // namespace
}  // namespace shop

void contract_tests(tidings::ContractTests& tests) {
    tests.contracts(shop::contracts_json());
    shop::add_orders(tests);
    shop::add_payments(tests);
    shop::add_inventory(tests);
    shop::add_shipping(tests);
    shop::add_products(tests);
    shop::add_users(tests);
    shop::add_customers(tests);
}
