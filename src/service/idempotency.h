#pragma once

#include <tidings/base/result.h>
#include <tidings/delivery/transaction.h>
#include <tidings/io/http.h>
#include <tidings/store/store.h>

#include <functional>
#include <optional>
#include <span>
#include <string>

namespace tidings {

/// The tables that the API keeps in every service's database, by version.
std::span<const Migration> api_migrations();

/// The name that a caller gave a request, so that asking again is not asking for more.
struct IdempotencyKey {
    std::string text;     ///< As the caller sent it.
    std::string request;  ///< What it was sent with: method, target, size and checksum of the body.
};

/// How long answers are remembered: until they are older than this *and* so many newer ones came.
/// The number keeps a clock that jumped from making the service forget what it did a moment ago.
constexpr Duration answers_horizon = 24h;
constexpr std::int64_t answers_kept_min = 10'000;

/// Returns the key of a request that has one. Errors: `invalid_argument`.
Result<std::optional<IdempotencyKey>> idempotency_key_of(const io::HttpRequest& request);

/// Answers a request once: runs it and keeps its answer in the same transaction, or returns the
/// answer that was kept the first time. A key that came with another request is answered with 422.
///
/// What throws is not kept: it has changed nothing, so that asking again is asking anew.
/// Throws Failure.
io::HttpResponse answer_once(Transaction& tx, const IdempotencyKey& key,
                             const std::function<io::HttpResponse()>& run);

}  // namespace tidings
