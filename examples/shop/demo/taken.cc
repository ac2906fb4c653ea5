#include "demo/taken.h"

namespace shop {

namespace {

std::unordered_set<std::string> read_set(const tidings::Host& host, std::string_view service,
                                         std::string_view query) {
    std::unordered_set<std::string> values;
    const auto reader = host.reader(service).value();
    tidings::Rows rows = reader->query(query);
    while (rows.next()) values.insert(rows.row().get<std::string>(0));
    return values;
}

}  // namespace

Taken read_taken(const tidings::Host& host) {
    return {read_set(host, "user-service", "SELECT user_id FROM users"),
            read_set(host, "product-service", "SELECT product_id FROM products"),
            read_set(host, "inventory-service", "SELECT product_id FROM stock"),
            read_set(host, "order-service",
                     "SELECT reference FROM orders WHERE reference IS NOT NULL")};
}

}  // namespace shop
