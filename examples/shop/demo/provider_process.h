#pragma once

#include <tidings/base/money.h>
#include <tidings/base/result.h>

#include <cstdint>
#include <string>
#include <vector>

namespace shop {

/// What the payment provider's books say at the end.
struct ProviderBooks {
    std::int64_t charges = 0;
    std::int64_t double_charges = 0;
    std::int64_t repeats = 0;
    tidings::Money captured;
    tidings::Money refunded;
};

/// `shop provider` as a process beside the demo, which ends with it.
class ProviderProcess {
public:
    /// Starts it and waits until it listens. `stories` is what OutsideWorld writes; the ledger is
    /// kept in the file of that name, or nowhere if there is none.
    /// Errors: `io_error`, `unavailable` (it ended at once).
    static tidings::Result<ProviderProcess> start(const std::string& stories,
                                                  const std::string& ledger);
    ProviderProcess(ProviderProcess&& other) noexcept;
    ProviderProcess& operator=(ProviderProcess&&) = delete;
    /// Ends it and waits for its end.
    ~ProviderProcess();

    int port() const noexcept { return port_; }
    int control_port() const noexcept { return control_port_; }
    tidings::Result<ProviderBooks> books() const;

private:
    ProviderProcess() = default;
    static tidings::Result<ProviderProcess> spawn(std::vector<std::string> words);
    tidings::Result<void> read_ports(int output);

    int process_ = -1;
    int input_ = -1;  // Its standard input: when this process ends, that ends, and so does it.
    int port_ = 0;
    int control_port_ = 0;
};

}  // namespace shop
