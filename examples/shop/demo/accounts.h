#pragma once

#include "demo/hosts.h"
#include "orders/outcomes.h"

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace shop {

/// What the platform's own databases say of all orders.
struct Accounts {
    std::vector<OrderAccount> orders;      ///< Those with a reference.
    std::vector<StockDecision> decisions;  ///< Likewise.
    std::map<std::string, std::int64_t> by_state;
    std::map<std::string, std::int64_t> by_outcome;
    std::map<std::string, std::int64_t> cancelled_by_cause;
    std::int64_t captured_cents = 0;  ///< By the payment service's books.
    std::int64_t refunded_cents = 0;
    std::int64_t products_sold_out = 0;
    std::vector<double> saga_seconds;  ///< Of each saga that is over, sorted.
};

/// A rule that must hold of a platform at rest.
struct Invariant {
    explicit Invariant(std::string text) : rule(std::move(text)) {}

    std::string rule;
    std::int64_t checked = 0;             ///< How many things were looked at.
    std::vector<std::string> violations;  ///< At most `violations_max` are told in full.
    std::int64_t violation_count = 0;

    static constexpr std::size_t violations_max = 5;
    void violated(std::string what);
    bool holds() const noexcept { return violation_count == 0; }
};

/// Reads the accounts. Requires: the platform is at rest. Throws Failure.
Accounts read_accounts(const Hosts& hosts);

/// Checks every invariant of the shop against databases and logs. Throws Failure.
std::vector<Invariant> check_invariants(const Hosts& hosts);

}  // namespace shop
