#pragma once

#include <tidings/saga/saga.h>

#include "contracts/all.h"
#include "models/order_service.h"

namespace shop::order_service {

/// 4.2  Drives one order from payment to delivery; makes good what was done if a step fails.
tidings::Saga<Fulfilment> fulfilment();

}  // namespace shop::order_service
