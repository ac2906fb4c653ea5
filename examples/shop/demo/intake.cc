#include "demo/intake.h"

#include "models/inventory_service.h"
#include "models/order_service.h"
#include "models/product_service.h"
#include "models/user_service.h"
#include "services/json_text.h"

#include <algorithm>

namespace shop {

namespace {

using namespace tidings;

constexpr Duration pause = 2ms;

bool is_refused_for_now(int status) { return status == 503 || status == 507 || status == 504; }

std::string order_body(const SourceOrder& order) {
    order_service::CreateOrder body;
    body.reference = order.reference;
    body.user_id = std::string{order.user_id};
    body.purchased_at = order.purchased_at;
    for (const SourceItem& item : order.items) {
        body.items.push_back({.product_id = std::string{item.product_id},
                              .quantity = item.quantity,
                              .unit_price = item.unit_price,
                              .freight = item.freight});
    }
    for (const SourcePayment& payment : order.payments) {
        body.payments.push_back({.type = std::string{to_string(payment.type)},
                                 .installments = payment.installments,
                                 .amount = payment.amount});
    }
    return to_json(body);
}

}  // namespace

Intake::Intake(io::World& world, const OrderBook& book, Taken taken, SendRequest send,
               std::function<bool()> imported)
    : world_(world), book_(book), send_(std::move(send)), imported_(std::move(imported)) {
    const auto add = [this](Kind kind, std::size_t index) {
        requests_.push_back({kind, static_cast<std::uint32_t>(index)});
    };
    for (std::size_t i = 0; i < book.users.size(); ++i) {
        if (!taken.users.contains(book.users[i].id)) add(Kind::user, i);
    }
    for (std::size_t i = 0; i < book.products.size(); ++i) {
        if (!taken.products.contains(book.products[i].id)) add(Kind::product, i);
    }
    for (std::size_t i = 0; i < book.products.size(); ++i) {
        if (!taken.stock.contains(book.products[i].id)) add(Kind::stock, i);
    }
    first_order_ = requests_.size();
    for (std::size_t i = 0; i < book.orders.size(); ++i) {
        if (taken.orders.contains(book.orders[i].reference)) {
            ++orders_accepted_;
        } else {
            add(Kind::order, i);
        }
    }
}

io::HttpRequest Intake::make(const Request& request) const {
    io::HttpRequest http;
    http.method = "POST";
    switch (request.kind) {
        case Kind::user: {
            const std::string& id = book_.users[request.index].id;
            user_service::CreateUser body;
            body.user_id = id;
            body.email = email_of(id);
            body.phone = phone_of(id);
            http.path = "/users";
            http.body = to_json(body);
            break;
        }
        case Kind::product:
            http.path = "/products";
            http.body =
                to_json(product_service::Product{.product_id = book_.products[request.index].id});
            break;
        case Kind::stock: {
            const SourceProduct& product = book_.products[request.index];
            http.method = "PUT";
            http.path = "/stock/" + product.id;
            http.body = to_json(inventory_service::SetStock{.quantity = product.units.value_or(0),
                                                            .unlimited = !product.units});
            break;
        }
        case Kind::order:
            http.path = "/orders";
            http.body = order_body(book_.orders[request.index]);
            break;
    }
    http.target = http.path;
    return http;
}

void Intake::answer(std::size_t at, const io::HttpResponse& response) {
    --in_flight_;
    if (is_refused_for_now(response.status)) {
        const std::lock_guard lock{mutex_};
        again_.push_back(at);
    } else if (response.status >= 300) {
        const std::lock_guard lock{mutex_};
        error_ = Error{ErrorCode::invalid_argument, "the platform refused a request with status " +
                                                        std::to_string(response.status) + ": " +
                                                        response.body};
    } else {
        ++answered_;
        if (requests_[at].kind == Kind::order) ++orders_accepted_;
    }
    wakeup().notify();
}

bool Intake::send(std::size_t at) {
    ++in_flight_;
    send_(make(requests_[at]),
          [this, at](const io::HttpResponse& response) { answer(at, response); });
    const std::lock_guard lock{mutex_};
    return again_.empty();
}

TimePoint Intake::poll(TimePoint now) {
    // A refusal rings the bell like any answer; that must not make the pause shorter.
    if (now < not_before_) return not_before_;
    std::vector<std::size_t> again;
    {
        const std::lock_guard lock{mutex_};
        if (error_) return when_woken;
        again.swap(again_);
    }
    std::sort(again.begin(), again.end());
    for (std::size_t i = 0; i < again.size(); ++i) {
        if (send(again[i])) continue;
        const std::lock_guard lock{mutex_};
        again_.insert(again_.end(), again.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                      again.end());
        return not_before_ = now + pause;
    }
    if (importing_ && next_ == first_order_) {
        if (answered_ < first_order_ || !imported_()) return now + pause;
        importing_ = false;
    }
    const std::size_t end = importing_ ? first_order_ : requests_.size();
    while (next_ < end && in_flight_ < window) {
        if (!send(next_++)) return not_before_ = now + pause;
    }
    return importing_ && next_ == end ? now + pause : when_woken;
}

std::optional<Error> Intake::error() const {
    const std::lock_guard lock{mutex_};
    return error_;
}

}  // namespace shop
