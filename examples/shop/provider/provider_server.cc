#include "provider/provider_server.h"

#include <tidings/io/http.h>
#include <tidings/io/signals.h>
#include <tidings/io/worker.h>

#include "demo/one_service.h"
#include "demo/platform.h"
#include "provider/provider.h"

#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <poll.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace shop {

namespace {

using namespace tidings;

/// Answers that are sent later, and those that are not sent at all.
class LateAnswers final : public io::Worker {
public:
    void add(TimePoint when, io::HttpReply reply, io::HttpResponse response) {
        {
            const std::lock_guard lock{mutex_};
            waiting_.emplace(when, std::pair{std::move(reply), std::move(response)});
        }
        wakeup().notify();
    }
    /// As long as a reply is kept, the client waits for it.
    void keep(io::HttpReply reply) {
        const std::lock_guard lock{mutex_};
        kept_.push_back(std::move(reply));
    }
    /// Lets go of those that hang; the server answers them with an error of its own.
    void let_go() {
        std::vector<io::HttpReply> gone;
        const std::lock_guard lock{mutex_};
        gone.swap(kept_);
    }

    TimePoint poll(TimePoint now) override {
        for (;;) {
            std::pair<io::HttpReply, io::HttpResponse> due;
            {
                const std::lock_guard lock{mutex_};
                if (waiting_.empty()) return when_woken;
                if (waiting_.begin()->first > now) return waiting_.begin()->first;
                due = std::move(waiting_.extract(waiting_.begin()).mapped());
            }
            due.first(std::move(due.second));
        }
    }
    std::string_view name() const noexcept override { return "late answers"; }

private:
    std::mutex mutex_;
    std::multimap<TimePoint, std::pair<io::HttpReply, io::HttpResponse>> waiting_;
    std::vector<io::HttpReply> kept_;
};

/// The provider behind two ports: one for its clients, which is closed while it is down, and one
/// for whoever dials faults in.
class ProviderServer {
public:
    ProviderServer(const OutsideWorld& outside, const ProviderOptions& options)
        : options_(options), provider_(io::real_world(), outside, late_answer_default) {}

    Result<void> start() {
        if (Result<void> opened = provider_.open_ledger(options_.ledger); !opened) return opened;
        runner_.start(late_);
        if (Result<void> listens = listen(options_.port); !listens) return listens;
        io::HttpServer::Options control;
        control.port = options_.control_port;
        auto server = io::HttpServer::start(
            control, [this](const io::HttpRequest& request, const io::HttpReply& reply) {
                io::HttpResponse response = provider_.control(request);
                const Result<void> followed = follow();
                reply(followed ? std::move(response)
                               : io::problem(500, "not done", followed.error().message));
            });
        if (!server) return std::move(server).error();
        control_ = std::move(*server);
        return {};
    }
    int port() const { return port_; }
    int control_port() const { return control_->port(); }

private:
    /// Does what the faults that were dialled in ask for.
    Result<void> follow() {
        const bool down = provider_.faults("payments").down && provider_.faults("rates").down;
        const bool hangs = provider_.faults("payments").hang || provider_.faults("rates").hang;
        if (!hangs) late_.let_go();
        if (down == (server_ == nullptr)) return {};
        if (!down) return listen(port_);
        server_->stop(Duration::zero());
        server_.reset();
        return {};
    }

    Result<void> listen(int port) {
        io::HttpServer::Options options;
        options.port = port;
        auto server = io::HttpServer::start(
            options, [this](const io::HttpRequest& request, io::HttpReply reply) {
                serve(request, std::move(reply));
            });
        if (!server) return std::move(server).error();
        server_ = std::move(*server);
        port_ = server_->port();
        return {};
    }

    void serve(const io::HttpRequest& request, io::HttpReply reply) {
        Provider::Served served = provider_.serve(request);
        if (served.down) return reply(io::problem(502, "down", "as it was told to be"));
        if (served.never) return late_.keep(std::move(reply));
        if (served.after == Duration::zero()) return reply(std::move(served.response));
        late_.add(io::real_world().monotonic() + served.after, std::move(reply),
                  std::move(served.response));
    }

    const ProviderOptions& options_;
    Provider provider_;
    LateAnswers late_;
    io::Runner runner_;
    int port_ = 0;
    std::unique_ptr<io::HttpServer> server_;
    std::unique_ptr<io::HttpServer> control_;
};

int fail(const Error& error) {
    fmt::print(stderr, "error: {}\n", error.message);
    if (!error.hint.empty()) fmt::print(stderr, "hint: {}\n", error.hint);
    return 1;
}

/// Whether whoever started it has gone.
bool has_input_ended() {
    pollfd input{STDIN_FILENO, POLLIN, 0};
    char byte = 0;
    return ::poll(&input, 1, 0) > 0 && ::read(STDIN_FILENO, &byte, 1) <= 0;
}

}  // namespace

int run_provider(const ProviderOptions& options) {
    io::Signals signals;
    const Result<OutsideWorld> outside = read_outside(options.stories);
    if (!outside) return fail(outside.error());
    ProviderServer server{*outside, options};
    if (const Result<void> started = server.start(); !started) return fail(started.error());
    fmt::print("listening on http://127.0.0.1:{}\n", server.port());
    fmt::print("faults and ledger at http://127.0.0.1:{}\n", server.control_port());
    std::fflush(stdout);
    while (!signals.wait(100ms)) {
        if (options.with_parent && has_input_ended()) break;
    }
    return 0;
}

}  // namespace shop
