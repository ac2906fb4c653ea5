#pragma once

#include <tidings/base/money.h>
#include <tidings/base/result.h>

#include <cstdint>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace shop {

/// What the payment provider has done with money, by idempotency key: the other side's books, in
/// which a charge that was made twice would show.
///
/// Limits    Everything is kept in memory, and in a file if there is one: a line for each decision,
///           handed to the operating system before it is answered. It survives `kill -9`, not a
///           loss of power.
/// Threads   One at a time.
class Ledger {
public:
    enum class Kind : std::uint8_t { charge, refund };
    struct Decision {
        Kind kind = Kind::charge;
        std::string order_id;
        tidings::Money amount;
        bool accepted = false;
        std::string reason;  ///< Of a charge that was declined.
    };
    struct Totals {
        std::int64_t charges = 0;  ///< Accepted.
        std::int64_t declined = 0;
        std::int64_t refunds = 0;
        std::int64_t double_charges =
            0;                     ///< Of an order that was charged before, under another key.
        std::int64_t repeats = 0;  ///< Keys that came again, and had no effect.
        std::int64_t changed_repeats = 0;  ///< Of these, with another order or amount: refused.
        tidings::Money captured;
        tidings::Money refunded;
    };

    /// Reads and continues the file at `path`; none if that is empty.
    /// Errors: `io_error`, `corruption`.
    tidings::Result<void> open(const std::string& path);

    /// Returns what was decided under this key before, if anything was.
    std::optional<Decision> find(std::string_view key);
    /// Writes down what is decided now. Requires: nothing was decided under this key.
    void add(const std::string& key, const Decision& decision);
    void refuse_changed() { ++totals_.changed_repeats; }
    const Totals& totals() const noexcept { return totals_; }

private:
    void count(const Decision& decision);

    std::map<std::string, Decision, std::less<>> decisions_;
    std::map<std::string, std::int64_t, std::less<>> charges_of_;  // By order.
    Totals totals_;
    std::ofstream file_;
};

}  // namespace shop
