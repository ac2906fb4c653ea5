#include "services/product/catalogue.h"

#include <set>

namespace shop::product_service {

using namespace tidings;

Reply Catalogue::list(const Product& body, const Request&, Transaction& tx) {
    const std::optional<Product> known = products_.find(tx, body.product_id);
    if (!known || *known != body) {
        products_.put(tx, body);
        product::Listed event{.product_id = body.product_id};
        event.title = body.title;
        event.category = body.category;
        tx.publish(event);
    }
    return Reply::accepted("/products/" + body.product_id, body);
}

void Catalogue::on(const order::PendingValidation& event, Transaction& tx) {
    std::set<std::string> seen;
    product::ValidationCompleted judged{.order_id = event.order_id};
    for (const auto& item : event.items) {
        if (!seen.insert(item.product_id).second) continue;
        if (!products_.find(tx, item.product_id)) judged.invalid_items.push_back(item.product_id);
    }
    judged.is_valid = judged.invalid_items.empty();
    tx.publish(judged);
}

void Catalogue::add_to(Service& service) {
    service.on<order::PendingValidation>(*this);
    service.command<Product>("POST", "/products",
                             [this](const Product& body, const Request& http, Transaction& tx) {
                                 return list(body, http, tx);
                             });
    service.get("/products/{productId}", [this](const Request& http, StoreTransaction& tx) {
        return Reply::json(200, products_.get(tx, http.parameter("productId")));
    });
}

}  // namespace shop::product_service
