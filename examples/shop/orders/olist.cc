#include "orders/olist.h"

#include <tidings/base/text.h>

#include "orders/csv.h"
#include "orders/olist_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <fstream>
#include <limits>
#include <span>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace shop {

using tidings::Error;
using tidings::ErrorCode;
using tidings::Money;
using tidings::quote;
using tidings::Result;

namespace {

/// Distinct ids, numbered in the order in which they came.
class Ids {
public:
    static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

    /// Returns the number of `id`, and whether it is new.
    std::pair<std::uint32_t, bool> add(std::string_view id) {
        if (const auto found = numbers_.find(id); found != numbers_.end()) {
            return {found->second, false};
        }
        const auto number = static_cast<std::uint32_t>(names_.size());
        numbers_.emplace(names_.emplace_back(id), number);
        return {number, true};
    }

    std::uint32_t find(std::string_view id) const {
        const auto found = numbers_.find(id);
        return found == numbers_.end() ? none : found->second;
    }

    std::size_t size() const noexcept { return names_.size(); }
    std::string take(std::size_t number) { return std::move(names_[number]); }

private:
    std::deque<std::string> names_;  // Never moves a string, so that the keys below stay.
    std::unordered_map<std::string_view, std::uint32_t> numbers_;
};

struct OrderRow {
    std::uint32_t user;
    tidings::Timestamp purchased_at;
    std::string_view status;  // One of `statuses`.
    bool approved;
    bool picked_up;
    bool delivered;
    bool has_items = false;
};

/// A row of items or payments: `number` says which of its order's it is, `line` where it stands.
struct ItemRow {
    std::uint32_t order;
    std::int32_t number;
    std::uint32_t line;
    std::uint32_t product;
    Money price;
    Money freight;
};

struct PaymentRow {
    std::uint32_t order;
    std::int32_t number;
    std::uint32_t line;
    SourcePayment payment;
};

constexpr std::array<std::string_view, 8> statuses{"created",     "approved", "invoiced",
                                                   "processing",  "shipped",  "delivered",
                                                   "unavailable", "canceled"};

/// Mapping v1. The order's own rows decide, nothing else. A missing approval counts as one, unless
/// the order was cancelled.
Story story_of(const OrderRow& order) {
    if (order.status == "delivered") return Story::delivered;
    if (order.status == "shipped") return Story::stays_in_transit;
    if (order.status == "invoiced" || order.status == "processing") return Story::not_picked_up;
    if (order.status == "approved") return Story::unanswered_by_warehouse;
    if (order.status == "created") return Story::unanswered_by_gateway;
    if (order.status == "unavailable") return Story::not_in_the_warehouse;
    if (!order.approved) return Story::payment_declined;
    if (!order.has_items) return Story::cancelled_before_reservation;
    if (order.delivered) return Story::returned_after_delivery;
    if (order.picked_up) return Story::cancelled_in_transit;
    return Story::cancelled_after_reservation;
}

/// Reads the files one after the other; each step leaves what the next ones refer to.
class OlistReader {
public:
    Result<OrderBook> read(const std::array<OlistFile, olist_files.size()>& files);

private:
    Result<void> read_customers(const OlistFile& file);
    Result<void> read_products(const OlistFile& file);
    Result<void> read_orders(const OlistFile& file);
    Result<void> read_items(const OlistFile& file);
    Result<void> read_payments(const OlistFile& file);
    OrderBook make_book();

    void keep_digest(std::string_view name, CsvReader& rows) {
        files_.push_back({std::string{name}, rows.digest()});
    }

    Ids customers_;
    std::vector<std::uint32_t> user_of_customer_;
    Ids users_;
    Ids products_;
    Ids order_ids_;
    std::vector<OrderRow> orders_;
    std::vector<ItemRow> items_;
    std::vector<PaymentRow> payments_;
    std::vector<SourceFile> files_;
};

/// Sorts rows by order and number. Refuses a number that an order has twice, and too many rows.
template <class Row>
Result<void> sort_rows(std::vector<Row>& rows, const CsvReader& file, std::size_t count_max) {
    std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
        return std::tie(a.order, a.number, a.line) < std::tie(b.order, b.number, b.line);
    });
    std::size_t count = 0;
    for (std::size_t i = 1; i < rows.size(); ++i) {
        count = rows[i].order == rows[i - 1].order ? count + 1 : 0;
        if (count > 0 && rows[i].number == rows[i - 1].number) {
            return file.error_at(rows[i].line,
                                 fmt::format("the order has number {} already, in line {}",
                                             rows[i].number, rows[i - 1].line),
                                 "remove one of the two rows");
        }
        if (count == count_max) {
            return file.error_at(rows[i].line,
                                 fmt::format("the order has more than {} rows", count_max),
                                 "split the order");
        }
    }
    return {};
}

