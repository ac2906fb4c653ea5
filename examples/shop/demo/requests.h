#pragma once

#include <tidings/io/http.h>

#include "orders/order_book.h"

namespace shop {

/// The requests that bring a book to the platform: to the user, product, inventory and order
/// service.
tidings::io::HttpRequest user_request(const SourceUser& user);
tidings::io::HttpRequest product_request(const SourceProduct& product);
tidings::io::HttpRequest stock_request(const SourceProduct& product);
tidings::io::HttpRequest order_request(const SourceOrder& order);

}  // namespace shop
