#pragma once

#include <tidings/io/http.h>
#include <tidings/io/worker.h>
#include <tidings/io/world.h>

#include "demo/outside_ports.h"
#include "orders/order_book.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

namespace shop {

/// What a directory has taken already, so that a second run goes on where the first stopped.
struct Taken {
    std::unordered_set<std::string> users;
    std::unordered_set<std::string> products;
    std::unordered_set<std::string> stock;
    std::unordered_set<std::string> orders;  ///< By reference.
};

/// Brings a book to the platform, through its API: users, products and stock first, then each order
/// in its place. Requests are pipelined; one that is refused for the moment is sent again, before
/// any after it.
///
/// Threads   `poll` one thread; the counts any.
class Intake : public tidings::io::Worker {
public:
    /// How many requests may wait for their answers at a time.
    static constexpr std::size_t window = 256;

    /// `book` must outlive it. `imported` is asked, once users, products and stock are in, whether
    /// orders may begin: the services need a moment to hear of the users.
    Intake(tidings::io::World& world, const OrderBook& book, Taken taken, SendRequest send,
           std::function<bool()> imported);

    tidings::TimePoint poll(tidings::TimePoint now) override;
    std::string_view name() const noexcept override { return "intake"; }

    /// Requests to send in all, and those answered.
    std::size_t total() const noexcept { return requests_.size(); }
    std::size_t answered() const noexcept { return answered_; }
    /// Orders answered, of the book's.
    std::size_t orders_accepted() const noexcept { return orders_accepted_; }
    bool is_done() const noexcept { return answered_ == requests_.size(); }
    /// Why it cannot go on, if it cannot: a request was refused for good.
    std::optional<tidings::Error> error() const;

private:
    enum class Kind : std::uint8_t { user, product, stock, order };
    struct Request {
        Kind kind;
        std::uint32_t index;
    };

    tidings::io::HttpRequest make(const Request& request) const;
    void answer(std::size_t at, const tidings::io::HttpResponse& response);
    /// Sends one; false if it was refused for the moment.
    bool send(std::size_t at);

    tidings::io::World& world_;
    const OrderBook& book_;
    SendRequest send_;
    std::function<bool()> imported_;
    std::vector<Request> requests_;
    std::size_t first_order_ = 0;
    std::size_t next_ = 0;
    bool importing_ = true;
    tidings::TimePoint not_before_{};  // After a refusal.

    std::atomic<std::size_t> in_flight_{0};
    std::atomic<std::size_t> answered_{0};
    std::atomic<std::size_t> orders_accepted_{0};
    mutable std::mutex mutex_;  // Guards what follows.
    std::vector<std::size_t> again_;
    std::optional<tidings::Error> error_;
};

}  // namespace shop
