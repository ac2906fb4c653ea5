#pragma once

#include <tidings/base/result.h>

#include "orders/outside.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace shop {

/// What `shop order-service` and its like were asked for.
struct OneServiceOptions {
    std::string service;
    std::string data;
    int port = 0;
    std::string log_level = "warning";
    bool log_events = false;
    std::string stories;  ///< What the outside world does; empty: every order goes well.
    bool short_deadlines = false;
    std::optional<int> provider_port;  ///< Where `shop provider` listens; nothing: in-process.
    bool quick_breakers = false;
    std::string rehearse;  ///< Dead letters to be rehearsed instead of serving; empty: none.
    std::size_t rehearse_count = 100;
};

std::vector<std::string> service_names();

/// Reads what `OutsideWorld::write` wrote; no path: every order goes well.
tidings::Result<OutsideWorld> read_outside(const std::string& path);

/// Runs one service of the shop alone, until it is asked to stop. Returns the exit status.
int run_one_service(const OneServiceOptions& options);

/// Prints what each service owns and handles and how its sagas go, a line of JSON for each: what
/// `tidings contract docs` and `lint` take with `--services`. Returns the exit status.
int print_outlines();

}  // namespace shop
