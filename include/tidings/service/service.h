#pragma once

#include <tidings/contract/event_type.h>
#include <tidings/delivery/handlers.h>
#include <tidings/delivery/rehearsal.h>
#include <tidings/delivery/transaction.h>
#include <tidings/io/http.h>
#include <tidings/model/service_outline.h>
#include <tidings/resilience/circuit_breaker.h>
#include <tidings/saga/saga.h>
#include <tidings/store/store.h>

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace tidings {

/// A request to a service's API, as its handlers see it.
struct Request {
    const io::HttpRequest& http;
    std::map<std::string, std::string, std::less<>> parameters;  ///< Of the path: `/orders/{id}`.

    /// Returns the path's parameter. Requires: the route names it.
    const std::string& parameter(std::string_view name) const;
    /// Returns a header's value, or nothing; `name` in lower case.
    std::string_view header(std::string_view name) const;
};

/// A model that can be written as JSON.
template <class M>
concept JsonModel = requires(const M& model, json::Writer& writer) {
    write_data(writer, model);
};

/// What a service's API answers.
struct Reply {
    int status = 200;
    std::string body;  ///< JSON; empty for none.
    std::vector<std::pair<std::string, std::string>> headers;

    template <JsonModel M>
    static Reply json(int status, const M& model) {
        Reply reply{status, {}, {}};
        json::Writer writer{reply.body};
        write_data(writer, model);
        return reply;
    }
    /// Accepted, to be followed at `location`.
    template <JsonModel M>
    static Reply accepted(std::string location, const M& model) {
        Reply reply = json(202, model);
        reply.headers.emplace_back("Location", std::move(location));
        return reply;
    }
};

/// One service: its domain, its tables, what it reacts to, and its API. A declaration; a `Host`
/// runs it.
///
///     int main(int argc, char** argv) {
///         tidings::Service service{"order-service", argc, argv};
///         Orders orders;
///         service.schema(order_schema());
///         service.post("/orders", orders, &Orders::create);
///         service.on<product::ValidationCompleted, user::Updated>(orders);
///         service.add(fulfilment());
///         return service.run();
///     }
///
/// It owns the domain that its name begins with (`order-service` owns `order`) and publishes no
/// other's events.
///
/// Lifetime  The handler objects must outlive it, and it the Host that runs it.
class Service {
public:
    explicit Service(std::string name);
    /// For `main`: `run()` then reads the command line.
    Service(std::string name, int argc, char** argv);
    ~Service();
    Service(const Service&) = delete;
    Service& operator=(const Service&) = delete;

    const std::string& name() const noexcept { return name_; }
    const std::vector<std::string>& domains() const noexcept { return domains_; }
    /// Owns these domains instead of the one of its name; none for a mere consumer.
    void owns(std::vector<std::string> domains) { domains_ = std::move(domains); }
    /// Its own tables. `migrations` must outlive the service.
    void schema(std::span<const Migration> migrations) { migrations_ = migrations; }
    /// All contracts it was built with: those of its domains may be published through its API.
    /// `json` (the generated `contracts_json()`) is kept in the data directory, for the tools.
    void contracts(std::span<const EventType* const> types, std::string_view json) {
        contracts_ = types;
        contracts_json_ = json;
    }

    /// Calls `handler.on(event, tx)` for each event of these types.
    template <Event... Events, class H>
    void on(H& handler) {
        (handlers_.on<Events>(
             [&handler](const Events& event, Transaction& tx) { handler.on(event, tx); }),
         ...);
    }

    /// The same, and how it is tried again: each of these types by itself.
    template <Event... Events, class H>
    void on(H& handler, const HandlerOptions& options) {
        on<Events...>(handler);
        (handlers_.set_options(Events::name, options), ...);
    }

    /// Adds a saga, and returns what runs it: to cancel instances, to set deadlines.
    template <SagaState State>
    SagaRunner& add(const Saga<State>& saga) {
        return add_saga(saga.definition());
    }
    /// The same, and how the events that it hears of are tried again.
    template <SagaState State>
    SagaRunner& add(const Saga<State>& saga, const HandlerOptions& options) {
        SagaRunner& runner = add(saga);
        for (const EventName& name : saga.definition()->hooked) {
            handlers_.set_options(name, options);
        }
        return runner;
    }

    /// Declares an effect on the outside world: who carries it out, and `answered(answer, tx)`.
    void effect(std::string name, std::shared_ptr<EffectPort> port,
                std::function<void(const EffectAnswer&, Transaction&)> answered,
                HandlerOptions options = {}) {
        handlers_.effect(std::move(name), std::move(port), std::move(answered), std::move(options));
    }

    /// Names a dependency that it calls through this breaker: its state is in the service's health,
    /// status, metrics and journal.
    void depends_on(std::shared_ptr<CircuitBreaker> breaker) {
        breakers_.push_back(std::move(breaker));
    }

    /// A command: `Model (H::*)(const Body&, Transaction&)`, answered `202` with the model's JSON,
    /// and with its address if it has an `id`.
    template <class H, class Model, class Body>
    void post(std::string path, H& handler, Model (H::*method)(const Body&, Transaction&)) {
        const std::string base = path;
        command<Body>("POST", std::move(path),
                      [&handler, method, base](const Body& body, const Request&, Transaction& tx) {
                          const Model model = (handler.*method)(body, tx);
                          Reply reply = Reply::json(202, model);
                          if constexpr (requires { std::string{model.id}; }) {
                              reply.headers.emplace_back("Location", base + '/' + model.id);
                          }
                          return reply;
                      });
    }
    /// A command with all its parts. The body is read and checked before the step is queued.
    template <class Body>
    void command(std::string method, std::string path,
                 std::function<Reply(const Body&, const Request&, Transaction&)> run) {
        add_command(std::move(method), std::move(path),
                    [run = std::move(run)](std::string_view text) -> Result<Prepared> {
                        auto body = std::make_shared<Body>();
                        json::Reader reader{text};
                        if (Result<void> read = read_data(reader, *body); !read) {
                            return std::move(read).error();
                        }
                        if (Result<void> ended = reader.finish(); !ended) {
                            return std::move(ended).error();
                        }
                        return Prepared{[run, body](const Request& request, Transaction& tx) {
                            return run(*body, request, tx);
                        }};
                    });
    }
    /// A command without a body of interest.
    void command(std::string method, std::string path,
                 std::function<Reply(const Request&, Transaction&)> run);
    /// A query: reads what is committed, at once, beside the step loop.
    void get(std::string path, std::function<Reply(const Request&, StoreTransaction&)> run);

    /// Other things than events that it reacts to, and how it retries.
    Handlers& handlers() noexcept { return handlers_; }

    /// Hands dead letters to its handlers in a scratch copy of its database below `data`, beside
    /// whichever process runs it, and returns what would become of them; see `rehearse`. Handlers
    /// run on the calling thread, so this is for a process of its own.
    /// Errors: as `Host::open` and `rehearse`; `limit_exceeded` (no room for the copy).
    Result<Rehearsal> rehearse(io::World& world, const std::string& data,
                               const DeadLetterChoice& choice, std::size_t events_max = 100);

    /// What it owns and handles and how its sagas go, for contracts' documentation and lint.
    ServiceOutline outline() const;

    /// Checks what it declares against the contracts it was built with, if it has any: that those
    /// of its domains name it as their owner and no other's do, that it handles only events that
    /// somebody publishes, and that its sagas publish only its own. `Host::add` asks for it.
    /// Errors: `contract_violation`.
    Result<void> check_contracts() const;
    /// The event types it handles whose contracts do not name it as a consumer, nor those of newer
    /// major versions. The names live as long as the service.
    std::vector<EventName> undeclared() const;

    /// Runs it alone until SIGTERM or SIGINT: reads the command line (`--help` tells it), opens the
    /// data directory, serves. Returns the process's exit status.
    int run();

private:
    friend class Host;
    using Prepared = std::function<Reply(const Request&, Transaction&)>;
    struct Route {
        std::string method;
        std::string path;
        std::function<Result<Prepared>(std::string_view body)> prepare;  // Commands.
        std::function<Reply(const Request&, StoreTransaction&)> query;   // Queries.
    };

    /// Makes its tables, or brings them up to date.
    Result<void> make_tables(Store& store) const;
    void add_command(std::string method, std::string path,
                     std::function<Result<Prepared>(std::string_view)> prepare);
    SagaRunner& add_saga(const std::shared_ptr<SagaDefinition>& definition);

    std::string name_;
    int argc_ = 0;
    char** argv_ = nullptr;
    std::vector<std::string> domains_;
    std::span<const Migration> migrations_;
    std::span<const EventType* const> contracts_;
    std::string_view contracts_json_;
    Handlers handlers_;
    std::vector<std::unique_ptr<SagaRunner>> sagas_;
    std::vector<Route> routes_;
    std::vector<std::shared_ptr<CircuitBreaker>> breakers_;
};

}  // namespace tidings
