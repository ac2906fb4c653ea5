#pragma once

#include <tidings/service/service.h>
#include <tidings/view/table.h>

#include "contracts/all.h"
#include "models/product_service.h"

namespace shop::product_service {

/// The product service: keeps the catalogue, and judges what orders name of it.
class Catalogue {
public:
    /// Lists a product; the same again changes nothing.
    tidings::Reply list(const Product& body, const tidings::Request& http,
                        tidings::Transaction& tx);

    void on(const order::PendingValidation& event, tidings::Transaction& tx);

    void add_to(tidings::Service& service);

private:
    tidings::Table<Product> products_;
};

}  // namespace shop::product_service
