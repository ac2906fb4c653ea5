#include "order_flow/platform.h"

#include <tidings/broker/log_broker.h>
#include <tidings/store/sqlite.h>

#include "schema/order.h"
#include "schema/product.h"

#include <fmt/format.h>

namespace order_flow {

using namespace tidings;

namespace {

constexpr int products = 1000;
constexpr int unknown_every = 20;  // Each so many-th order names a product that nobody lists.
constexpr Duration patience = 60s;

bool names_unknown(std::int64_t number) { return number % unknown_every == unknown_every - 1; }

std::string product_id(std::int64_t number) { return fmt::format("product-{:04}", number); }

Placement placement(std::int64_t number) {
    Placement made{number, fmt::format("user-{}", number % 5000), {}};
    for (int item = 0; item < 3; ++item) {
        made.items.emplace_back(product_id((number * 7 + item * 331) % products), item + 1);
    }
    if (names_unknown(number)) made.items.back().first = "product-unknown";
    return made;
}

/// A store that tells when a group has become durable.
class WatchedStore final : public Store {
public:
    WatchedStore(std::unique_ptr<Store> store, std::function<void(bool)> ended)
        : store_(std::move(store)), ended_(std::move(ended)) {}

    Result<void> begin() override { return store_->begin(); }
    Result<void> savepoint() override { return store_->savepoint(); }
    Result<void> keep() override { return store_->keep(); }
    Result<void> undo() override { return store_->undo(); }
    Result<void> commit() override {
        auto committed = store_->commit();
        ended_(committed.has_value());
        return committed;
    }
    void rollback() noexcept override {
        store_->rollback();
        ended_(false);
    }
    bool in_transaction() const noexcept override { return store_->in_transaction(); }
    StoreTransaction& transaction() override { return store_->transaction(); }
    Result<void> migrate(std::string_view component,
                         std::span<const Migration> migrations) override {
        return store_->migrate(component, migrations);
    }
    Result<std::unique_ptr<StoreTransaction>> reader() override { return store_->reader(); }
    void maintain() override { store_->maintain(); }
    void give_room_back() override { store_->give_room_back(); }
    Result<void> close() override { return store_->close(); }

private:
    std::unique_ptr<Store> store_;
    std::function<void(bool)> ended_;
};

}  // namespace

Platform::Platform(std::int64_t orders) {
    const auto count = static_cast<std::size_t>(orders);
    times_.submitted.resize(count);
    times_.accepted.resize(count);
    times_.finished.resize(count);
    finishing_.reserve(1024);
}

Platform::~Platform() {
    runner_.stop();
    order_.loop.reset();
    product_.loop.reset();
}

Result<std::unique_ptr<Platform>> Platform::start(const std::string& directory,
                                                  std::int64_t orders) {
    std::unique_ptr<Platform> platform{new Platform{orders}};
    if (auto opened = platform->open(directory); !opened) return opened.error();
    platform->start_threads(platform->product_);
    platform->start_threads(platform->order_);
    if (auto filled = platform->fill_catalogue(); !filled) return filled.error();
    return platform;
}

Result<void> Platform::open(const std::string& directory) {
    auto broker = open_log_broker(io::real_world(), directory + "/log");
    if (!broker) return broker.error();
    broker_ = std::move(*broker);
    product_.handlers.on<order::PendingValidation>(
        [this](const order::PendingValidation& event, Transaction& tx) {
            catalogue_.on(event, tx);
        });
    order_.handlers.on<product::ValidationCompleted>(
        [this](const product::ValidationCompleted& event, Transaction& tx) {
            finishing_.push_back(orders_.on(event, tx));
        });
    if (auto opened = open(product_, directory, "product", schema::product_schema()); !opened) {
        return opened;
    }
    return open(order_, directory, "order", schema::order_schema());
}

Result<void> Platform::open(Running& service, const std::string& directory, const char* domain,
                            std::span<const Migration> schema) {
    auto store = open_sqlite(io::real_world(), fmt::format("{}/{}.db", directory, domain));
    if (!store) return store.error();
    service.store = std::move(*store);
    if (&service == &order_) {
        service.store = std::make_unique<WatchedStore>(
            std::move(service.store), [this](bool committed) { group_ended(committed); });
    }
    if (auto made = service.store->migrate(domain, schema); !made) return made;
    StepLoop::Options options;
    options.service = fmt::format("{}-service", domain);
    options.domains = {domain};
    auto loop = StepLoop::open(io::real_world(), *service.store, *broker_, service.handlers,
                               std::move(options));
    if (!loop) return loop.error();
    service.loop = std::move(*loop);
    return {};
}

void Platform::start_threads(Running& service) {
    runner_.start(service.loop->relay());
    runner_.start(service.loop->effects());
    runner_.start(*service.loop);
}

Result<void> Platform::fill_catalogue() {
    std::atomic<int> listed{0};
    Command command;
    command.name = "list";
    command.run = [this](Transaction& tx) {
        for (int number = 0; number < products; ++number) catalogue_.list(product_id(number), tx);
    };
    command.answer = [this, &listed](const Result<void>& done) {
        listed = done ? 1 : -1;
        moved_.notify();
    };
    if (auto taken = product_.loop->submit(std::move(command)); !taken) return taken;
    if (auto waited = wait_until([&listed] { return listed != 0; }); !waited) return waited;
    if (listed < 0) return Error{ErrorCode::io_error, "the catalogue could not be filled"};
    return {};
}

Result<void> Platform::submit(std::int64_t number, TimePoint submitted) {
    times_.submitted[static_cast<std::size_t>(number)] = submitted;
    Command command;
    command.name = "place";
    command.run = [this, placed = placement(number)](Transaction& tx) {
        orders_.place(placed, tx);
    };
    command.answer = [this, number](const Result<void>& done) {
        times_.accepted[static_cast<std::size_t>(number)] = io::real_world().monotonic();
        if (!done) failed_ = true;
        if (++accepted_ == answers_awaited_) moved_.notify();
    };
    if (auto taken = order_.loop->submit(std::move(command)); !taken) return taken;
    ++submitted_;
    return {};
}

void Platform::group_ended(bool committed) {
    if (committed && !finishing_.empty()) {
        const TimePoint now = io::real_world().monotonic();
        for (const std::int64_t number : finishing_) {
            times_.finished[static_cast<std::size_t>(number)] = now;
        }
        finished_ += static_cast<std::int64_t>(finishing_.size());
        if (finished_ == ends_awaited_) moved_.notify();
    }
    finishing_.clear();
}

Result<void> Platform::wait_until(const std::function<bool()>& done) {
    io::World& world = io::real_world();
    const auto moves = [this] {
        return accepted_ + finished_ + order_.loop->status().steps + product_.loop->status().steps;
    };
    std::int64_t moved = moves();
    TimePoint since = world.monotonic();
    while (!done()) {
        moved_.wait_until(world.monotonic() + 100ms);
        if (failed_) return Error{ErrorCode::io_error, "an order was refused"};
        const TimePoint now = world.monotonic();
        if (const std::int64_t moves_now = moves(); moves_now != moved) {
            moved = moves_now;
            since = now;
        } else if (now - since > patience) {
            return Error{ErrorCode::unavailable, "nothing has moved for a minute"};
        }
    }
    return {};
}

Result<void> Platform::wait_for_answers(std::int64_t count) {
    answers_awaited_ = submitted_ - count;
    return wait_until([this, count] { return unanswered() <= count; });
}

Result<void> Platform::wait_for_the_end() {
    ends_awaited_ = submitted_;
    if (auto ended = wait_until([this] { return finished_ == submitted_; }); !ended) return ended;
    // What is counted after the last commit follows it closely.
    return wait_until([this] {
        const auto settled = [this](const StepLoop& loop) {
            const DeliveryStatus status = loop.status();
            return status.is_quiet() && status.accepted == submitted_;
        };
        return settled(*order_.loop) && settled(*product_.loop);
    });
}

Result<void> Platform::verify() {
    if (auto right = verify_orders(); !right) return right;
    if (auto right = verify_events("order", product_); !right) return right;
    return verify_events("product", order_);
}

Result<void> Platform::verify_orders() {
    auto reader = order_.store->reader();
    if (!reader) return reader.error();
    const auto count = [&reader](const std::string& condition) {
        const std::string sql = "SELECT count(DISTINCT number) FROM orders WHERE " + condition;
        return (*reader)->value<std::int64_t>(sql).value_or(-1);
    };
    const std::int64_t rows =
        (*reader)->value<std::int64_t>("SELECT count(*) FROM orders").value_or(-1);
    const std::int64_t rejected = submitted_ / unknown_every;
    const std::string unknown = fmt::format("number % {} = {}", unknown_every, unknown_every - 1);
    const std::int64_t right_validated =
        count("status = 'VALIDATED' AND changes = 1 AND NOT " + unknown);
    const std::int64_t right_rejected = count("status = 'REJECTED' AND changes = 1 AND " + unknown);
    if (rows == submitted_ && right_validated == submitted_ - rejected &&
        right_rejected == rejected) {
        return {};
    }
    return Error{ErrorCode::corruption,
                 fmt::format("of {} orders, {} are stored, {} rightly validated and {} rejected",
                             submitted_, rows, right_validated, right_rejected)};
}

Result<void> Platform::verify_events(const char* domain, const Running& consumer) {
    auto topic = broker_->subscribe(Topic{domain}, ConsumerGroup{}, {});
    if (!topic) return topic.error();
    const std::int64_t published = (*topic)->high_watermark().value;
    const DeliveryStatus status = consumer.loop->status();
    if (published == submitted_ && status.accepted == submitted_ && status.done == submitted_) {
        return {};
    }
    return Error{ErrorCode::corruption,
                 fmt::format("of {} {} events, {} were published, {} accepted and {} done",
                             submitted_, domain, published, status.accepted, status.done)};
}

}  // namespace order_flow
