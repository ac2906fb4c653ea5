#pragma once

#include <tidings/testing/flow.h>

#include "schema/inventory.h"
#include "schema/order.h"
#include "schema/payment.h"
#include "schema/product.h"
#include "schema/shipping.h"
#include "services/inventory/inventory.h"
#include "services/order/orders.h"
#include "services/payment/payments.h"
#include "services/product/catalogue.h"
#include "services/shipping/shipping.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace shop {

// Each service of the shop as its program has it; the outside world is the test's.
struct OrderService {
    OrderService() {
        service.schema(schema::order_schema());
        orders.add_to(service);
    }
    order_service::Orders orders;
    tidings::Service service{"order-service"};
};

struct PaymentService {
    PaymentService() {
        service.schema(schema::payment_schema());
        payments.add_to(service, nullptr);
    }
    payment_service::Payments payments;
    tidings::Service service{"payment-service"};
};

struct InventoryService {
    InventoryService() {
        service.schema(schema::inventory_schema());
        inventory.add_to(service, nullptr);
    }
    inventory_service::Inventory inventory;
    tidings::Service service{"inventory-service"};
};

struct ShippingService {
    ShippingService() {
        service.schema(schema::shipping_schema());
        shipping.add_to(service, nullptr);
    }
    shipping_service::Shipping shipping;
    tidings::Service service{"shipping-service"};
};

struct ProductService {
    ProductService() {
        service.schema(schema::product_schema());
        catalogue.add_to(service);
    }
    product_service::Catalogue catalogue;
    tidings::Service service{"product-service"};
};

/// What a client orders: two of one product, paid by card.
inline order_service::CreateOrder an_order() {
    using tidings::Money;
    order_service::CreateOrder order{.user_id = "user-1"};
    order.items = {
        {.product_id = "sku-7", .quantity = 2, .unit_price = Money{4990}, .freight = Money{850}}};
    order.payments = {{.type = "credit_card", .installments = 3, .amount = Money{10830}}};
    return order;
}

/// The shop, step by step: five services, one product with ten in stock, and an outside world that
/// agrees to everything at once unless a test says otherwise.
class ShopFlow : public ::testing::Test {
protected:
    ShopFlow() {
        using tidings::command;
        add<OrderService>("order-service");
        add<PaymentService>("payment-service");
        add<InventoryService>("inventory-service");
        add<ShippingService>("shipping-service");
        add<ProductService>("product-service");
        flow.answers("gateway.charge", payment_service::GatewayAnswer{.accepted = true});
        flow.answers("gateway.refund", payment_service::GatewayAnswer{.accepted = true});
        flow.answers("warehouse.confirm", inventory_service::WarehouseAnswer{.has_it = true});
        flow.answers("carrier.pick_up", shipping_service::CarrierAnswer{});
        flow.answers("carrier.track", shipping_service::CarrierAnswer{.delivered = true});
        flow.answers("carrier.recall", shipping_service::CarrierAnswer{});
        flow.call("product-service",
                  command("POST", "/products", product_service::Product{.product_id = "sku-7"}));
        flow.call("inventory-service",
                  command("PUT", "/stock/sku-7", inventory_service::SetStock{.quantity = 10}));
    }

    /// Places an order; returns its id.
    std::string place() {
        const auto reply =
            flow.call("order-service", tidings::command("POST", "/orders", an_order()));
        EXPECT_EQ(reply.status, 202) << reply.body;
        order_service::OrderSummary placed;
        tidings::json::Reader reader{reply.body};
        EXPECT_TRUE(read_data(reader, placed));
        return placed.id;
    }

    static tidings::Expectation cancelled(const std::string& order, std::string_view reason) {
        return tidings::published(
            order::Cancelled{.order_id = order, .reason = std::string{reason}});
    }
    static tidings::Expectation stock(int available, int reserved, int shipped, int returned = 0) {
        return tidings::in("inventory-service",
                           tidings::row(inventory_service::Stock{.product_id = "sku-7",
                                                                 .start = 10,
                                                                 .available = available,
                                                                 .reserved = reserved,
                                                                 .shipped = shipped,
                                                                 .returned = returned}));
    }

    tidings::Flow flow;

private:
    template <class Whole>
    void add(const std::string& name) {
        flow.service(name, [] {
            auto whole = std::make_shared<Whole>();
            return std::shared_ptr<tidings::Service>{whole, &whole->service};
        });
    }
};

}  // namespace shop
