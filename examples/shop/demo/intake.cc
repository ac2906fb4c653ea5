#include "demo/intake.h"

#include "demo/requests.h"

#include <algorithm>

namespace shop {

namespace {

using namespace tidings;

constexpr Duration pause = 2ms;

bool is_refused_for_now(int status) { return status == 503 || status == 507 || status == 504; }

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
    switch (request.kind) {
        case Kind::user:
            return user_request(book_.users[request.index]);
        case Kind::product:
            return product_request(book_.products[request.index]);
        case Kind::stock:
            return stock_request(book_.products[request.index]);
        case Kind::order:
            break;
    }
    return order_request(book_.orders[request.index]);
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
