#pragma once

#include <string>

namespace shop {

/// What `shop provider` was asked for.
struct ProviderOptions {
    int port = 0;
    int control_port = 0;
    std::string stories;       ///< What is decided about which order; empty: every order goes well.
    std::string ledger;        ///< The file that the ledger is kept in; empty: none.
    bool with_parent = false;  ///< Ends when its standard input does.
};

/// Serves the payment provider and the carrier's rates over HTTP until it is asked to stop. Returns
/// the exit status.
int run_provider(const ProviderOptions& options);

}  // namespace shop
