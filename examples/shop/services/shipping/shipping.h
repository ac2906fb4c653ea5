#pragma once

#include <tidings/service/service.h>
#include <tidings/view/table.h>

#include "contracts/all.h"
#include "models/shipping_service.h"

#include <memory>

namespace shop::shipping_service {

/// The shipping service: hands orders to the carrier, and calls them back.
class Shipping {
public:
    void on(const order::ReadyForShipping& event, tidings::Transaction& tx);
    void on(const order::ShippingRevoked& event, tidings::Transaction& tx);

    /// Adds handlers and API. The carrier answers `carrier.pick_up`, `carrier.track` and
    /// `carrier.recall`.
    void add_to(tidings::Service& service, const std::shared_ptr<tidings::EffectPort>& carrier);

private:
    void picked_up(const tidings::EffectAnswer& answer, tidings::Transaction& tx);
    void tracked(const tidings::EffectAnswer& answer, tidings::Transaction& tx);
    void recalled(const tidings::EffectAnswer& answer, tidings::Transaction& tx);
    void delivered(Shipment& shipment, tidings::Transaction& tx);
    void ask(std::string_view effect, const Shipment& shipment, tidings::Transaction& tx) const;

    tidings::Table<Shipment> shipments_;
};

}  // namespace shop::shipping_service
