#pragma once

#include "shop_simulation.h"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace shop {

/// Takes the options that are the shop's own off the command line.
struct ShopOptions {
    std::vector<std::string> own;
    std::vector<std::string> others;
    ShopScenario scenario;
    bool is_wrong = false;

    explicit ShopOptions(const std::vector<std::string>& words) {
        for (std::size_t i = 0; i < words.size(); ++i) {
            const std::string& word = words[i];
            if (word == "--no-faults") {
                scenario.faults = tidings::sim::Faults::none();
            } else if (word == "--heal-early") {
                scenario.heals_early = true;
            } else if (word == "--careless") {
                scenario.charges_carelessly = true;
            } else if ((word == "--orders" || word == "--never-delivered") &&
                       i + 1 < words.size()) {
                own.push_back(word);
                take_number(words[++i],
                            word == "--orders" ? scenario.orders : scenario.never_delivered);
            } else {
                others.push_back(word);
                continue;
            }
            own.push_back(words[i]);
        }
    }

private:
    void take_number(const std::string& text, std::uint64_t& number) {
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        is_wrong = is_wrong || error != std::errc{} || end != text.data() + text.size();
    }
};

}  // namespace shop
