#include "demo/platform.h"

#include "schema/customers.h"
#include "schema/inventory.h"
#include "schema/order.h"
#include "schema/payment.h"
#include "schema/product.h"
#include "schema/shipping.h"
#include "schema/user.h"

namespace shop {

Platform::Platform(const OutsideWorld& outside, const Options& options) : customers_(outside) {
    order_service_.schema(schema::order_schema());
    orders_.add_to(order_service_);
    tidings::SagaRunner& saga = orders_.fulfilment();
    saga.set_deadline("payment", options.deadlines.payment).value();
    saga.set_deadline("inventory", options.deadlines.inventory).value();
    saga.set_deadline("pick-up", options.deadlines.pick_up).value();
    saga.set_deadline("delivery", options.deadlines.delivery).value();

    payment_service_.schema(schema::payment_schema());
    payments_.add_to(payment_service_, options.providers
                                           ? gateway_through(*options.providers, payment_service_)
                                       : options.port ? options.port("gateway")
                                                      : gateway_port(outside, options.late_answer));
    inventory_service_.schema(schema::inventory_schema());
    inventory_.add_to(inventory_service_, options.port
                                              ? options.port("warehouse")
                                              : warehouse_port(outside, options.late_answer));
    shipping_service_.schema(schema::shipping_schema());
    shipping_.add_to(
        shipping_service_,
        options.port ? options.port("carrier") : carrier_port(outside, options.late_answer),
        options.providers ? rates_through(*options.providers, shipping_service_) : nullptr);
    product_service_.schema(schema::product_schema());
    catalogue_.add_to(product_service_);
    user_service_.schema(schema::user_schema());
    users_.add_to(user_service_);
    customers_service_.schema(schema::customers_schema());
    customers_.add_to(customers_service_, cancellation_port(options.to_orders));
    for (tidings::Service* service : services()) service->contracts(contracts(), contracts_json());
}

std::vector<tidings::Service*> Platform::services() {
    return {&order_service_,   &payment_service_, &inventory_service_, &shipping_service_,
            &product_service_, &user_service_,    &customers_service_};
}

tidings::Service* Platform::find(std::string_view name) {
    for (tidings::Service* service : services()) {
        if (service->name() == name) return service;
    }
    return nullptr;
}

}  // namespace shop
