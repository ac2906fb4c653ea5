#pragma once

#include <tidings/delivery/effect.h>
#include <tidings/io/http.h>

#include "orders/outside.h"

#include <functional>
#include <memory>

namespace shop {

/// The payment gateway, as far as the payment service sees it: `gateway.charge`, `gateway.refund`.
/// `late` is how long a late answer takes. `outside` must outlive the port; likewise below.
std::shared_ptr<tidings::EffectPort> gateway_port(const OutsideWorld& outside,
                                                  tidings::Duration late);

/// The warehouse: `warehouse.confirm`.
std::shared_ptr<tidings::EffectPort> warehouse_port(const OutsideWorld& outside,
                                                    tidings::Duration late);

/// The carrier: `carrier.pick_up`, `carrier.track`, `carrier.recall`.
std::shared_ptr<tidings::EffectPort> carrier_port(const OutsideWorld& outside,
                                                  tidings::Duration late);

/// Sends a request to the order service; the reply may come later, on another thread.
using SendRequest = std::function<void(tidings::io::HttpRequest, tidings::io::HttpReply)>;

/// How customers reach the order service: `order.cancel`, repeated until it is accepted.
std::shared_ptr<tidings::EffectPort> cancellation_port(SendRequest send);

}  // namespace shop
