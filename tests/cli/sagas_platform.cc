/// A shop whose bank does not say that it has paid back, for the command line's tests of sagas:
/// `cli_sagas MODE DIR`.
///
///     stopped   orders o-1 and o-2 were given up, and wait for an operator; o-3 is under way
///     serve     runs until stdin ends; prints `ready`. Who is asked a second time pays back.
#include <tidings/io/file.h>
#include <tidings/service/host.h>

#include <array>
#include <contracts/all.h>
#include <cstdio>
#include <models/order_service.h>
#include <string>
#include <string_view>

namespace {

using namespace tidings;     // NOLINT: a program of its own
using namespace proof_flow;  // NOLINT: its events

constexpr std::array schema{Migration{1, "asked", "CREATE TABLE asked (order_id TEXT NOT NULL);"}};

struct Bank {
    void on(const order::PaymentRevoked& event, Transaction& tx) {
        tx.execute("INSERT INTO asked (order_id) VALUES ($1)", event.order_id);
        const auto times =
            tx.value<int>("SELECT count(*) FROM asked WHERE order_id = $1", event.order_id);
        if (*times > 1) tx.publish(payment::Refunded{.order_id = event.order_id});
    }
};

Saga<order_service::Fulfilment> fulfilment() {
    using State = order_service::Fulfilment;
    return saga<State>("order.fulfilment")
        .start([](const order::Created& event) { return State{.order_id = event.order_id}; })
        .step("payment", 1h,
              [](State& state, const payment::Completed&) {
                  return order::Paid{.order_id = state.order_id};
              })
        .undo<payment::Refunded>(
            [](const State& state) { return order::PaymentRevoked{.order_id = state.order_id}; },
            1ms)
        .step("receipt", 1h,
              [](State& state, const payment::ReceiptSent&) {
                  return order::Completed{.order_id = state.order_id};
              })
        .fail_on<payment::ReceiptFailed, DeadlineExceeded>(
            [](const State& state, const auto& failure) {
                return order::Cancelled{.order_id = state.order_id, .reason = failure.reason};
            });
}

class Platform {
public:
    explicit Platform(const std::string& directory) {
        orders_.contracts(contracts(), contracts_json());
        orders_.add(fulfilment());
        orders_.command("POST", "/orders/{id}", [](const Request& request, Transaction& tx) {
            tx.publish(order::Created{.order_id = request.parameter("id")});
            return Reply{202, "{}", {}};
        });
        payments_.contracts(contracts(), contracts_json());
        payments_.schema(schema);
        payments_.on<order::PaymentRevoked>(bank_);
        HostOptions options;
        options.data = directory;
        options.port = 0;
        host_ = Host::open(io::real_world(), std::move(options)).value();
        host_->add(orders_).value();
        host_->add(payments_).value();
    }

    /// Sends a request and lets everybody work.
    void send(const std::string& path, const std::string& body) {
        host_->request({.method = "POST", .target = path, .path = path, .body = body},
                       [](const io::HttpResponse& answer) {
                           if (answer.status >= 300)
                               std::fprintf(stderr, "%s\n", answer.body.c_str());
                       });
        poll();
    }
    void publish(const std::string& type, const std::string& data) {
        send("/events", R"({"type":")" + type + R"(","data":)" + data + "}");
    }
    void poll() {
        for (int round = 0; round < 20; ++round) {
            for (io::Worker* worker : host_->workers()) {
                worker->poll(io::real_world().monotonic());
            }
        }
    }

    void fill() {
        for (const char* id : {"o-1", "o-2", "o-3"}) {
            const std::string data = std::string{R"({"orderId":")"} + id + "\"}";
            const std::string why =
                std::string{R"({"orderId":")"} + id + R"(","reason":"NO_ADDRESS"})";
            send(std::string{"/orders/"} + id, "");
            publish("payment.completed", data);
            if (std::string_view{id} != "o-3") publish("payment.receipt_failed", why);
        }
        while (host_->status("order-service").sagas_need_operator < 2) poll();
    }

    Host& host() { return *host_; }

private:
    Bank bank_;
    Service orders_{"order-service"};
    Service payments_{"payment-service"};
    std::unique_ptr<Host> host_;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    Platform platform{argv[2]};
    if (std::string_view{argv[1]} == "serve") {
        platform.host().start().value();
        std::puts("ready");
        std::fflush(stdout);
        while (std::getchar() != EOF) {
        }
        return 0;
    }
    platform.fill();
    platform.host().stop();
    return 0;
}
