#include <tidings/delivery/handlers.h>

#include <algorithm>

namespace tidings {

void Handlers::on_timer(std::string kind,
                        std::function<void(const DueTimer&, Transaction&)> handler,
                        HandlerOptions options) {
    std::string name = "timer " + kind;
    timers_[std::move(kind)] = {std::move(handler),
                                {std::move(name), std::move(options), ++last_number_}};
}

void Handlers::effect(std::string name, std::shared_ptr<EffectPort> port,
                      std::function<void(const EffectAnswer&, Transaction&)> answered,
                      HandlerOptions options) {
    std::string entry = "effect " + name;
    Effect& effect = effects_[std::move(name)];
    // Who declares it anew (a test, with a port of its own) leaves no number without a handler.
    const std::size_t number = effect.entry.number > 0 ? effect.entry.number : ++last_number_;
    effect = {std::move(port), std::move(answered), {std::move(entry), std::move(options), number}};
}

void Handlers::set_options(const EventName& name, HandlerOptions options) {
    EventRoute* route = find(events_, name.value, name.major);
    TIDINGS_ASSERT(route != nullptr);
    route->entry_.options = std::move(options);
}

void Handlers::keep_order(const std::string& saga, const std::vector<EventName>& names) {
    std::vector<EventRoute*> routes;
    for (const EventName& name : names) {
        if (EventRoute* route = find(events_, name.value, name.major)) routes.push_back(route);
    }
    for (EventRoute* route : routes) {
        const std::string shared = route->entry_.saga;
        if (shared.empty() || shared == saga) continue;
        for (const auto& [type, versions] : events_) {
            for (const auto& [major, known] : versions) {
                if (known->entry_.saga == shared) known->entry_.saga = saga;
            }
        }
    }
    for (EventRoute* route : routes) route->entry_.saga = saga;
}

std::vector<const HandlerEntry*> Handlers::entries() const {
    std::vector<const HandlerEntry*> entries;
    for (const auto& [type, versions] : events_) {
        for (const auto& [major, route] : versions) {
            if (route->newest_ == nullptr) entries.push_back(&route->entry_);
        }
    }
    for (const auto& [kind, timer] : timers_) entries.push_back(&timer.entry);
    for (const auto& [name, effect] : effects_) entries.push_back(&effect.entry);
    std::sort(entries.begin(), entries.end(),
              [](const auto* one, const auto* other) { return one->number < other->number; });
    return entries;
}

Result<void> Handlers::check() const {
    if (Result<void> checked = retry.check(); !checked) return checked;
    for (const HandlerEntry* entry : entries()) {
        if (Result<void> checked = entry->options.check(); !checked) {
            return with_context(checked.error(), entry->name);
        }
    }
    return {};
}

std::string Handlers::name_of(const EventName& name) {
    std::string text{name.value};
    if (name.major != 1) text += " v" + std::to_string(name.major);
    return text;
}

EventRoute* Handlers::find(const Routes& routes, std::string_view type, int major) {
    const auto versions = routes.find(type);
    if (versions == routes.end()) return nullptr;
    const auto route = versions->second.find(major);
    return route == versions->second.end() ? nullptr : route->second.get();
}

std::vector<EventName> Handlers::events() const {
    std::vector<EventName> names;
    for (const auto& [type, versions] : events_) {
        for (const auto& version : versions) names.push_back({type, version.first});
    }
    return names;
}

EventRoute* Handlers::event_route(std::string_view type, int major) const {
    return find(events_, type, major);
}

EventRoute* Handlers::newest_route(std::string_view type) const {
    const auto versions = events_.find(type);
    return versions == events_.end() ? nullptr : versions->second.rbegin()->second.get();
}

EventRoute* Handlers::published_route(std::string_view type, int major) const {
    return find(published_, type, major);
}

bool Handlers::handles(std::string_view type) const { return events_.contains(type); }

const Handlers::Timer* Handlers::find_timer(std::string_view kind) const {
    const auto timer = timers_.find(kind);
    return timer == timers_.end() ? nullptr : &timer->second;
}

const Handlers::Effect* Handlers::find_effect(std::string_view name) const {
    const auto effect = effects_.find(name);
    return effect == effects_.end() ? nullptr : &effect->second;
}

std::vector<std::string> Handlers::effect_names() const {
    std::vector<std::string> names;
    for (const auto& [name, effect] : effects_) names.push_back(name);
    return names;
}

std::string_view Handlers::saga_of(std::string_view type) const {
    const auto versions = events_.find(type);
    if (versions == events_.end()) return {};
    for (const auto& [major, route] : versions->second) {
        if (!route->entry().saga.empty()) return route->entry().saga;
    }
    return {};
}

std::vector<std::string> Handlers::domains() const {
    std::vector<std::string> domains;
    for (const auto& [type, versions] : events_) {
        std::string domain = type.substr(0, type.find('.'));
        if (std::find(domains.begin(), domains.end(), domain) == domains.end()) {
            domains.push_back(std::move(domain));
        }
    }
    std::sort(domains.begin(), domains.end());
    return domains;
}

}  // namespace tidings
