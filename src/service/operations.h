#pragma once

#include <tidings/delivery/dead_letters.h>
#include <tidings/delivery/transaction.h>
#include <tidings/io/http.h>
#include <tidings/saga/stored_sagas.h>

#include "service/router.h"

#include <functional>
#include <string>
#include <vector>

namespace tidings {

/// The administrative side of a host's HTTP: dead letters, sagas and the audit record.
///
///     GET  /dead-letters                       the groups of all services here
///     GET  /dead-letters/{service}             a page of one's letters
///     GET  /dead-letters/{service}/groups      its groups
///     GET  /dead-letters/{service}/{position}  one letter with its history
///     POST /dead-letters/{service}/redrive     and discard, edit, rehearsed
///     GET  /audit/{service}                    who did what
///     GET  /sagas/{service}                    instances of sagas that need an operator
///     POST /sagas/{service}/made-good          and undo-again
///
/// Threads   `handle` from any thread, after the last `add`.
class Operations {
public:
    /// A service, as far as its operators reach into it.
    struct Target {
        std::string name;
        /// Reads what is committed, at once.
        std::function<void(const std::function<io::HttpResponse(StoreTransaction&)>&,
                           const io::HttpReply&)>
            look;
        /// Runs as a command of the service that administers held events.
        std::function<void(const io::HttpRequest&, std::function<io::HttpResponse(Transaction&)>,
                           const io::HttpReply&)>
            act;
        /// The same for what leaves held events alone.
        std::function<void(const io::HttpRequest&, std::function<io::HttpResponse(Transaction&)>,
                           const io::HttpReply&)>
            change;
        ContractCheck check;
        std::vector<SagaRunner*> sagas{};
    };

    Operations();
    void add(Target target) { targets_.push_back(std::move(target)); }
    void clear() noexcept { targets_.clear(); }

    /// Answers a request if its path is one of these, and says whether it was.
    bool handle(const io::HttpRequest& request, const io::HttpReply& reply) const;

private:
    using Parameters = Router::Parameters;

    const Target* find(const std::string& name) const;
    void dispatch(std::size_t route, const Parameters& parameters, const io::HttpRequest& request,
                  const io::HttpReply& reply) const;
    static void decide_saga(SagaAct act, const Target& target, const io::HttpRequest& request,
                            const io::HttpReply& reply);
    void all_groups(const io::HttpReply& reply) const;

    Router router_;
    std::vector<Target> targets_;
};

}  // namespace tidings
