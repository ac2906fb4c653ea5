// What a run tells of itself, as it happens.
#include "testing/run.h"

#include <fmt/format.h>

namespace tidings::sim {
namespace {

std::string place(const Topic& topic, Offset offset) {
    return fmt::format("{}@{}", topic.name, offset.value);
}

}  // namespace

void Run::tell_fault(std::string_view at, std::string text) {
    if (text.empty()) return;
    story_.add({.kind = Happening::Kind::fault,
                .at = elapsed(),
                .from = std::string{at},
                .text = std::move(text)});
}

void Run::tell_journal(const std::string& service, std::string_view line) {
    if (line.find(R"("level":"info")") == std::string_view::npos) {
        story_.add({.at = elapsed(), .text = std::string{line}});
        return;
    }
    if (const auto wrong = order_.told(service, line)) {
        violated("the events of a key are handled in order", *wrong);
    }
}

void Run::tell_call(std::uint64_t call, int attempt, const std::string& service,
                    const io::HttpRequest& request) {
    if (!story_.keeps_all()) return;
    story_.add({.kind = Happening::Kind::call,
                .at = elapsed(),
                .from = "client",
                .to = service,
                .text = fmt::format("{} {} (call {}{})", request.method, request.target, call,
                                    attempt == 1 ? "" : fmt::format(", attempt {}", attempt))});
}

void Run::tell_reply(const std::string& service, std::uint64_t call,
                     const io::HttpResponse& response) {
    if (!story_.keeps_all()) return;
    story_.add({.kind = Happening::Kind::reply,
                .at = elapsed(),
                .from = service,
                .to = "client",
                .text = fmt::format("{} (call {})", response.status, call)});
}

void Run::tell_event(const Topic& topic, const DeliveredEvent& event, const std::string& service) {
    ++result_.figures.events;
    if (!story_.keeps_all()) return;
    story_.add({.kind = Happening::Kind::event,
                .at = elapsed(),
                .from = event.headers.source,
                .to = service,
                .text = fmt::format("{} {}{}", event.headers.type, place(topic, event.offset),
                                    event.attempt > 1 ? " again" : "")});
}

void Run::tell_published(const std::string& service, const Topic& topic, Offset first,
                         std::span<const OutgoingEvent> events) {
    if (watches_order()) order_.published(topic, first, events);
    if (!story_.keeps_all()) return;
    Offset at = first;
    for (const OutgoingEvent& event : events) {
        story_.add({.kind = Happening::Kind::note,
                    .at = elapsed(),
                    .from = service,
                    .text = fmt::format("publishes {} {}", event.headers->type, place(topic, at))});
        ++at.value;
    }
}

void Run::tell_effect(const std::string& dependency, const EffectRequest& request) {
    if (!story_.keeps_all() || polled_ == nullptr) return;
    story_.add({.kind = Happening::Kind::effect,
                .at = elapsed(),
                .from = polled_->name(),
                .to = dependency,
                .text = fmt::format("{} {}", request.name, request.subject)});
}

void Run::tell_effect_answer(const std::string& dependency, const EffectRequest& request,
                             const Result<EffectResult>& result) {
    if (!story_.keeps_all() || polled_ == nullptr) return;
    const std::string what = !result ? std::string{to_string(result.error().code)}
                             : std::holds_alternative<Answered>(*result) ? "done"
                                                                         : "later";
    story_.add({.kind = Happening::Kind::reply,
                .at = elapsed(),
                .from = dependency,
                .to = polled_->name(),
                .text = fmt::format("{} {}", request.name, what)});
}

void Run::tell_http(const std::string& dependency, const io::HttpRequest& request,
                    const Result<io::HttpResponse>& response) {
    if (!story_.keeps_all() || polled_ == nullptr) return;
    const std::string what = response ? fmt::format("{}", response->status)
                                      : std::string{to_string(response.error().code)};
    story_.add({.kind = Happening::Kind::effect,
                .at = elapsed(),
                .from = polled_->name(),
                .to = dependency,
                .text = fmt::format("{} {}: {}", request.method, request.target, what)});
}

}  // namespace tidings::sim
