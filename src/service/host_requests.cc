#include "delivery/step_telemetry.h"
#include "service/host_impl.h"
#include "service/idempotency.h"
#include "service/responses.h"

#include <algorithm>
#include <iterator>
#include <optional>

namespace tidings {

namespace {

io::HttpResponse not_allowed(const std::string& path, const std::string& allowed) {
    io::HttpResponse refused = io::problem(405, "method not allowed", path + " takes " + allowed);
    refused.headers["allow"] = allowed;
    return refused;
}

/// Returns the business transaction that a request says it belongs to; empty for a new one.
/// What consumers would refuse to read in an envelope is not taken: a new one is made then.
std::string correlation_of(const io::HttpRequest& request) {
    const auto header = request.headers.find("x-correlation-id");
    if (header == request.headers.end()) return {};
    const std::string& id = header->second;
    const bool is_printable =
        std::all_of(id.begin(), id.end(), [](char c) { return c >= ' ' && c <= '~'; });
    return is_printable && id.size() <= 128 ? id : std::string{};
}

/// Holds an event to the contract by which the service reads it, and returns its key.
Result<std::string> check_event(std::span<const EventType* const> contracts,
                                const Handlers& handlers, const Envelope& event) {
    for (const EventType* contract : contracts) {
        if (contract->name.value == event.type &&
            contract->name.major == event.data_version.major) {
            return contract->key_of(event.data);
        }
    }
    return Error{ErrorCode::unsupported,
                 handlers.handles(event.type)
                     ? "this build was given no contract of " + event.type + " version " +
                           std::to_string(event.data_version.major)
                     : "nothing here handles " + event.type,
                 "declare the contracts with Service::contracts"};
}

}  // namespace

void Host::Impl::handle(io::HttpRequest request, io::HttpReply reply) {
    // The server sends no body to a HEAD.
    const bool is_head = request.method == "HEAD";
    const Router::Lookup found = router.find(is_head ? "GET" : request.method, request.path);
    if (!found.match) {
        if (found.allowed.empty()) return handle_own(request, reply);
        return reply(not_allowed(request.path, found.allowed));
    }
    const Route& route = routes[found.match->route];
    if (route.route->query) {
        return query(route, Request{request, std::move(found.match->parameters)}, reply);
    }
    command(route, std::move(found.match->parameters), std::move(request), reply);
}

void Host::Impl::handle_own(const io::HttpRequest& request, const io::HttpReply& reply) {
    constexpr std::string_view known[] = {"/events", "/health/live", "/health/ready", "/status",
                                          "/metrics"};
    if (std::find(std::begin(known), std::end(known), request.path) == std::end(known)) {
        if (operations.handle(request, reply)) return;
        return reply(io::problem(404, "not found", "nothing is at " + request.path));
    }
    const bool publishes = request.path == "/events";
    const bool reads = request.method == "GET" || request.method == "HEAD";
    if (publishes ? request.method != "POST" : !reads) {
        return reply(not_allowed(request.path, publishes ? "POST" : "GET, HEAD"));
    }
    if (publishes) return publish(request, reply);
    if (request.path == "/health/ready") return reply(ready_response(health()));
    if (request.path == "/status") return reply(status_response(health()));
    if (request.path == "/metrics") {
        return reply({200, "text/plain; version=0.0.4", {}, metrics.to_text()});
    }
    reply({200, "application/json", {}, "{\"live\":true}"});
}

io::HttpResponse Host::Impl::failed_inside(std::string_view what) const {
    options.journal.write(LogLevel::error, "a request met a fault of the service",
                          {{"error", what}});
    return to_response(Error{ErrorCode::internal, std::string{what}});
}

void Host::Impl::query(const Route& route, const Request& request, const io::HttpReply& reply) {
    look(
        *route.hosted,
        [&](StoreTransaction& tx) { return to_response(route.route->query(request, tx)); }, reply);
}

void Host::Impl::look(Hosted& in, const std::function<io::HttpResponse(StoreTransaction&)>& read,
                      const io::HttpReply& reply) {
    const std::lock_guard lock{in.reader_mutex};
    try {
        reply(read(*in.reader));
    } catch (const StatementFailure& failure) {
        reply(failed_inside(failure.what()));
    } catch (const Failure& failure) {
        reply(to_response(failure.error()));
    } catch (const std::exception& exception) {
        reply(failed_inside(exception.what()));
    }
}

void Host::Impl::command(const Route& route, Router::Parameters parameters, io::HttpRequest request,
                         const io::HttpReply& reply) {
    Result<Service::Prepared> prepared = route.route->prepare(request.body);
    if (!prepared) return reply(to_bad_request(std::move(prepared).error()));

    struct Call {
        io::HttpRequest http;
        Router::Parameters parameters;
        Service::Prepared run;
    };
    auto call = std::make_shared<const Call>(
        Call{std::move(request), std::move(parameters), std::move(*prepared)});
    submit(
        *route.hosted, route.route->method + ' ' + route.route->path, call->http,
        [call](Transaction& tx) {
            return to_response(call->run(Request{call->http, call->parameters}, tx));
        },
        reply);
}

void Host::Impl::submit(Hosted& to, std::string name, const io::HttpRequest& request,
                        std::function<io::HttpResponse(Transaction&)> run,
                        const io::HttpReply& reply, bool administers_held) {
    Result<std::optional<IdempotencyKey>> key = idempotency_key_of(request);
    if (!key) return reply(to_response(key.error()));
    auto answer = std::make_shared<io::HttpResponse>();
    Command command;
    command.name = std::move(name);
    command.correlation_id = correlation_of(request);
    command.administers_held = administers_held;
    command.run = [answer, key = std::move(*key), run = std::move(run)](Transaction& tx) {
        *answer = key ? answer_once(tx, *key, [&] { return run(tx); }) : run(tx);
    };
    command.answer = [answer, reply](Result<void> done) {
        reply(done ? std::move(*answer) : to_response(done.error()));
    };
    if (Result<void> taken = to.loop->submit(std::move(command)); !taken) {
        reply(to_response(taken.error(), to.loop->retry_after()));
    }
}

std::pair<Host::Impl::Hosted*, const EventType*> Host::Impl::owner_of(std::string_view type) const {
    std::pair<Hosted*, const EventType*> found{nullptr, nullptr};
    for (const auto& one : hosted) {
        const auto& domains = one->service->domains_;
        for (const EventType* contract : one->service->contracts_) {
            if (contract->name.value != type ||
                std::find(domains.begin(), domains.end(), contract->name.domain()) ==
                    domains.end()) {
                continue;
            }
            const bool is_newer =
                found.second == nullptr || contract->name.major > found.second->name.major;
            if (is_newer) found = {one.get(), contract};
        }
    }
    return found;
}

io::HttpResponse Host::Impl::refused_event(Error error, const std::string& owner) {
    error.refusal = refusal_of(error);
    refusals(metrics, owner, "http", error.refusal).inc();
    return to_bad_request(std::move(error));
}

void Host::Impl::publish(io::HttpRequest request, const io::HttpReply& reply) {
    std::string type;
    std::string data;
    json::Reader reader{request.body};
    std::string_view name;
    reader.begin_object();
    while (reader.next_field(name)) {
        if (name == "type") {
            type = reader.text();
        } else if (name == "data") {
            data = reader.raw();
        } else {
            reader.fail("is not known here; an event to publish has type and data");
        }
    }
    if (type.empty()) reader.missing("type");
    if (data.empty()) reader.missing("data");
    if (Result<void> read = reader.finish(); !read) {
        return reply(refused_event(std::move(read).error(), {}));
    }
    const auto [owner, contract] = owner_of(type);
    if (contract == nullptr) {
        refusals(metrics, {}, "http", Refusal::unknown_type).inc();
        return reply(io::problem(404, "not found", "no service here owns an event type " + type,
                                 "/type", to_string(Refusal::unknown_type)));
    }
    Result<std::string> key = contract->key_of(data);
    if (!key) return reply(refused_event(std::move(key).error(), owner->service->name()));
    const PublishedEvent event{contract->name, contract->version, std::move(*key), data,
                               contract->downcast};
    submit(
        *owner, "POST /events", request,
        [event](Transaction& tx) {
            tx.publish(event);
            return io::HttpResponse{202, "application/json", {}, "{\"published\":true}"};
        },
        reply);
}

// -------------------------------------------------------------------------------------- operations

Operations::Target Host::Impl::operated(Hosted& one) {
    Operations::Target target;
    target.name = one.service->name();
    target.look = [this, &one](const auto& read, const io::HttpReply& reply) {
        look(one, read, reply);
    };
    target.act = [&one](const io::HttpRequest& request, auto run, const io::HttpReply& reply) {
        submit(one, request.method + ' ' + request.path, request, std::move(run), reply, true);
    };
    target.change = [&one](const io::HttpRequest& request, auto run, const io::HttpReply& reply) {
        submit(one, request.method + ' ' + request.path, request, std::move(run), reply);
    };
    for (const auto& saga : one.service->sagas_) target.sagas.push_back(saga.get());
    target.check = [service = one.service](const Envelope& event) {
        return check_event(service->contracts_, service->handlers_, event);
    };
    return target;
}

}  // namespace tidings