Result<void> OlistReader::read_customers(const OlistFile& file) {
    enum { customer_id, unique_id };
    constexpr std::array<std::string_view, 2> columns{"customer_id", "customer_unique_id"};
    auto rows = CsvReader::open(file.path, *file.in, columns);
    if (!rows) return rows.error();
    for (;;) {
        const auto row = rows->next();
        if (!row) return row.error();
        if (!*row) break;
        const auto customer = read_id(*rows, customer_id);
        if (!customer) return customer.error();
        const auto user = read_id(*rows, unique_id);
        if (!user) return user.error();
        if (!customers_.add(*customer).second) {
            return rows->error(customer_id, fmt::format("{} is there twice", quote(*customer)),
                               "give each customer one row");
        }
        user_of_customer_.push_back(users_.add(*user).first);
    }
    keep_digest(olist_files[0], *rows);
    return {};
}

Result<void> OlistReader::read_products(const OlistFile& file) {
    constexpr std::array<std::string_view, 1> columns{"product_id"};
    auto rows = CsvReader::open(file.path, *file.in, columns);
    if (!rows) return rows.error();
    for (;;) {
        const auto row = rows->next();
        if (!row) return row.error();
        if (!*row) break;
        const auto product = read_id(*rows, 0);
        if (!product) return product.error();
        if (*product == unlisted_product) {
            return rows->error(0, fmt::format("{} is a reserved name", quote(*product)),
                               "orders without items come in with it; rename the product");
        }
        if (!products_.add(*product).second) {
            return rows->error(0, fmt::format("{} is there twice", quote(*product)),
                               "give each product one row");
        }
    }
    keep_digest(olist_files[1], *rows);
    return {};
}

Result<void> OlistReader::read_orders(const OlistFile& file) {
    enum { order_id, customer_id, status, purchased, approved, carrier, delivered };
    constexpr std::array<std::string_view, 7> columns{"order_id",
                                                      "customer_id",
                                                      "order_status",
                                                      "order_purchase_timestamp",
                                                      "order_approved_at",
                                                      "order_delivered_carrier_date",
                                                      "order_delivered_customer_date"};
    auto rows = CsvReader::open(file.path, *file.in, columns);
    if (!rows) return rows.error();
    for (;;) {
        const auto row = rows->next();
        if (!row) return row.error();
        if (!*row) break;
        const auto id = read_id(*rows, order_id);
        if (!id) return id.error();
        const auto customer = customers_.find(rows->field(customer_id));
        if (customer == Ids::none) {
            return rows->error(customer_id,
                               fmt::format("no customer {}", quote(rows->field(customer_id))),
                               fmt::format("each order's customer must be in {}", olist_files[0]));
        }
        const auto known = std::find(statuses.begin(), statuses.end(), rows->field(status));
        if (known == statuses.end()) {
            return rows->error(status, fmt::format("{} is no status", quote(rows->field(status))),
                               fmt::format("one of {}", fmt::join(statuses, ", ")));
        }
        const auto purchased_at = read_time(*rows, purchased);
        if (!purchased_at) return purchased_at.error();
        const auto approved_at = read_optional_time(*rows, approved);
        if (!approved_at) return approved_at.error();
        const auto carrier_at = read_optional_time(*rows, carrier);
        if (!carrier_at) return carrier_at.error();
        const auto delivered_at = read_optional_time(*rows, delivered);
        if (!delivered_at) return delivered_at.error();
        if (!order_ids_.add(*id).second) {
            return rows->error(order_id, fmt::format("{} is there twice", quote(*id)),
                               "give each order one row");
        }
        orders_.push_back({user_of_customer_[customer], *purchased_at, *known,
                           approved_at->has_value(), carrier_at->has_value(),
                           delivered_at->has_value()});
    }
    keep_digest(olist_files[2], *rows);
    return {};
}

Result<void> OlistReader::read_items(const OlistFile& file) {
    enum { order_id, number, product_id, price, freight };
    constexpr std::array<std::string_view, 5> columns{"order_id", "order_item_id", "product_id",
                                                      "price", "freight_value"};
    auto rows = CsvReader::open(file.path, *file.in, columns);
    if (!rows) return rows.error();
    for (;;) {
        const auto row = rows->next();
        if (!row) return row.error();
        if (!*row) break;
        const auto order = order_ids_.find(rows->field(order_id));
        if (order == Ids::none) {
            return rows->error(order_id, fmt::format("no order {}", quote(rows->field(order_id))),
                               fmt::format("each item's order must be in {}", olist_files[2]));
        }
        const auto item = read_number(*rows, number, 1, 1'000'000);
        if (!item) return item.error();
        const auto product = products_.find(rows->field(product_id));
        if (product == Ids::none) {
            return rows->error(product_id,
                               fmt::format("no product {}", quote(rows->field(product_id))),
                               fmt::format("each item's product must be in {}", olist_files[1]));
        }
        const auto amount = read_amount(*rows, price);
        if (!amount) return amount.error();
        const auto freight_amount = read_amount(*rows, freight);
        if (!freight_amount) return freight_amount.error();
        items_.push_back({order, *item, static_cast<std::uint32_t>(rows->line()), product, *amount,
                          *freight_amount});
        orders_[order].has_items = true;
    }
    keep_digest(olist_files[3], *rows);
    return sort_rows(items_, *rows, items_max);
}

