#pragma once

#include <tidings/resilience/circuit_breaker.h>
#include <tidings/sim/world.h>

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tidings {

using Permit = CircuitBreaker::Permit;

inline const Error down{ErrorCode::unavailable, "connection refused"};

/// A breaker on a clock that the test moves.
class Circuit : public ::testing::Test {
protected:
    static CircuitBreaker::Options small() {
        CircuitBreaker::Options options;
        options.dependency = "rates";
        options.window_calls = 10;
        options.window = 10s;
        options.calls_min = 4;
        options.failure_rate = 0.5;
        options.slow_rate = 0.75;
        options.slow_call = 1s;
        options.timeout = 2s;
        options.open_initial = 4s;
        options.open_max = 16s;
        options.probes = 2;
        options.ramp = 10s;
        options.concurrent_max = 4;
        return options;
    }
    void make(const CircuitBreaker::Options& options) {
        breaker.emplace(world, options);
        breaker->observe(&metrics,
                         Journal{world,
                                 {},
                                 [this](std::string_view line) {
                                     journal.emplace_back(line);
                                     return true;
                                 }},
                         "shipping-service");
    }

    Permit enter() {
        Result<Permit> permit = breaker->enter();
        EXPECT_TRUE(permit) << permit.error().message;
        return std::move(*permit);
    }
    std::string refusal() {
        const Result<Permit> permit = breaker->enter();
        return permit ? "" : permit.error().message;
    }
    void succeed(Duration takes = 10ms) {
        Permit permit = enter();
        world.advance(takes);
        permit.succeeded();
    }
    void fail(Duration takes = 10ms) {
        Permit permit = enter();
        world.advance(takes);
        permit.failed(down);
    }
    void open() {
        for (int i = 0; i < 4; ++i) fail();
        ASSERT_EQ(state(), CircuitState::open);
    }
    void half_open() {
        open();
        world.advance(4s);
    }
    void close_again() {
        half_open();
        succeed();
        succeed();
        ASSERT_EQ(state(), CircuitState::closed);
    }
    CircuitState state() const { return breaker->status().state; }
    double calls(const std::string& outcome) {
        return metrics
            .counter(
                "tidings_circuit_calls_total", "Calls to a dependency, by what came of them.",
                {{"service", "shipping-service"}, {"dependency", "rates"}, {"outcome", outcome}})
            .value();
    }

    sim::SimWorld world{1};
    Metrics metrics;
    std::vector<std::string> journal;
    std::optional<CircuitBreaker> breaker;

    void SetUp() override { make(small()); }
};

}  // namespace tidings
