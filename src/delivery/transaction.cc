#include <tidings/delivery/transaction.h>
#include <tidings/model/envelope.h>

#include "base/test_points.h"
#include "delivery/context.h"

#include <algorithm>
#include <optional>
#include <vector>

namespace tidings {

namespace {

std::string envelope_text(const PublishedEvent& event, const Transaction::Context& context,
                          const Uuid& id) {
    std::string text;
    text.reserve(event.data.size() + 320);
    json::Writer writer{text};
    writer.begin_object();
    writer.name("id");
    writer.value(id);
    writer.name("type");
    writer.text(event.name.value);
    writer.name("source");
    writer.text(context.service);
    writer.name("dataVersion");
    writer.text(event.version);
    writer.name("timestamp");
    writer.value(context.now);
    writer.name("correlationId");
    writer.text(context.correlation_id);
    writer.name("data");
    writer.raw(event.data);
    writer.end_object();
    return text;
}

}  // namespace

void Transaction::Context::count(std::size_t bytes) {
    if (events_left == 0 || bytes > bytes_left) {
        reached("step.limit_reached");
        throw Failure{{ErrorCode::limit_exceeded,
                       events_left == 0 ? "the step publishes, asks for and sets too many things"
                                        : "what the step publishes and asks for is too large",
                       "divide the work: let a timer or an event of its own go on with the rest; "
                       "or raise step_events_max or step_bytes_max"}};
    }
    --events_left;
    bytes_left -= bytes;
}

void Transaction::publish(const PublishedEvent& event) {
    if (event.downcast == nullptr) return publish(event, 0, 0);
    std::vector<PublishedEvent> older;
    for (Downcast downcast = event.downcast; downcast != nullptr;) {
        const std::string& data = older.empty() ? event.data : older.back().data;
        std::optional<PublishedEvent> made = downcast(data).value();
        if (!made) break;
        downcast = made->downcast;
        older.push_back(std::move(*made));
    }
    int left = static_cast<int>(older.size());
    publish(event, 0, left);
    for (const PublishedEvent& one : older) {
        --left;
        publish(one, static_cast<int>(older.size()) - left, left);
    }
}

void Transaction::publish(const PublishedEvent& event, int downcast, int downcasts_left) {
    const std::string_view domain = event.name.domain();
    if (std::find(context_.domains.begin(), context_.domains.end(), domain) ==
        context_.domains.end()) {
        throw Failure{{ErrorCode::contract_violation,
                       context_.service + " may not publish " + std::string{event.name.value} +
                           ": it does not own the domain " + std::string{domain},
                       "state a fact of the service's own domain, and let the owner react to it",
                       Refusal::wrong_owner}};
    }
    std::string text = envelope_text(event, context_, context_.world.new_uuid());
    if (text.size() > context_.outbox.event_bytes_max) {
        throw Failure{{ErrorCode::limit_exceeded,
                       std::string{event.name.value} + " has " + std::to_string(text.size()) +
                           " bytes, at most " + std::to_string(context_.outbox.event_bytes_max) +
                           " are allowed",
                       "publish a reference to the data instead", Refusal::too_large}};
    }
    context_.count(text.size());
    EventHeaders headers;
    headers.type = event.name.value;
    headers.key = event.key;
    headers.source = context_.service;
    headers.causation_id = context_.causation_id;
    headers.traceparent = context_.traceparent;
    headers.downcast = downcast;
    headers.downcasts_left = downcasts_left;
    context_.outbox.add(context_.store, std::string{domain}, std::move(headers), std::move(text),
                        context_.now);
}

std::string Transaction::new_id() { return to_string(context_.world.new_uuid()); }

Timestamp Transaction::time() const noexcept { return context_.time; }

std::string_view Transaction::correlation_id() const noexcept { return context_.correlation_id; }

std::string_view Transaction::causation_id() const noexcept { return context_.causation_id; }

void Transaction::set_timer(std::string_view kind, std::string_view key, Duration after,
                            std::string_view data) {
    context_.count(data.size());
    const Timestamp now = context_.clock.now();
    context_.timers.set(context_.store,
                        {{std::string{kind}, std::string{key}, std::string{data}, 1},
                         new_id(),
                         context_.correlation_id},
                        now, now + std::chrono::ceil<std::chrono::milliseconds>(after),
                        context_.causation_id);
}

void Transaction::cancel_timer(std::string_view kind, std::string_view key) {
    context_.timers.cancel(context_.store, kind, key);
}

void Transaction::request(std::string_view effect, std::string_view subject,
                          std::string_view request) {
    if (context_.handlers.find_effect(effect) == nullptr) {
        throw Failure{{ErrorCode::unsupported, "no effect named " + std::string{effect},
                       "declare it with Service::effect before the service starts"}};
    }
    context_.count(request.size());
    context_.effects.add(context_.store, effect, subject, request, context_.correlation_id,
                         context_.causation_id);
}

StoreTransaction& Transaction::store() noexcept { return context_.store; }

bool Transaction::handled_here(const EventName& name) const noexcept {
    return context_.handlers.published_route(name.value, name.major) != nullptr;
}

void Transaction::handle_here(const EventName& name, const void* event) {
    context_.handlers.published_route(name.value, name.major)->handle(event, *this);
}

}  // namespace tidings
