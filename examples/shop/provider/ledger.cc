#include "provider/ledger.h"

#include <tidings/base/assert.h>

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <utility>

namespace shop {

using namespace tidings;

namespace {

constexpr std::size_t fields_count = 6;

/// key, kind, order, cents, accepted, reason
std::optional<std::array<std::string, fields_count>> split(const std::string& line) {
    std::array<std::string, fields_count> fields;
    std::size_t begin = 0;
    for (std::size_t i = 0; i < fields_count; ++i) {
        const bool last = i + 1 == fields_count;
        const std::size_t end = last ? line.size() : line.find('\t', begin);
        if (end == std::string::npos) return std::nullopt;
        fields[i] = line.substr(begin, end - begin);
        begin = end + 1;
    }
    return fields;
}

}  // namespace

Result<void> Ledger::open(const std::string& path) {
    if (path.empty()) return {};
    std::ifstream old{path};
    std::string line;
    // The last line may have been cut off by the end of the process; it was never answered.
    while (std::getline(old, line) && !old.eof()) {
        const auto fields = split(line);
        Decision decision;
        if (fields) {
            const std::string& cents = (*fields)[3];
            const auto read =
                std::from_chars(cents.data(), cents.data() + cents.size(), decision.amount.cents);
            if (read.ec == std::errc{}) {
                decision.kind = (*fields)[1] == "refund" ? Kind::refund : Kind::charge;
                decision.order_id = (*fields)[2];
                decision.accepted = (*fields)[4] == "1";
                decision.reason = (*fields)[5];
                count(decision);
                decisions_.emplace((*fields)[0], decision);
                continue;
            }
        }
        return Error{ErrorCode::corruption, fmt::format("{} holds a line that is none", path),
                     "move the file away to begin a new ledger"};
    }
    file_.open(path, std::ios::app);
    if (file_) return {};
    return Error{ErrorCode::io_error, fmt::format("cannot write {}", path),
                 "name a file that may be written with --ledger"};
}

std::optional<Ledger::Decision> Ledger::find(std::string_view key) {
    const auto found = decisions_.find(key);
    if (found == decisions_.end()) return std::nullopt;
    ++totals_.repeats;
    return found->second;
}

void Ledger::add(const std::string& key, const Decision& decision) {
    const bool is_new = decisions_.emplace(key, decision).second;
    TIDINGS_ASSERT(is_new);
    count(decision);
    if (!file_.is_open()) return;
    file_ << fmt::format("{}\t{}\t{}\t{}\t{}\t{}\n", key,
                         decision.kind == Kind::refund ? "refund" : "charge", decision.order_id,
                         decision.amount.cents, decision.accepted ? 1 : 0, decision.reason)
          << std::flush;
}

void Ledger::count(const Decision& decision) {
    if (decision.kind == Kind::refund) {
        ++totals_.refunds;
        totals_.refunded = totals_.refunded + decision.amount;
        return;
    }
    if (!decision.accepted) {
        ++totals_.declined;
        return;
    }
    ++totals_.charges;
    totals_.captured = totals_.captured + decision.amount;
    if (++charges_of_[decision.order_id] > 1) ++totals_.double_charges;
}

}  // namespace shop
