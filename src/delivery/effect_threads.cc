#include <tidings/base/assert.h>
#include <tidings/delivery/effect_threads.h>
#include <tidings/io/worker.h>

#include <deque>
#include <mutex>
#include <utility>
#include <vector>

namespace tidings {

namespace {

/// Bounded by what an EffectWorker begins at a time.
class WaitingCalls {
public:
    struct Call {
        EffectRequest request;
        EffectDone done;
    };

    void push(Call call) {
        const std::lock_guard lock{mutex_};
        calls_.push_back(std::move(call));
    }
    /// Takes the oldest; `more` tells whether there are others.
    std::optional<Call> pop(bool& more) {
        const std::lock_guard lock{mutex_};
        if (calls_.empty()) return std::nullopt;
        Call call = std::move(calls_.front());
        calls_.pop_front();
        more = !calls_.empty();
        return call;
    }

private:
    std::mutex mutex_;
    std::deque<Call> calls_;
};

/// Makes one call after the other. It is a Worker that waits, which is why it exists: on a thread
/// where nobody else minds.
class Caller final : public io::Worker {
public:
    Caller(EffectPort& port, WaitingCalls& calls) : port_(port), calls_(calls) {}

    TimePoint poll(TimePoint now) override {
        bool more = false;
        const auto call = calls_.pop(more);
        if (!call) return when_woken;
        call->done(port_.perform(call->request));
        return more ? now : when_woken;
    }
    std::string_view name() const noexcept override { return "effect caller"; }

private:
    EffectPort& port_;
    WaitingCalls& calls_;
};

class ThreadedPort final : public EffectPort {
public:
    ThreadedPort(std::shared_ptr<EffectPort> port, std::size_t threads) : port_(std::move(port)) {
        TIDINGS_ASSERT(threads > 0);
        for (std::size_t i = 0; i < threads; ++i) {
            callers_.push_back(std::make_unique<Caller>(*port_, calls_));
        }
        for (const auto& caller : callers_) runner_.start(*caller);
    }
    ~ThreadedPort() override { runner_.stop(); }

    Result<EffectResult> perform(const EffectRequest& request) override {
        return port_->perform(request);
    }
    void start(const EffectRequest& request, const EffectDone& done) override {
        calls_.push({request, done});
        // All of them: whoever is asleep takes it, and one that is busy may be so for long.
        for (const auto& caller : callers_) caller->wakeup().notify();
    }

private:
    std::shared_ptr<EffectPort> port_;
    WaitingCalls calls_;
    std::vector<std::unique_ptr<Caller>> callers_;
    io::Runner runner_;
};

}  // namespace

std::shared_ptr<EffectPort> on_own_threads(std::shared_ptr<EffectPort> port, std::size_t threads) {
    return std::make_shared<ThreadedPort>(std::move(port), threads);
}

}  // namespace tidings
