#include "demo/demo.h"

#include <tidings/io/file.h>
#include <tidings/io/signals.h>
#include <tidings/service/host.h>

#include "demo/accounts.h"
#include "demo/intake.h"
#include "demo/platform.h"
#include "demo/progress.h"
#include "demo/provider_process.h"
#include "demo/report.h"
#include "demo/run_record.h"
#include "demo/taken.h"
#include "orders/generated.h"
#include "orders/olist.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <utility>

namespace shop {

namespace {

using namespace tidings;

constexpr std::uint64_t seed_default = 1;
constexpr std::uint64_t count_default = 2000;

/// A directory that is removed at the end, unless it is to stay.
class RunDirectory {
public:
    static Result<RunDirectory> open(const std::string& path, bool keep) {
        if (!path.empty()) return RunDirectory{path, true};
        std::string made = (std::filesystem::temp_directory_path() / "shop-XXXXXX").string();
        if (mkdtemp(made.data()) == nullptr) {
            return Error{ErrorCode::io_error, "no temporary directory can be made at " + made,
                         "name a directory with --data"};
        }
        return RunDirectory{made, keep};
    }
    RunDirectory(RunDirectory&& other) noexcept
        : path_(std::exchange(other.path_, {})), keep_(other.keep_) {}
    RunDirectory& operator=(RunDirectory&&) = delete;
    ~RunDirectory() {
        std::error_code ignored;
        if (!path_.empty() && !keep_) std::filesystem::remove_all(path_, ignored);
    }
    const std::string& path() const noexcept { return path_; }

private:
    RunDirectory(std::string path, bool keep) : path_(std::move(path)), keep_(keep) {}
    std::string path_;
    bool keep_;
};

int fail(const Error& error) {
    fmt::print(stderr, "error: {}\n", error.message);
    if (!error.hint.empty()) fmt::print(stderr, "hint: {}\n", error.hint);
    return 1;
}

Result<OrderBook> read_book(const DemoOptions& options) {
    Result<OrderBook> book = options.orders.empty()
                                 ? generate_orders(options.seed.value_or(seed_default),
                                                   options.count.value_or(count_default))
                                 : read_olist(options.orders);
    if (book && options.stock) make_stock_scenario(*book, *options.stock);
    return book;
}

RunParameters parameters_of(const DemoOptions& options, const OrderBook& book) {
    RunParameters parameters;
    parameters.stock = options.stock;
    if (options.orders.empty()) {
        parameters.seed = options.seed.value_or(seed_default);
        parameters.count = options.count.value_or(count_default);
    } else {
        parameters.source = "orders";
        parameters.files = book.files;
    }
    return parameters;
}

Result<void> write_outcomes(const DemoOptions& options, const Accounts& accounts) {
    if (options.outcomes.empty()) return {};
    const std::string text =
        options.stock ? decisions_csv(accounts.decisions) : outcomes_csv(accounts.orders);
    std::ofstream file{options.outcomes, std::ios::binary};
    file << text;
    file.close();
    if (file) return {};
    return Error{ErrorCode::io_error, "cannot write " + options.outcomes,
                 "name a file in a directory that is there and may be written"};
}

/// One run on one directory.
class Run {
public:
    Run(const DemoOptions& options, OrderBook book, std::string directory, io::Signals& signals)
        : options_(options),
          book_(std::move(book)),
          outside_(book_),
          directory_(std::move(directory)),
          signals_(signals),
          deadlines_run_(options.orders.empty() && !options.stock),
          platform_(outside_, platform_options()) {}

    Result<int> run();

private:
    Platform::Options platform_options() {
        Platform::Options options;
        if (deadlines_run_) options.deadlines = short_deadlines;
        options.late_answer = late_answer_default;
        if (options_.provider_port)
            options.providers = Providers::at(*options_.provider_port, true);
        options.to_orders = [this](io::HttpRequest request, io::HttpReply reply) {
            host_->request(std::move(request), std::move(reply));
        };
        return options;
    }

