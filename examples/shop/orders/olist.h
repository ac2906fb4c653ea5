#pragma once

#include <tidings/base/result.h>

#include "orders/order_book.h"

#include <array>
#include <istream>
#include <string>
#include <string_view>

namespace shop {

/// The files of the data set that orders are made of, in the order in which they are read.
inline constexpr std::array<std::string_view, 5> olist_files{
    "olist_customers_dataset.csv", "olist_products_dataset.csv", "olist_orders_dataset.csv",
    "olist_order_items_dataset.csv", "olist_order_payments_dataset.csv"};

/// Reads the orders of the public Olist data set (Brazilian e-commerce) from `directory`.
///
/// The files are input of strangers. Whatever breaks a rule ends in an error that names file, line
/// and rule, and nothing is read: columns that are missing, a row that is no CSV; ids that are not
/// 1 to 64 of `[a-zA-Z0-9_-]`, or come twice; a customer, order or product that is referred to and
/// not there; amounts that are no decimal with two places from 0.00 to `amount_max`; numbers,
/// times, statuses and payment types that are none; more than `items_max` items of one order.
///
/// An order's user is the person (`customer_unique_id`), its story follows from its status and
/// times (mapping v1). Local times are taken as they stand, as if they were UTC.
///
/// Errors: `not_found` for a missing directory or file, `io_error`, and those of `CsvReader`.
tidings::Result<OrderBook> read_olist(const std::string& directory);

/// A file of the data set, open.
struct OlistFile {
    std::string path;  ///< For errors.
    std::istream* in;
};

/// Reads the same from streams, in the order of `olist_files`.
tidings::Result<OrderBook> read_olist(const std::array<OlistFile, olist_files.size()>& files);

}  // namespace shop
