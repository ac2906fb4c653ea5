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
    /// `carrier.recall`. Where there are `rates`, they are asked for `carrier.rate` before a parcel
    /// is handed over.
    void add_to(tidings::Service& service, const std::shared_ptr<tidings::EffectPort>& carrier,
                const std::shared_ptr<tidings::EffectPort>& rates = nullptr);

private:
    void rated(const tidings::EffectAnswer& answer, tidings::Transaction& tx);
    void picked_up(const tidings::EffectAnswer& answer, tidings::Transaction& tx);
    void tracked(const tidings::EffectAnswer& answer, tidings::Transaction& tx);
    void recalled(const tidings::EffectAnswer& answer, tidings::Transaction& tx);
    void delivered(Shipment& shipment, tidings::Transaction& tx);
    void ask(std::string_view effect, const Shipment& shipment, tidings::Transaction& tx) const;

    tidings::Table<Shipment> shipments_;
    bool asks_for_rates_ = false;
};

}  // namespace shop::shipping_service
