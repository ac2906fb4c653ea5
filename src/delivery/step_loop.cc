#include <tidings/delivery/step_loop.h>

#include "base/test_points.h"
#include "delivery/outbox_history.h"
#include "delivery/schema.h"
#include "delivery/step_loop_impl.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace tidings {

// ---------------------------------------------------------------------------------------- opening

Result<void> StepLoop::Impl::open(io::Wakeup& wakeup) {
    own_wakeup = &wakeup;
    runner.outbox.event_bytes_max = broker.features().event_bytes_max;
    if (Result<void> sound = handlers.check(); !sound) {
        return with_context(sound.error(), options.service);
    }
    if (Result<void> migrated = store.migrate("tidings", delivery_migrations()); !migrated) {
        return migrated;
    }
    for (const std::string& domain : options.domains) {
        if (Result<void> claimed = broker.claim(Topic{domain}, options.service); !claimed) {
            return claimed;
        }
        claimed_domains.push_back(domain);
    }
    for (std::string& domain : handlers.domains()) {
        topics.push_back(std::make_unique<TopicState>());
        topics.back()->name = std::move(domain);
    }
    if (Result<void> read = read_state(); !read) return read;
    for (const auto& topic : topics) {
        auto subscription = broker.subscribe(Topic{topic->name}, ConsumerGroup{options.service},
                                             {topic->position, {}, &wakeup});
        if (!subscription) return std::move(subscription).error();
        topic->subscription = std::move(*subscription);
        auto watch = broker.subscribe(Topic{topic->name}, ConsumerGroup{}, {Latest{}, {}, nullptr});
        if (!watch) return std::move(watch).error();
        topic->watch = std::move(*watch);
        if (runner.attempts.was_unclean()) {
            topic->uncertain_until = topic->watch->high_watermark();
        }
    }
    publish_status(false);
    return {};
}

Result<void> StepLoop::Impl::read_state() {
    const std::optional<StuckRecord> stuck =
        read_stuck_record(world.files(), options.watchdog.record);
    if (Result<void> begun = store.begin(); !begun) return begun;
    std::vector<StoredEffect> unanswered;
    try {
        StoreTransaction& tx = store.transaction();
        clock.open(tx);
        runner.open(tx, topics);
        reconcile_with_logs(tx, world, broker, claimed_domains, options.service, runner.outbox,
                            options.journal);
        runner.attempts.open(tx, options.group_steps_max, world.now());
        if (stuck) runner.attempts.add_crash(tx, stuck->step, stuck->reason, world.now());
        handed_to = runner.outbox.published_position();
        hand_on_to_relay(tx);
        unanswered = runner.effects.open(tx);
    } catch (const Failure& failure) {
        store.rollback();
        return with_context(failure.error(), options.service);
    }
    if (Result<void> committed = store.commit(); !committed) return committed;
    if (runner.outbox.pending() > 0) reached("outbox.events_left_after_restart");
    if (!unanswered.empty()) reached("effect.left_after_restart");
    // Written down by now; if it should come again, the same step is counted once more.
    if (stuck) (void)world.files().remove(options.watchdog.record);
    if (!planted(Mistake::effects_in_memory_only)) effects.push(std::move(unanswered));
    return {};
}

void StepLoop::Impl::report(std::vector<EffectOutcome> reported) {
    {
        const std::lock_guard lock{mutex};
        std::move(reported.begin(), reported.end(), std::back_inserter(outcomes));
    }
    own_wakeup->notify();
}

// ------------------------------------------------------------------------------------ public face

StepLoop::StepLoop(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
StepLoop::~StepLoop() {
    for (const std::string& domain : impl_->claimed_domains) impl_->broker.release(Topic{domain});
}

Result<std::unique_ptr<StepLoop>> StepLoop::open(io::World& world, Store& store, Broker& broker,
                                                 const Handlers& handlers, Options options) {
    auto loop = std::unique_ptr<StepLoop>{
        new StepLoop{std::make_unique<Impl>(world, store, broker, handlers, std::move(options))}};
    if (Result<void> opened = loop->impl_->open(loop->wakeup()); !opened) {
        return std::move(opened).error();
    }
    return loop;
}

Result<void> StepLoop::submit(Command command) { return impl_->submit(std::move(command)); }
TimePoint StepLoop::poll(TimePoint now) { return impl_->poll(now); }
std::string_view StepLoop::name() const noexcept { return impl_->options.service; }
io::Worker& StepLoop::relay() noexcept { return impl_->relay; }
io::Worker& StepLoop::effects() noexcept { return impl_->effects; }
io::Worker& StepLoop::watchdog() noexcept { return impl_->watchdog; }

void StepLoop::hold_intake(const std::optional<Error>& why) {
    {
        const std::lock_guard lock{impl_->mutex};
        impl_->held_back = why;
        impl_->is_held_back = why.has_value();
    }
    impl_->relay.hold(why);
    wakeup().notify();
}

void StepLoop::stop() noexcept {
    impl_->stopping = true;
    wakeup().notify();
}

bool StepLoop::is_stopped() const noexcept { return impl_->stopped; }

DeliveryStatus StepLoop::status() const {
    DeliveryStatus status = impl_->look();
    status.stalled = impl_->watchdog.stalled();
    status.step_age = impl_->watchdog.step_age();
    return status;
}

}  // namespace tidings
