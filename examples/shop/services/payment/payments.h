#pragma once

#include <tidings/service/service.h>
#include <tidings/view/table.h>

#include "contracts/all.h"
#include "models/payment_service.h"

#include <memory>
#include <string>

namespace shop::payment_service {

/// The payment service: captures an order's money, and gives it back.
class Payments {
public:
    void on(const order::Created& event, tidings::Transaction& tx);
    void on(const order::PaymentRevoked& event, tidings::Transaction& tx);

    /// Adds handlers and API. The gateway answers `gateway.charge` and `gateway.refund`.
    void add_to(tidings::Service& service, const std::shared_ptr<tidings::EffectPort>& gateway);

private:
    void charged(const tidings::EffectAnswer& answer, tidings::Transaction& tx);
    void refunded(const tidings::EffectAnswer& answer, tidings::Transaction& tx);
    void refuse(Payment& payment, const std::string& reason, tidings::Transaction& tx);
    void ask(std::string_view effect, const Payment& payment, tidings::Transaction& tx) const;

    tidings::Table<Payment> payments_;
};

}  // namespace shop::payment_service
