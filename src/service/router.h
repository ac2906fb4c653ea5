#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidings {

/// Finds what a path stands for: `/orders/{id}` takes `/orders/7` with `id` = `7`.
class Router {
public:
    using Parameters = std::map<std::string, std::string, std::less<>>;

    struct Match {
        std::size_t route = 0;
        Parameters parameters;
    };
    struct Lookup {
        std::optional<Match> match;
        std::string allowed;  ///< Where the path is known and the method is not: the methods, `, `.
    };

    /// Adds a route; its number counts from 0.
    void add(std::string method, std::string_view path);
    Lookup find(std::string_view method, std::string_view path) const;

private:
    struct Route {
        std::string method;
        std::vector<std::string> parts;
    };

    static std::vector<std::string> split(std::string_view path);
    static std::optional<Parameters> match(const Route& route,
                                           const std::vector<std::string>& parts);

    std::vector<Route> routes_;
};

}  // namespace tidings
