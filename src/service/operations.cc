#include "service/operations.h"

#include <tidings/base/text.h>
#include <tidings/delivery/dead_letters_json.h>
#include <tidings/model/json.h>

#include "service/operation_requests.h"
#include "service/responses.h"
#include "service/saga_operations.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

namespace tidings {

namespace {

enum Route : std::size_t {
    groups_of_all,
    groups_of_one,
    list,
    show,
    redrive,
    discard,
    edit,
    rehearsed,
    audit,
    sagas,
    made_good,
    undo_again,
};

struct Entry {
    const char* method;
    const char* path;
};

/// In the order of `Route`; the first that fits a path is taken.
constexpr Entry entries[] = {
    {"GET", "/dead-letters"},
    {"GET", "/dead-letters/{service}/groups"},
    {"GET", "/dead-letters/{service}"},
    {"GET", "/dead-letters/{service}/{position}"},
    {"POST", "/dead-letters/{service}/redrive"},
    {"POST", "/dead-letters/{service}/discard"},
    {"POST", "/dead-letters/{service}/edit"},
    {"POST", "/dead-letters/{service}/rehearsed"},
    {"GET", "/audit/{service}"},
    {"GET", "/sagas/{service}"},
    {"POST", "/sagas/{service}/made-good"},
    {"POST", "/sagas/{service}/undo-again"},
};

template <class T>
void write_all(json::Writer& writer, std::string_view name, const std::string& service,
               const std::vector<T>& values) {
    writer.name(name);
    writer.begin_array();
    for (const T& value : values) write_json(writer, service, value);
    writer.end_array();
}

io::HttpResponse act_response(const std::string& service, const DeadLetterAct& act) {
    io::HttpResponse response;
    json::Writer writer{response.body};
    write_json(writer, service, act);
    return response;
}

io::HttpResponse list_response(StoreTransaction& tx, const std::string& service,
                               const io::HttpRequest& request) {
    DeadLetters::Query query;
    query.after = number_in(request, "after", 0);
    query.count_max = std::clamp<std::int64_t>(number_in(request, "count", 100), 1, 1000);
    if (const auto group = request.query.find("group"); group != request.query.end()) {
        query.group = group->second;
    }
    query.all_held = number_in(request, "all", 0) != 0;
    const DeadLetterPage page = DeadLetters{tx}.list(query);
    io::HttpResponse response;
    json::Writer writer{response.body};
    writer.begin_object();
    writer.name("count");
    writer.integer(page.count);
    writer.name("next");
    page.next ? writer.integer(*page.next) : writer.null();
    write_all(writer, "letters", service, page.letters);
    writer.end_object();
    return response;
}

io::HttpResponse show_response(StoreTransaction& tx, const std::string& service,
                               const std::string& position) {
    std::int64_t number = 0;
    const char* end = position.data() + position.size();
    const auto [rest, error] = std::from_chars(position.data(), end, number);
    const auto letter = error == std::errc{} && rest == end ? DeadLetters{tx}.find(number)
                                                            : std::optional<DeadLetter>{};
    if (!letter) {
        throw Failure{{ErrorCode::not_found, "no held event at position " + quote(position)}};
    }
    io::HttpResponse response;
    json::Writer writer{response.body};
    write_json(writer, service, *letter);
    return response;
}

io::HttpResponse audit_response(StoreTransaction& tx, const std::string& service,
                                const io::HttpRequest& request) {
    const std::int64_t count = std::clamp<std::int64_t>(number_in(request, "count", 100), 1, 1000);
    const auto found = DeadLetters{tx}.audit(number_in(request, "before", 0), count);
    io::HttpResponse response;
    json::Writer writer{response.body};
    writer.begin_object();
    write_all(writer, "entries", service, found);
    writer.end_object();
    return response;
}

/// Does what was asked for, in the service's own step.
DeadLetterAct run_act(std::size_t route, const ActRequest& asked, const ContractCheck& check,
                      Transaction& tx) {
    DeadLetters letters{tx.store()};
    if (route == redrive) return letters.redrive(asked.choice, asked.pace, asked.actor, tx.time());
    if (route == discard) {
        return letters.discard(asked.choice, asked.pace.count_max, asked.actor, tx.time());
    }
    if (route == rehearsed) {
        return letters.rehearsed(asked.choice, asked.rehearsal, asked.actor, tx.time());
    }
    DeadLetters::Edit wanted = asked.edit;
    wanted.new_id = Uuid::parse(tx.new_id()).value();
    return letters.edit(wanted, check, asked.actor, tx.time());
}

}  // namespace

Operations::Operations() {
    for (const Entry& entry : entries) router_.add(entry.method, entry.path);
}

const Operations::Target* Operations::find(const std::string& name) const {
    for (const Target& target : targets_) {
        if (target.name == name) return &target;
    }
    return nullptr;
}

bool Operations::handle(const io::HttpRequest& request, const io::HttpReply& reply) const {
    const bool is_head = request.method == "HEAD";
    const Router::Lookup found = router_.find(is_head ? "GET" : request.method, request.path);
    if (found.match) {
        dispatch(found.match->route, found.match->parameters, request, reply);
        return true;
    }
    if (found.allowed.empty()) return false;
    io::HttpResponse refused =
        io::problem(405, "method not allowed", request.path + " takes " + found.allowed);
    refused.headers["allow"] = found.allowed;
    reply(std::move(refused));
    return true;
}

void Operations::dispatch(std::size_t route, const Parameters& parameters,
                          const io::HttpRequest& request, const io::HttpReply& reply) const {
    if (route == groups_of_all) return all_groups(reply);
    const std::string& name = parameters.at("service");
    const Target* target = find(name);
    if (target == nullptr) {
        return reply(io::problem(404, "not found", "no service " + quote(name) + " runs here"));
    }
    switch (route) {
        case groups_of_one:
            return target->look(
                [&name](StoreTransaction& tx) {
                    io::HttpResponse response;
                    json::Writer writer{response.body};
                    writer.begin_object();
                    write_all(writer, "groups", name, DeadLetters{tx}.groups());
                    writer.end_object();
                    return response;
                },
                reply);
        case list:
            return target->look(
                [&](StoreTransaction& tx) { return list_response(tx, name, request); }, reply);
        case show:
            return target->look(
                [&](StoreTransaction& tx) {
                    return show_response(tx, name, parameters.at("position"));
                },
                reply);
        case audit:
            return target->look(
                [&](StoreTransaction& tx) { return audit_response(tx, name, request); }, reply);
        case sagas:
            return target->look(
                [&](StoreTransaction& tx) {
                    return sagas_response(tx, name, target->sagas, request);
                },
                reply);
        case made_good:
        case undo_again:
            return decide_saga(route == made_good ? SagaAct::made_good : SagaAct::undo_again,
                               *target, request, reply);
        default:
            break;
    }
    Result<ActRequest> asked = read_act_request(request.body);
    if (!asked) return reply(to_bad_request(std::move(asked).error()));
    if (asked->dry_run && route != edit) {
        return target->look(
            [&](StoreTransaction& tx) {
                const auto plan = DeadLetters{tx}.plan(asked->choice, asked->pace.count_max);
                return act_response(name, plan);
            },
            reply);
    }
    target->act(
        request,
        [route, asked = std::move(*asked), check = target->check, name](Transaction& tx) {
            return act_response(name, run_act(route, asked, check, tx));
        },
        reply);
}

void Operations::decide_saga(SagaAct act, const Target& target, const io::HttpRequest& request,
                             const io::HttpReply& reply) {
    Result<DecisionRequest> asked = read_decision_request(act, request.body);
    if (!asked) return reply(to_bad_request(std::move(asked).error()));
    target.change(
        request,
        [asked = std::move(*asked), name = target.name, sagas = target.sagas](Transaction& tx) {
            return decide(asked, name, sagas, tx);
        },
        reply);
}

void Operations::all_groups(const io::HttpReply& reply) const {
    std::string groups;
    for (const Target& target : targets_) {
        std::optional<io::HttpResponse> failed;
        target.look(
            [&](StoreTransaction& tx) {
                for (const DeadLetterGroup& group : DeadLetters{tx}.groups()) {
                    if (!groups.empty()) groups += ',';
                    json::Writer writer{groups};
                    write_json(writer, target.name, group);
                }
                return io::HttpResponse{};
            },
            [&failed](io::HttpResponse answer) {
                if (answer.status >= 300) failed = std::move(answer);
            });
        if (failed) return reply(std::move(*failed));
    }
    reply(io::HttpResponse{200, "application/json", {}, "{\"groups\":[" + groups + "]}"});
}

}  // namespace tidings
