#include "demo/report.h"

#include <fmt/format.h>

#include <algorithm>

namespace shop {

namespace {

std::string table(const std::string& title, const std::map<std::string, std::int64_t>& rows) {
    std::string text = title + "\n";
    for (const auto& [name, count] : rows) text += fmt::format("  {:<32}{:>10}\n", name, count);
    return text;
}

double quantile(const std::vector<double>& sorted, double part) {
    if (sorted.empty()) return 0;
    const auto at = static_cast<std::size_t>(part * static_cast<double>(sorted.size() - 1));
    return sorted[at];
}

}  // namespace

std::string report(const Accounts& accounts, const std::vector<Invariant>& invariants,
                   const RunFigures& figures, std::optional<std::int64_t> stock) {
    std::string text = table("Orders by state", accounts.by_state);
    text += table("Orders by outcome", accounts.by_outcome);
    text += table("Cancelled by cause", accounts.cancelled_by_cause);
    text += fmt::format("Money\n  {:<32}{:>10.2f}\n  {:<32}{:>10.2f}\n", "captured",
                        static_cast<double>(accounts.captured_cents) / 100, "refunded",
                        static_cast<double>(accounts.refunded_cents) / 100);
    if (stock) {
        text += table(fmt::format("Scenario stock_{}", *stock),
                      named(stock_figures(accounts.decisions, accounts.products_sold_out)));
    }
    const double seconds = std::chrono::duration<double>(figures.elapsed).count();
    text += fmt::format(
        "Speed\n  {:<32}{:>10.3f} s at p50, {:.3f} s at p99\n"
        "  {:<32}{:>10.1f} s\n  {:<32}{:>10.0f} orders/s, {:.0f} events/s, {:.0f} steps/s\n",
        "saga duration", quantile(accounts.saga_seconds, 0.5),
        quantile(accounts.saga_seconds, 0.99), "this run took", seconds, "which is",
        static_cast<double>(figures.orders) / std::max(seconds, 1e-9),
        static_cast<double>(figures.events) / std::max(seconds, 1e-9),
        static_cast<double>(figures.steps) / std::max(seconds, 1e-9));
    text += "Invariants\n";
    for (const Invariant& invariant : invariants) {
        text += fmt::format("  {}  {} ({} checked)\n", invariant.holds() ? "holds " : "BROKEN",
                            invariant.rule, invariant.checked);
        for (const std::string& violation : invariant.violations) {
            text += fmt::format("            {}\n", violation);
        }
        if (invariant.violation_count > static_cast<std::int64_t>(invariant.violations.size())) {
            text += fmt::format("            {} violations in all\n", invariant.violation_count);
        }
    }
    return text;
}

}  // namespace shop
