#pragma once

#include <tidings/io/world.h>
#include <tidings/service/host.h>

#include "demo/intake.h"

#include <cstddef>
#include <string>

namespace shop {

/// The progress of a run on standard error: a bar on a terminal, a line now and then elsewhere.
class Progress {
public:
    Progress(tidings::io::World& world, std::size_t orders);

    void show(const tidings::Host& host, const Intake& intake);
    void end();

private:
    tidings::io::World& world_;
    std::size_t orders_;
    bool terminal_;
    tidings::TimePoint shown_{};
};

}  // namespace shop
