#pragma once

#include <tidings/service/host.h>
#include <tidings/service/service.h>

#include "demo/outside_ports.h"
#include "demo/providers.h"
#include "orders/outside.h"
#include "services/customers/customers.h"
#include "services/inventory/inventory.h"
#include "services/order/orders.h"
#include "services/payment/payments.h"
#include "services/product/catalogue.h"
#include "services/shipping/shipping.h"
#include "services/user/users.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace shop {

/// How long the order saga waits for the outside world; zero: for ever.
struct SagaDeadlines {
    tidings::Duration payment{0};
    tidings::Duration inventory{0};
    tidings::Duration pick_up{0};
    tidings::Duration delivery{0};
};

/// For runs that are waited for: what stays unanswered is given up after seconds, and what comes
/// late comes after that.
inline constexpr SagaDeadlines short_deadlines{std::chrono::seconds{2}, std::chrono::seconds{2},
                                               std::chrono::seconds{2}, std::chrono::seconds{30}};
inline constexpr tidings::Duration late_answer_default = std::chrono::seconds{4};

/// The shop: its six services, and the customers who cancel. A declaration; a Host runs it.
class Platform {
public:
    struct Options {
        SagaDeadlines deadlines;
        tidings::Duration late_answer{0};  ///< How long the outside world's late answers take.
        SendRequest to_orders;             ///< Reaches the order service.
        /// Reaches `gateway`, `warehouse` and `carrier`; without, they are played in this process.
        std::function<std::shared_ptr<tidings::EffectPort>(const std::string& dependency)> port{};
        /// The payment provider and the carrier's rates as services of others. Without, payments
        /// are answered in this process, and no rates are asked for.
        std::optional<Providers> providers{};
    };

    /// `outside` must outlive the platform.
    Platform(const OutsideWorld& outside, const Options& options);

    /// All services, the customers last.
    std::vector<tidings::Service*> services();
    /// The service of that name, or nothing.
    tidings::Service* find(std::string_view name);

private:
    order_service::Orders orders_;
    payment_service::Payments payments_;
    inventory_service::Inventory inventory_;
    shipping_service::Shipping shipping_;
    product_service::Catalogue catalogue_;
    user_service::Users users_;
    customers::Customers customers_;
    tidings::Service order_service_{"order-service"};
    tidings::Service payment_service_{"payment-service"};
    tidings::Service inventory_service_{"inventory-service"};
    tidings::Service shipping_service_{"shipping-service"};
    tidings::Service product_service_{"product-service"};
    tidings::Service user_service_{"user-service"};
    tidings::Service customers_service_{"customers"};
};

}  // namespace shop
