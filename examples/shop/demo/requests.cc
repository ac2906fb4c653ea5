#include "demo/requests.h"

#include "models/inventory_service.h"
#include "models/order_service.h"
#include "models/product_service.h"
#include "models/user_service.h"
#include "services/json_text.h"

#include <utility>

namespace shop {

namespace {

using namespace tidings;

io::HttpRequest request(std::string method, std::string path, std::string body) {
    io::HttpRequest http;
    http.method = std::move(method);
    http.path = std::move(path);
    http.target = http.path;
    http.body = std::move(body);
    return http;
}

}  // namespace

io::HttpRequest user_request(const SourceUser& user) {
    user_service::CreateUser body;
    body.user_id = user.id;
    body.email = email_of(user.id);
    body.phone = phone_of(user.id);
    return request("POST", "/users", to_json(body));
}

io::HttpRequest product_request(const SourceProduct& product) {
    return request("POST", "/products",
                   to_json(product_service::Product{.product_id = product.id}));
}

io::HttpRequest stock_request(const SourceProduct& product) {
    const inventory_service::SetStock body{.quantity = product.units.value_or(0),
                                           .unlimited = !product.units};
    return request("PUT", "/stock/" + product.id, to_json(body));
}

io::HttpRequest order_request(const SourceOrder& order) {
    order_service::CreateOrder body;
    body.reference = order.reference;
    body.user_id = std::string{order.user_id};
    body.purchased_at = order.purchased_at;
    for (const SourceItem& item : order.items) {
        body.items.push_back({.product_id = std::string{item.product_id},
                              .quantity = item.quantity,
                              .unit_price = item.unit_price,
                              .freight = item.freight});
    }
    for (const SourcePayment& payment : order.payments) {
        body.payments.push_back({.type = std::string{to_string(payment.type)},
                                 .installments = payment.installments,
                                 .amount = payment.amount});
    }
    return request("POST", "/orders", to_json(body));
}

}  // namespace shop
