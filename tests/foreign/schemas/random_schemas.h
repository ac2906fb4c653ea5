#pragma once

#include <tidings/contract/contract.h>

#include <nlohmann/json.hpp>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

/// Contracts with random schemas of everything that a schema may say, and data for them.
namespace tidings::agreement {

using Json = nlohmann::ordered_json;

/// The same numbers from the same seed on every machine, which the standard's distributions are
/// not.
class Dice {
public:
    explicit Dice(std::uint64_t seed) : engine_(seed) {}
    /// A number from 0 to `sides` - 1.
    std::size_t roll(std::size_t sides) { return engine_() % sides; }
    bool once_in(std::size_t times) { return roll(times) == 0; }
    template <class T>
    const T& one_of(const std::vector<T>& values) {
        return values[roll(values.size())];
    }

private:
    std::mt19937_64 engine_;
};

/// Returns a contract of `domain`.`event` with this schema, without an example.
Json contract_of(const std::string& domain, const std::string& event, const Json& data);

/// Returns `count` contracts of one domain, as files. The same seed gives the same files.
std::vector<SourceFile> random_contracts(const std::string& domain, std::size_t count,
                                         std::uint64_t seed);

/// Returns data for a schema, right and wrong: its edges, every rule broken once, and the largest
/// changed in `changes` random places each.
std::vector<std::string> data_for(const Schema& schema, Dice& dice, std::size_t changes);

}  // namespace tidings::agreement
