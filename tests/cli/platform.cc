/// A platform of two services for the command line's tests: `cli_platform MODE DIR`.
///
///     stopped   orders, payments, dead letters, events held for a retry; stopped in good order
///     killed    the same, and two more orders in the outbox, when it is killed
///     serve     runs until stdin ends; prints `ready`
///     mute      holds databases and logs until stdin ends and answers nobody; prints `ready`
#include <tidings/io/file.h>
#include <tidings/service/host.h>

#include <contracts/all.h>
#include <csignal>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace tidings;  // NOLINT: a program of its own

/// Captures payments; orders whose id begins with `bad` or `later` fail.
struct Payments {
    void on(const sample::order::Created& order, Transaction& tx) {
        if (order.order_id.starts_with("bad")) {
            const std::string note = order.note.value_or("");
            throw Failure{{ErrorCode::invalid_argument, "the card was refused: " + note}, true};
        }
        if (order.order_id.starts_with("later")) {
            throw Failure{{ErrorCode::unavailable, "the gateway is closed"}};
        }
        tx.publish(sample::payment::Completed{.order_id = order.order_id});
    }
};

struct Orders {
    void on(const sample::payment::Completed&, Transaction&) {}
};

class Platform {
public:
    explicit Platform(const std::string& directory) : directory_(directory) {
        orders_service_.contracts(sample::contracts(), sample::contracts_json());
        orders_service_.on<sample::payment::Completed>(orders_);
        payments_service_.contracts(sample::contracts(), sample::contracts_json());
        payments_service_.on<sample::order::Created>(payments_);
        payments_service_.handlers().retry.initial_delay = std::chrono::hours{24};
        payments_service_.handlers().retry.delay_max = std::chrono::hours{24};
        HostOptions options;
        options.data = directory;
        options.port = 0;
        host_ = Host::open(io::real_world(), std::move(options)).value();
        host_->add(orders_service_).value();
        host_->add(payments_service_).value();
        io::replace_file(io::real_world().files(), directory + "/contracts.json",
                         sample::contracts_json())
            .value();
    }

    void publish(const std::string& data) {
        host_->request({.method = "POST",
                        .target = "/events",
                        .path = "/events",
                        .body = R"({"type":"order.created","data":)" + data + "}"},
                       [](const io::HttpResponse& answer) {
                           if (answer.status >= 300)
                               std::fprintf(stderr, "%s\n", answer.body.c_str());
                       });
    }

    /// Polls by hand, so that nothing depends on when threads run. Workers come in threes: step
    /// loop, relay, effects.
    void poll(bool relays) {
        const std::vector<io::Worker*> workers = host_->workers();
        for (int round = 0; round < 20; ++round) {
            for (std::size_t i = 0; i < workers.size(); ++i) {
                if (i % 3 == 1 && !relays) continue;
                workers[i]->poll(io::real_world().monotonic());
            }
        }
    }

    void fill() {
        publish(R"({"orderId":"o-1","quantity":1})");
        publish(R"({"orderId":"o-2","quantity":2,"note":"ring twice"})");
        publish(R"({"orderId":"bad-1","quantity":1,"note":"\u001b[31mred\u202e"})");
        publish(R"({"orderId":"bad-2","quantity":1})");
        publish(R"({"orderId":"later-1","quantity":1})");
        publish(R"({"orderId":"later-1","quantity":2})");
        publish(R"({"orderId":"\u001b[2J\r","quantity":3})");
        poll(true);
    }

    void run(bool answers) {
        if (answers) host_->start().value();
        std::puts("ready");
        std::fflush(stdout);
        while (std::getchar() != EOF) {
        }
    }

    Host& host() { return *host_; }

private:
    std::string directory_;
    Orders orders_;
    Payments payments_;
    Service orders_service_{"order-service"};
    Service payments_service_{"payment-service"};
    std::unique_ptr<Host> host_;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    const std::string_view mode = argv[1];
    Platform platform{argv[2]};
    if (mode == "serve" || mode == "mute") {
        platform.run(mode == "serve");
        return 0;
    }
    platform.fill();
    if (mode == "killed") {
        platform.publish(R"({"orderId":"o-8","quantity":8})");
        platform.publish(R"({"orderId":"o-9","quantity":9})");
        platform.poll(false);
        std::raise(SIGKILL);
    }
    platform.host().stop();
    return 0;
}
