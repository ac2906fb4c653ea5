#include "services/customers/customers.h"

namespace shop::customers {

using namespace tidings;

void Customers::on(const order::Created& event, Transaction& tx) {
    if (!event.reference) return;
    std::string_view at;
    switch (outside_.of(*event.reference).cancellation) {
        case shop::Cancellation::never:
            return;
        case shop::Cancellation::on_payment_completed:
            at = payment::Completed::name.value;
            break;
        case shop::Cancellation::on_inventory_reserved:
            at = inventory::Reserved::name.value;
            break;
        case shop::Cancellation::on_shipping_created:
            at = shipping::Created::name.value;
            break;
    }
    intentions_.put(tx, {.order_id = event.order_id, .on_event = std::string{at}});
    // The event may have come before this one: the topics are read side by side.
    const auto seen = tx.value<std::int64_t>("SELECT 1 FROM seen WHERE order_id = $1 AND type = $2",
                                             event.order_id, at);
    if (seen) tx.request("order.cancel", event.order_id, "{}");
}

void Customers::happened(const std::string& order_id, std::string_view type, Transaction& tx) {
    const std::optional<Intention> intention = intentions_.find(tx, order_id);
    if (!intention) {
        tx.execute("INSERT INTO seen (order_id, type) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                   order_id, type);
        return;
    }
    if (intention->on_event == type) tx.request("order.cancel", order_id, "{}");
}

void Customers::on(const payment::Completed& event, Transaction& tx) {
    happened(event.order_id, payment::Completed::name.value, tx);
}

void Customers::on(const inventory::Reserved& event, Transaction& tx) {
    happened(event.order_id, inventory::Reserved::name.value, tx);
}

void Customers::on(const shipping::Created& event, Transaction& tx) {
    happened(event.order_id, shipping::Created::name.value, tx);
}

void Customers::add_to(Service& service, const std::shared_ptr<EffectPort>& orders) {
    service.owns({});
    service.on<order::Created, payment::Completed, inventory::Reserved, shipping::Created>(*this);
    service.effect("order.cancel", orders, [](const EffectAnswer&, Transaction&) {});
}

}  // namespace shop::customers