    Result<void> start();
    /// False: it was asked to stop.
    Result<bool> take_orders();
    bool is_over() const;
    RunFigures figures_since(TimePoint began) const;
    Result<int> finish(TimePoint began);
    void serve();

    const DemoOptions& options_;
    OrderBook book_;
    OutsideWorld outside_;
    std::string directory_;
    io::Signals& signals_;
    bool deadlines_run_;
    io::World& world_ = io::real_world();
    Platform platform_;
    std::unique_ptr<Intake> intake_;  // Outlives the Host, which answers it to its end.
    std::unique_ptr<Host> host_;
    RunRecord record_;
    std::int64_t orders_before_ = 0;
};

Result<void> Run::start() {
    HostOptions host;
    host.data = directory_;
    host.port = options_.port;
    host.log_events = options_.log_events;
    const Result<LogLevel> level = parse_log_level(options_.log_level);
    if (!level) return level.error();
    host.journal = Journal::to_stderr(world_, {*level, 1});
    auto opened = Host::open(world_, std::move(host));
    if (!opened) return std::move(opened).error();
    host_ = std::move(*opened);
    for (Service* service : platform_.services()) {
        if (Result<void> added = host_->add(*service); !added) return added;
    }
    if (Result<void> started = host_->start(); !started) return started;
    fmt::print("listening on http://127.0.0.1:{}\n", host_->port());
    std::fflush(stdout);
    return {};
}

bool Run::is_over() const {
    if (!host_->is_quiet()) return false;
    for (const std::string& service : host_->services()) {
        if (host_->status(service).timers > 0) return false;
    }
    return host_->is_quiet();
}

Result<bool> Run::take_orders() {
    Taken taken = read_taken(*host_);
    orders_before_ = static_cast<std::int64_t>(taken.orders.size());
    intake_ = std::make_unique<Intake>(
        world_, book_, std::move(taken),
        [this](io::HttpRequest request, io::HttpReply reply) {
            host_->request(std::move(request), std::move(reply));
        },
        [this] { return host_->is_quiet(); });
    const Intake& intake = *intake_;
    io::Runner runner;
    runner.start(*intake_);
    Progress progress{world_, book_.orders.size()};
    while (!intake.is_done() || !is_over()) {
        if (signals_.wait(20ms)) {
            runner.stop();
            return false;
        }
        if (const auto error = intake.error()) return *error;
        for (const std::string& service : host_->services()) {
            if (const auto failed = host_->status(service).failed) {
                return with_context(*failed, service);
            }
        }
        progress.show(*host_, intake);
    }
    runner.stop();
    progress.end();
    return true;
}

RunFigures Run::figures_since(TimePoint began) const {
    RunFigures figures;
    figures.elapsed = world_.monotonic() - began;
    for (const std::string& service : host_->services()) {
        const DeliveryStatus status = host_->status(service);
        figures.events += status.published;
        figures.steps += status.steps;
    }
    figures.orders = static_cast<std::int64_t>(book_.orders.size()) - orders_before_;
    return figures;
}

Result<int> Run::finish(TimePoint began) {
    const RunFigures figures = figures_since(began);
    try {
        const Accounts accounts = read_accounts(*host_);
        const std::vector<Invariant> invariants = check_invariants(*host_);
        for (const Invariant& invariant : invariants) {
            record_.held = record_.held && invariant.holds();
        }
        record_.report = report(accounts, invariants, figures, options_.stock);
        if (Result<void> written = write_outcomes(options_, accounts); !written) {
            return written.error();
        }
    } catch (const Failure& failure) {
        return failure.error();
    }
    if (Result<void> written = write_run(world_.files(), directory_, record_); !written) {
        return written.error();
    }
    fmt::print("{}", record_.report);
    std::fflush(stdout);
    return record_.held ? 0 : 3;
}

void Run::serve() {
    fmt::print("serving; the data is in {}; Ctrl-C ends it\n", directory_);
    std::fflush(stdout);
    while (!signals_.wait(1h)) {
    }
}

Result<int> Run::run() {
    const RunParameters parameters = parameters_of(options_, book_);
    auto before = read_run(world_.files(), directory_);
    if (!before) return before.error();
    bool finished = false;
    if (*before) {
        if (auto same = check_same((*before)->parameters, parameters, directory_); !same) {
            return same.error();
        }
        record_ = **before;
        finished = !record_.report.empty();
        if (finished && !options_.serve && options_.outcomes.empty()) {
            fmt::print("this run is finished; its report again:\n{}", record_.report);
            return record_.held ? 0 : 3;
        }
    }
    record_.parameters = parameters;
    const TimePoint began = world_.monotonic();
    if (Result<void> started = start(); !started) return started.error();
    if (!*before) {
        if (Result<void> written = write_run(world_.files(), directory_, record_); !written) {
            return written.error();
        }
    }
    if (finished && !options_.outcomes.empty()) {
        try {
            if (auto written = write_outcomes(options_, read_accounts(*host_)); !written) {
                return written.error();
            }
        } catch (const Failure& failure) {
            return failure.error();
        }
    }
    int status = record_.held ? 0 : 3;
    if (finished) {
        fmt::print("this run is finished; its report again:\n{}", record_.report);
    } else {
        const Result<bool> ended = take_orders();
        if (!ended) return ended.error();
        if (!*ended) {
            host_->stop();
            fmt::print("stopped; the same command goes on from here\n");
            return 0;
        }
        Result<int> done = finish(began);
        if (!done) return done;
        status = *done;
    }
    if (options_.serve) serve();
    host_->stop();
    return status;
}

/// Prints what the provider's books say. False: they say that somebody paid twice.
Result<bool> show(const ProviderProcess& provider) {
    const Result<ProviderBooks> books = provider.books();
    if (!books) return books.error();
    fmt::print("Payment provider's books\n  {:<32}{:>10}\n  {:<32}{:>10}\n  {:<32}{:>10}\n",
               "charges", books->charges, "of an order charged before", books->double_charges,
               "requests that came again", books->repeats);
    fmt::print("  {:<32}{:>10}\n  {:<32}{:>10}\n", "captured", to_string(books->captured),
               "refunded", to_string(books->refunded));
    return books->double_charges == 0;
}

}  // namespace

int run_demo(const DemoOptions& asked) {
    io::Signals signals;
    DemoOptions options = asked;
    if (!options.orders.empty() && (options.seed || options.count)) {
        return fail({ErrorCode::invalid_argument,
                     "--seed and --count make orders up, --orders reads them",
                     "leave one of them out"});
    }
    if (!options.data.empty()) {
        // Before anything is read: a directory that is not ours is refused untouched.
        const Result<void> ours = check_data_directory(io::real_world().files(), options.data);
        if (!ours && ours.error().code != ErrorCode::not_found) return fail(ours.error());
    }
    Result<OrderBook> book = read_book(options);
    if (!book) return fail(book.error());
    Result<RunDirectory> directory = RunDirectory::open(options.data, options.serve);
    if (!directory) return fail(directory.error());
    std::optional<ProviderProcess> provider;
    if (options.providers && !options.provider_port) {
        const std::string ledger = options.data.empty() ? "" : options.data + ".provider-ledger";
        auto started = ProviderProcess::start(OutsideWorld{*book}.write(), ledger);
        if (!started) return fail(started.error());
        provider.emplace(std::move(*started));
        options.provider_port = provider->port();
        fmt::print("faults and ledger of the provider at http://127.0.0.1:{}\n",
                   provider->control_port());
    }
    Run run{options, std::move(*book), directory->path(), signals};
    const Result<int> status = run.run();
    if (!status) return fail(status.error());
    if (!provider) return *status;
    const Result<bool> paid_once = show(*provider);
    if (!paid_once) return fail(paid_once.error());
    return *paid_once ? *status : 3;
}

}  // namespace shop
