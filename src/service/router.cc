#include "service/router.h"

namespace tidings {

std::vector<std::string> Router::split(std::string_view path) {
    std::vector<std::string> parts;
    if (path.starts_with('/')) path.remove_prefix(1);
    while (true) {
        const std::size_t slash = path.find('/');
        parts.emplace_back(path.substr(0, slash));
        if (slash == std::string_view::npos) return parts;
        path.remove_prefix(slash + 1);
    }
}

void Router::add(std::string method, std::string_view path) {
    routes_.push_back({std::move(method), split(path)});
}

std::optional<Router::Parameters> Router::match(const Route& route,
                                                const std::vector<std::string>& parts) {
    if (route.parts.size() != parts.size()) return std::nullopt;
    Parameters parameters;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const std::string& expected = route.parts[i];
        if (expected.size() > 2 && expected.front() == '{' && expected.back() == '}') {
            if (parts[i].empty()) return std::nullopt;
            parameters[expected.substr(1, expected.size() - 2)] = parts[i];
        } else if (expected != parts[i]) {
            return std::nullopt;
        }
    }
    return parameters;
}

Router::Lookup Router::find(std::string_view method, std::string_view path) const {
    const std::vector<std::string> parts = split(path);
    Lookup lookup;
    for (std::size_t i = 0; i < routes_.size(); ++i) {
        std::optional<Parameters> parameters = match(routes_[i], parts);
        if (!parameters) continue;
        if (routes_[i].method == method) {
            lookup.match = Match{i, std::move(*parameters)};
            return lookup;
        }
        lookup.allowed += (lookup.allowed.empty() ? "" : ", ") + routes_[i].method;
    }
    return lookup;
}

}  // namespace tidings
