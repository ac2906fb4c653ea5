#include <tidings/delivery/handlers.h>

#include <algorithm>

namespace tidings {

void Handlers::on_timer(std::string kind,
                        std::function<void(const DueTimer&, Transaction&)> handler) {
    timers_[std::move(kind)] = std::move(handler);
}

void Handlers::effect(std::string name, std::shared_ptr<EffectPort> port,
                      std::function<void(const EffectAnswer&, Transaction&)> answered) {
    effects_[std::move(name)] = {std::move(port), std::move(answered)};
}

EventRoute* Handlers::find(const Routes& routes, std::string_view type, int major) {
    const auto versions = routes.find(type);
    if (versions == routes.end()) return nullptr;
    const auto route = versions->second.find(major);
    return route == versions->second.end() ? nullptr : route->second.get();
}

EventRoute* Handlers::event_route(std::string_view type, int major) const {
    return find(events_, type, major);
}

EventRoute* Handlers::published_route(std::string_view type, int major) const {
    return find(published_, type, major);
}

bool Handlers::handles(std::string_view type) const { return events_.contains(type); }

const std::function<void(const DueTimer&, Transaction&)>* Handlers::timer(
    std::string_view kind) const {
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