Result<void> OlistReader::read_payments(const OlistFile& file) {
    enum { order_id, number, type, installments, value };
    constexpr std::array<std::string_view, 5> columns{
        "order_id", "payment_sequential", "payment_type", "payment_installments", "payment_value"};
    auto rows = CsvReader::open(file.path, *file.in, columns);
    if (!rows) return rows.error();
    for (;;) {
        const auto row = rows->next();
        if (!row) return row.error();
        if (!*row) break;
        const auto order = order_ids_.find(rows->field(order_id));
        if (order == Ids::none) {
            return rows->error(order_id, fmt::format("no order {}", quote(rows->field(order_id))),
                               fmt::format("each payment's order must be in {}", olist_files[2]));
        }
        const auto sequential = read_number(*rows, number, 1, 1'000'000);
        if (!sequential) return sequential.error();
        const auto known = parse_payment_type(rows->field(type));
        if (!known) {
            return rows->error(type, fmt::format("{} is no payment type", quote(rows->field(type))),
                               "one of credit_card, boleto, voucher, debit_card, not_defined");
        }
        const auto count = read_number(*rows, installments, 0, 1000);
        if (!count) return count.error();
        const auto amount = read_amount(*rows, value);
        if (!amount) return amount.error();
        payments_.push_back({order,
                             *sequential,
                             static_cast<std::uint32_t>(rows->line()),
                             {*known, *count, *amount}});
    }
    keep_digest(olist_files[4], *rows);
    return sort_rows(payments_, *rows, payments_max);
}

/// Everything has been checked; what is left is to put it together and in order.
OrderBook OlistReader::make_book() {
    OrderBook book;
    book.files = std::move(files_);
    book.users.reserve(users_.size());
    for (std::size_t i = 0; i < users_.size(); ++i) book.users.push_back({users_.take(i)});
    book.products.reserve(products_.size() + 1);
    for (std::size_t i = 0; i < products_.size(); ++i) {
        book.products.push_back({products_.take(i), stock_units_default});
    }
    book.products.push_back({std::string{unlisted_product}, std::nullopt});

    book.orders.reserve(orders_.size());
    auto item = items_.begin();
    auto payment = payments_.begin();
    for (std::uint32_t i = 0; i < orders_.size(); ++i) {
        SourceOrder order{
            order_ids_.take(i),  book.users[orders_[i].user].id, orders_[i].purchased_at, {}, {},
            story_of(orders_[i])};
        const auto items_end =
            std::find_if(item, items_.end(), [&](const ItemRow& row) { return row.order != i; });
        order.items.reserve(std::max<std::size_t>(1, static_cast<std::size_t>(items_end - item)));
        for (; item != items_end; ++item) {
            order.items.push_back({book.products[item->product].id, 1, item->price, item->freight});
        }
        if (order.items.empty()) order.items.push_back({book.products.back().id, 1, {}, {}});
        for (; payment != payments_.end() && payment->order == i; ++payment) {
            order.payments.push_back(payment->payment);
        }
        book.orders.push_back(std::move(order));
    }
    std::sort(
        book.orders.begin(), book.orders.end(), [](const SourceOrder& a, const SourceOrder& b) {
            return std::tie(a.purchased_at, a.reference) < std::tie(b.purchased_at, b.reference);
        });
    return book;
}

Result<OrderBook> OlistReader::read(const std::array<OlistFile, olist_files.size()>& files) {
    constexpr std::array steps{&OlistReader::read_customers, &OlistReader::read_products,
                               &OlistReader::read_orders, &OlistReader::read_items,
                               &OlistReader::read_payments};
    for (std::size_t i = 0; i < steps.size(); ++i) {
        if (auto done = (this->*steps[i])(files[i]); !done) return done.error();
    }
    return make_book();
}

}  // namespace

Result<OrderBook> read_olist(const std::array<OlistFile, olist_files.size()>& files) {
    return OlistReader{}.read(files);
}

Result<OrderBook> read_olist(const std::string& directory) {
    std::array<std::ifstream, olist_files.size()> streams;
    std::array<OlistFile, olist_files.size()> files;
    for (std::size_t i = 0; i < olist_files.size(); ++i) {
        const auto path = std::filesystem::path{directory} / olist_files[i];
        std::error_code ignored;  // What can't be looked at isn't a regular file either.
        if (!std::filesystem::is_regular_file(path, ignored)) {
            return Error{
                ErrorCode::not_found, fmt::format("{}: there is no such file", path.string()),
                fmt::format("give a directory that holds {}", fmt::join(olist_files, ", "))};
        }
        streams[i].open(path, std::ios::binary);
        if (!streams[i]) {
            return Error{ErrorCode::io_error,
                         fmt::format("{}: the file cannot be opened", path.string()),
                         "check who may read it"};
        }
        files[i] = {path.string(), &streams[i]};
    }
    return read_olist(files);
}

}  // namespace shop
