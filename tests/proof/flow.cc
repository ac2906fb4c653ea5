#include "flow.h"

#include <tidings/broker/log_broker.h>
#include <tidings/service/verify.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <contracts/all.h>
#include <contracts/order.h>
#include <contracts/payment.h>
#include <models/order_service.h>
#include <new>
#include <utility>

namespace tidings::proof {

namespace {

namespace order = proof_flow::order;
namespace payment = proof_flow::payment;
using proof_flow::order_service::Fulfilment;
using proof_flow::order_service::PlaceOrder;

constexpr std::array order_schema{Migration{1, "orders", R"sql(
CREATE TABLE orders (id TEXT PRIMARY KEY, status TEXT NOT NULL, moves INTEGER NOT NULL);
)sql"}};
constexpr std::array payment_schema{Migration{1, "payments", R"sql(
CREATE TABLE handled (what TEXT NOT NULL, order_id TEXT NOT NULL, times INTEGER NOT NULL,
    PRIMARY KEY (what, order_id));
)sql"}};

int number_of(const std::string& order) { return std::atoi(order.substr(2).c_str()); }
bool is_declined(const std::string& order) { return number_of(order) % 5 == 4; }
bool has_no_receipt(const std::string& order) { return number_of(order) % 7 == 6; }

Saga<Fulfilment> fulfilment() {
    return saga<Fulfilment>("order.fulfilment")
        .start([](const order::Created& event) {
            Fulfilment state;
            state.order_id = event.order_id;
            return state;
        })
        .step("payment", std::chrono::hours{24},
              [](Fulfilment& state, const payment::Completed&) {
                  return order::Paid{.order_id = state.order_id};
              })
        .undo<payment::Refunded>([](const Fulfilment& state) {
            return order::PaymentRevoked{.order_id = state.order_id};
        })
        .step("receipt", std::chrono::hours{24},
              [](Fulfilment& state, const payment::ReceiptSent&) {
                  return order::Completed{.order_id = state.order_id};
              })
        .fail_on<payment::Failed, payment::ReceiptFailed, DeadlineExceeded>(
            [](const Fulfilment& state, const auto&) {
                return order::Cancelled{.order_id = state.order_id};
            });
}

/// Bank and mailer: what they carry out is the witness's to remember.
class Outside final : public EffectPort {
public:
    Outside(io::World& world, Witness& witness, const Flow::Options& options)
        : world_(world),
          witness_(witness),
          is_open_(options.bank_is_open),
          forgets_(options.bank_forgets) {}
    Result<EffectResult> perform(const EffectRequest& request) override {
        const std::string& of = request.subject;
        if (is_open_ && !is_open_()) return Error{ErrorCode::unavailable, "it is closed"};
        if (request.name == "bank.charge" && is_declined(of)) return answer(false);
        if (request.name == "mail.receipt" && has_no_receipt(of)) return answer(false);
        witness_.carry_out(key_of(request), request.name + ' ' + of);
        return answer(true);
    }

private:
    static EffectResult answer(bool accepted) {
        return Answered{accepted ? R"({"accepted":true})" : R"({"accepted":false})"};
    }
    std::string key_of(const EffectRequest& request) const {
        if (!forgets_) return request.idempotency_key;
        const auto hour = std::chrono::floor<std::chrono::hours>(world_.now());
        return fmt::format("{}@{}", request.idempotency_key, hour.time_since_epoch().count());
    }

    io::World& world_;
    Witness& witness_;
    std::function<bool()> is_open_;
    bool forgets_;
};

bool is_accepted(const EffectAnswer& answer) {
    return answer.answer.find("true") != std::string::npos;
}

}  // namespace

void Witness::accept(const std::string& order) {
    if (accepted.insert(order).second && on_accepted) on_accepted(order);
}

void Witness::carry_out(const std::string& key, const std::string& what) {
    if (carried_out.emplace(key, what).second && on_carried_out) on_carried_out(key, what);
}

/// Takes orders and moves them on.
class Flow::Orders {
public:
    Orders() : service_("order-service") {
        service_.schema(order_schema);
        service_.contracts(proof_flow::contracts(), proof_flow::contracts_json());
        service_.command<PlaceOrder>(
            "POST", "/orders", [](const PlaceOrder& wanted, const Request&, Transaction& tx) {
                const std::int64_t made = tx.execute(
                    "INSERT INTO orders (id, status, moves) VALUES ($1, 'placed', 0) "
                    "ON CONFLICT (id) DO NOTHING",
                    wanted.id);
                if (made == 1) tx.publish(order::Created{.order_id = wanted.id});
                return Reply::accepted("/orders/" + wanted.id, wanted);
            });
        service_.add(fulfilment().observe(
            [](const Fulfilment& state, const SagaProgress& progress, Transaction& tx) {
                const char* status = progress.status == SagaStatus::completed     ? "completed"
                                     : progress.status == SagaStatus::running     ? "running"
                                     : progress.status == SagaStatus::compensated ? "cancelled"
                                                                                  : "compensating";
                tx.execute("UPDATE orders SET status = $2, moves = moves + 1 WHERE id = $1",
                           state.order_id, status);
            }));
    }
    Service& service() { return service_; }

private:
    Service service_;
};

/// Asks bank and mailer, and says what they answered.
class Flow::Payments {
public:
    Payments(io::World& world, Witness& witness, const Options& options)
        : service_("payment-service"), swallows_bad_alloc_(options.swallows_bad_alloc) {
        service_.schema(payment_schema);
        service_.contracts(proof_flow::contracts(), proof_flow::contracts_json());
        service_.on<order::Created, order::Paid, order::PaymentRevoked, order::Completed,
                    order::Cancelled>(*this);
        const auto outside = std::make_shared<Outside>(world, witness, options);
        service_.effect("bank.charge", outside, [](const EffectAnswer& answer, Transaction& tx) {
            is_accepted(answer) ? tx.publish(payment::Completed{.order_id = answer.subject})
                                : tx.publish(payment::Failed{.order_id = answer.subject});
        });
        service_.effect("mail.receipt", outside, [](const EffectAnswer& answer, Transaction& tx) {
            is_accepted(answer) ? tx.publish(payment::ReceiptSent{.order_id = answer.subject})
                                : tx.publish(payment::ReceiptFailed{.order_id = answer.subject});
        });
        service_.effect("bank.refund", outside, [](const EffectAnswer& answer, Transaction& tx) {
            tx.publish(payment::Refunded{.order_id = answer.subject});
        });
    }
    Service& service() { return service_; }

    void on(const order::Created& event, Transaction& tx) {
        try {
            count("created", event.order_id, tx);
            if (swallows_bad_alloc_) swallows_bad_alloc_();
            tx.request("bank.charge", event.order_id, "{}");
        } catch (const std::bad_alloc&) {
            if (!swallows_bad_alloc_) throw;
        }
    }
    void on(const order::Paid& event, Transaction& tx) {
        count("paid", event.order_id, tx);
        tx.request("mail.receipt", event.order_id, "{}");
    }
    void on(const order::PaymentRevoked& event, Transaction& tx) {
        count("revoked", event.order_id, tx);
        tx.request("bank.refund", event.order_id, "{}");
    }
    void on(const order::Completed& event, Transaction& tx) {
        count("completed", event.order_id, tx);
    }
    void on(const order::Cancelled& event, Transaction& tx) {
        count("cancelled", event.order_id, tx);
    }

private:
    static void count(const char* what, const std::string& order, Transaction& tx) {
        tx.execute(
            "INSERT INTO handled (what, order_id, times) VALUES ($1, $2, 1) "
            "ON CONFLICT (what, order_id) DO UPDATE SET times = times + 1",
            what, order);
    }
    Service service_;
    std::function<void()> swallows_bad_alloc_;
};

Flow::Flow(io::World& world, Witness& witness, Options options)
    : world_(world), witness_(witness), options_(std::move(options)) {}
Flow::~Flow() { drop(); }

Result<void> Flow::open() {
    HostOptions host;
    host.data = options_.data;
    host.limits.group_steps_max = options_.group_steps_max;
    host.broker = [this](io::World& world) {
        return open_log_broker(world, options_.data + "/log",
                               {.segment_bytes_max = options_.segment_bytes});
    };
    auto opened = Host::open(world_, std::move(host));
    if (!opened) return std::move(opened).error();
    orders_ = std::make_unique<Orders>();
    payments_ = std::make_unique<Payments>(world_, witness_, options_);
    host_ = std::move(*opened);
    if (options_.parts != Parts::payments) {
        if (Result<void> added = host_->add(orders_->service()); !added) return added;
    }
    if (options_.parts == Parts::orders) return {};
    return host_->add(payments_->service());
}

void Flow::place(int number) {
    const std::string id = order_id(number);
    if (options_.acknowledges_early) witness_.accept(id);
    host_->request({.method = "POST",
                    .target = "/orders",
                    .path = "/orders",
                    .body = fmt::format(R"({{"id":"{}"}})", id)},
                   [this, id](const io::HttpResponse& answer) {
                       if (answer.status == 202) witness_.accept(id);
                   });
}

void Flow::poll() {
    std::vector<io::Worker*> workers = host_->workers();
    for (std::size_t left = workers.size(); left > 0; --left) {
        const std::size_t at =
            options_.draw ? static_cast<std::size_t>(options_.draw(left)) : workers.size() - left;
        workers[at]->poll(world_.monotonic());
        if (options_.draw) std::swap(workers[at], workers[left - 1]);
    }
}

bool Flow::settle(int polls_max, const std::function<void()>& between) {
    for (int i = 0; i < polls_max; ++i) {
        poll();
        if (between) between();
        if (is_quiet()) return true;
    }
    return false;
}

Result<void> Flow::run(int first, int count, const std::function<void()>& between) {
    constexpr int polls_max = 2000;
    constexpr int at_once = 3;
    if (Result<void> opened = open(); !opened) return opened;
    if (options_.reached) options_.reached("opened");
    for (int i = 0; i < count; ++i) {
        place(first + i);
        if (i % at_once == at_once - 1) settle(2, between);
        if (i != count / 2 || !options_.starts_anew) continue;
        settle(polls_max, between);
        close();
        if (options_.reached) options_.reached("opening");
        if (Result<void> opened = open(); !opened) return opened;
    }
    if (!settle(polls_max, between)) {
        return Error{ErrorCode::timeout, "the flow does not come to rest"};
    }
    if (options_.reached) options_.reached("settled");
    close();
    return {};
}

void Flow::close() {
    host_->stop();
    drop();
}

void Flow::drop() {
    host_.reset();
    payments_.reset();
    orders_.reset();
}

bool Flow::all_are_final() {
    const auto reader = host_->reader("order-service").value();
    return reader
               ->value<std::int64_t>(
                   "SELECT count(*) FROM orders WHERE status NOT IN ('completed', 'cancelled')")
               .value_or(1) == 0;
}

std::vector<std::string> Flow::lost() {
    std::vector<std::string> lost;
    std::set<std::string> known;
    try {
        const auto reader = host_->reader("order-service").value();
        Rows rows = reader->query("SELECT id FROM orders");
        while (rows.next()) known.insert(rows.row().get<std::string>(0));
    } catch (const Failure& failure) {
        lost.push_back("the orders cannot be read: " + failure.error().message);
    }
    for (const std::string& order : witness_.accepted) {
        if (!known.contains(order)) lost.push_back("order " + order + " was accepted and is lost");
    }
    return lost;
}

std::vector<std::string> Flow::unfinished() {
    std::vector<std::string> wrong = lost();
    std::map<std::string, int> times;
    for (const auto& [key, what] : witness_.carried_out) ++times[what];
    const auto expect = [&](const std::string& what, int expected) {
        if (times[what] != expected) {
            wrong.push_back(fmt::format("{}: {} times instead of {}", what, times[what], expected));
        }
    };
    try {
        const auto orders = host_->reader("order-service").value();
        Rows rows = orders->query("SELECT id, status FROM orders");
        while (rows.next()) {
            const auto id = rows.row().get<std::string>(0);
            const auto status = rows.row().get<std::string>(1);
            if (status != fate(id)) wrong.push_back(fmt::format("order {} is {}", id, status));
            const bool charged = !is_declined(id);
            const bool refunded = charged && has_no_receipt(id);
            expect("bank.charge " + id, charged ? 1 : 0);
            expect("bank.refund " + id, refunded ? 1 : 0);
            expect("mail.receipt " + id, charged && !refunded ? 1 : 0);
        }
    } catch (const Failure& failure) {
        wrong.push_back("the books cannot be read: " + failure.error().message);
    }
    check_books(wrong);
    return wrong;
}

std::vector<std::string> Flow::out_of_balance() {
    std::vector<std::string> wrong = lost();
    std::map<std::string, int> times;
    for (const auto& [key, what] : witness_.carried_out) ++times[what];
    try {
        const auto orders = host_->reader("order-service").value();
        Rows rows = orders->query("SELECT id, status FROM orders");
        while (rows.next()) {
            const auto id = rows.row().get<std::string>(0);
            const auto status = rows.row().get<std::string>(1);
            const int charged = times["bank.charge " + id];
            const int refunded = times["bank.refund " + id];
            const int receipts = times["mail.receipt " + id];
            const bool done =
                status == "completed" && charged == 1 && refunded == 0 && receipts == 1;
            const bool undone =
                status == "cancelled" && charged <= 1 && refunded == charged && receipts <= 1;
            if (done || undone) continue;
            wrong.push_back(fmt::format("order {} is {}: charged {}, refunded {}, {} receipts", id,
                                        status, charged, refunded, receipts));
        }
    } catch (const Failure& failure) {
        wrong.push_back("the books cannot be read: " + failure.error().message);
    }
    check_books(wrong);
    return wrong;
}

/// Nothing was handled twice, and nothing is unaccounted.
void Flow::check_books(std::vector<std::string>& wrong) {
    try {
        const auto payments = host_->reader("payment-service").value();
        Rows handled = payments->query("SELECT what, order_id, times FROM handled WHERE times > 1");
        while (handled.next()) {
            wrong.push_back(fmt::format("{} of {} was handled {} times", handled.row().text(0),
                                        handled.row().text(1), handled.row().integer(2)));
        }
    } catch (const Failure& failure) {
        wrong.push_back("the books cannot be read: " + failure.error().message);
    }
    for (const std::string& service : host_->services()) {
        const DeliveryStatus status = host_->status(service);
        if (status.unaccounted() != 0 || status.dead != 0) {
            wrong.push_back(fmt::format("{}: {} unaccounted, {} dead", service,
                                        status.unaccounted(), status.dead));
            const auto why = host_->reader(service).value()->value<std::string>(
                "SELECT error FROM tidings_held WHERE state = 3");
            if (why) wrong.back() += ": " + *why;
        }
    }
}

std::vector<std::string> verified(io::World& world, const std::string& data) {
    const auto verification = verify_data_directory(world, data);
    if (!verification) {
        if (verification.error().code == ErrorCode::not_found) return {};
        return {"it cannot be verified: " + verification.error().message};
    }
    std::vector<std::string> wrong;
    for (const Finding& finding : verification->findings) {
        if (finding.kind == Finding::Kind::note) continue;
        wrong.push_back(fmt::format("verify: {}, byte {}: {}", finding.file,
                                    finding.byte ? std::to_string(*finding.byte) : "-",
                                    finding.what));
    }
    return wrong;
}

std::string Flow::order_id(int number) { return fmt::format("o-{}", number); }
std::string Flow::fate(const std::string& order) {
    return is_declined(order) || has_no_receipt(order) ? "cancelled" : "completed";
}

}  // namespace tidings::proof
