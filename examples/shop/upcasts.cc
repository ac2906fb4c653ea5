// What other major versions of the shop's events say of the same facts.
#include <contracts/order.h>

namespace shop::order {

// [created]
// Until version 2 the shop sold in one currency, and no event named it.
v2::Created v1::upcast(const v1::Created& event) {
    return {.order_id = event.order_id,
            .user_id = event.user_id,
            .reference = event.reference,
            .items = event.items,
            .payments = event.payments,
            .total = {.amount = event.total, .currency = "BRL"}};
}
// [/created]

// [downcast]
// Consumers of version 1 would take any amount for reais.
std::optional<v1::Created> v2::downcast(const v2::Created& event) {
    if (event.total.currency != "BRL") return std::nullopt;
    return v1::Created{.order_id = event.order_id,
                       .user_id = event.user_id,
                       .reference = event.reference,
                       .items = event.items,
                       .payments = event.payments,
                       .total = event.total.amount};
}
// [/downcast]

}  // namespace shop::order
