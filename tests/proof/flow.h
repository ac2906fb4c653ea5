#pragma once

#include <tidings/io/world.h>
#include <tidings/service/host.h>
#include <tidings/service/service.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tidings::proof {

/// What those outside of the platform remember of a flow, whatever becomes of its process: the
/// client what it was promised, the bank and the mailer what they were asked for.
struct Witness {
    std::set<std::string> accepted;  ///< Orders whose client was answered 202.
    /// What was carried out, once for each idempotency key: `bank.charge o-1`.
    std::map<std::string, std::string> carried_out;

    /// Is told of each promise and of each request, as it happens.
    std::function<void(std::string_view order)> on_accepted;
    std::function<void(std::string_view key, std::string_view what)> on_carried_out;

    void accept(const std::string& order);
    void carry_out(const std::string& key, const std::string& what);
};

/// A flow through all components, small enough to be run some thousand times: command, outbox,
/// relay, log, consumer, saga, timers, effects and compensation.
///
/// Two services in one Host. An order is charged, then a receipt is sent for it. What becomes of an
/// order its number tells: one in five is declined, one in seven cannot be sent a receipt, so that
/// its payment is undone.
///
/// Threads   One thread. Everything is polled by hand.
class Flow {
public:
    /// Which of the services run here.
    enum class Parts : std::uint8_t { both, orders, payments };

    struct Options {
        std::string data = "data";
        Parts parts = Parts::both;
        std::uint64_t segment_bytes = 64 * 1024;  ///< Small, so that the logs roll.
        std::size_t group_steps_max = 8;
        /// A planted fault: the client is answered before anything is stored.
        bool acknowledges_early = false;
        /// A planted fault: a handler that takes no note of what it has no memory for. Called when
        /// it begins.
        std::function<void()> swallows_bad_alloc;
        /// A planted fault: a bank that knows a request again for an hour by the wall clock only.
        bool bank_forgets = false;
        /// Whether bank and mailer can be reached; empty: always.
        std::function<bool()> bank_is_open;
        bool starts_anew = true;  ///< In the middle of `run`.
        /// Is told when `run` has `opened`, when it opens anew (`opening`), and when it has
        /// `settled` and will close.
        std::function<void(const char* state)> reached;
        /// Draws who is polled next; empty: one after the other.
        std::function<std::uint64_t(std::uint64_t below)> draw;
    };

    Flow(io::World& world, Witness& witness, Options options);
    ~Flow();

    /// Opens the directory and both services.
    Result<void> open();
    /// Sends the command that places order `number`, as a client does that may have sent it before.
    void place(int number);
    /// Polls each worker once.
    void poll();
    /// Polls until nothing is left to do, `polls_max` times at most; `between` is called after each
    /// round. Returns whether it came to that.
    bool settle(int polls_max, const std::function<void()>& between);
    bool is_quiet() const { return host_->is_quiet(); }
    /// Whether every order has come to an end, whichever. Requires: both parts run here.
    bool all_are_final();
    /// The whole flow: opens, places orders `first` and so on, some at a time, starts anew in the
    /// middle, settles and closes. `between` is called after each round of polls.
    Result<void> run(int first, int count, const std::function<void()>& between);
    /// Closes in good order.
    void close();
    /// Lets go of everything, without a word to the client.
    void drop();

    /// Returns what is missing of what was promised, at any moment. Requires: it is open.
    std::vector<std::string> lost();
    /// Returns what is not as it must be in the end. Requires: it has settled.
    std::vector<std::string> unfinished();
    /// Returns what is not as it must be in the end if deadlines passed when they would. Requires:
    /// it has settled, with both parts.
    std::vector<std::string> out_of_balance();
    Host& host() { return *host_; }

    static std::string order_id(int number);
    /// How an order must end: `completed` or `cancelled`.
    static std::string fate(const std::string& order);

private:
    class Orders;
    class Payments;

    void check_books(std::vector<std::string>& wrong);

    io::World& world_;
    Witness& witness_;
    Options options_;
    std::unique_ptr<Orders> orders_;
    std::unique_ptr<Payments> payments_;
    std::unique_ptr<Host> host_;
};

/// Returns what `tidings verify` says against a directory; nothing if it is clean, or not made yet.
std::vector<std::string> verified(io::World& world, const std::string& data);

}  // namespace tidings::proof
