#pragma once

#include <tidings/base/result.h>
#include <tidings/delivery/dead_letters.h>
#include <tidings/saga/stored_sagas.h>

#include "directory.h"

#include <memory>
#include <string>

namespace tidings::cli {

/// The way to act on one service's dead letters and sagas: through the service where it runs, or
/// through its database, under its lock, where it is stopped. Both end in the same core,
/// `DeadLetters` and `StoredSagas`. Tables stay of the version that they are, so that the build
/// that wrote them opens them again.
class Door {
public:
    virtual ~Door() = default;

    /// Errors: `unavailable` (somebody holds the database and does not answer), `unsupported` (of
    /// another version), `not_found`.
    static Result<std::unique_ptr<Door>> open(const Directory& directory,
                                              const std::string& service);

    // Each does one part, `pace.count_max` letters at most. Errors: what the core says; and
    // `unavailable` if the service broke off, when it is not known whether it was done.
    virtual Result<DeadLetterAct> redrive(const DeadLetterChoice& choice,
                                          const DeadLetters::Pace& pace, const Actor& actor) = 0;
    virtual Result<DeadLetterAct> discard(const DeadLetterChoice& choice, std::size_t count_max,
                                          const Actor& actor) = 0;
    virtual Result<DeadLetterAct> edit(const DeadLetters::Edit& edit, const Actor& actor) = 0;
    /// Puts a rehearsal on the audit record.
    virtual Result<DeadLetterAct> rehearsed(const DeadLetterChoice& choice,
                                            const RehearsalResult& result, const Actor& actor) = 0;
    /// Decides about a saga whose compensation does not come. Returns how the instance is then;
    /// nothing if that is seen once the service runs. An empty correlation id stands for a new one.
    virtual Result<std::string> decide(const SagaDecision& decision, const Actor& actor,
                                       const std::string& correlation_id) = 0;
    /// Whether the service runs.
    virtual bool is_running() const noexcept = 0;
};

}  // namespace tidings::cli
