#pragma once

#include <tidings/delivery/dead_letters.h>
#include <tidings/store/store.h>

#include "delivery/held.h"

#include <string>

namespace tidings {

/// Returns the one group of dead letters whose id begins with `beginning`; empty if there is none.
/// Throws Failure with `conflict` if there are several.
std::string full_group(StoreTransaction& tx, const std::string& beginning);

/// Returns an event as the audit record keeps it, so that nothing of it is lost: a JSON object.
std::string kept_whole(const DeadLetter& letter);

/// Throws Failure with `invalid_argument` if nobody says who acts, or why where that is needed,
/// `limit_exceeded` if either is too long for the audit record.
void check_actor(const Actor& actor, bool needs_reason);

/// Adds one line to the audit record; its number is filled in.
void write_audit(StoreTransaction& tx, AuditEntry entry);

/// Returns a line about an act on `letter`, with `before` and `after` to be filled in.
AuditEntry audit_of(const DeadLetter& letter, std::string_view act, std::string chosen,
                    const Actor& actor, Timestamp now);

}  // namespace tidings
