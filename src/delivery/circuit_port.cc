#include <tidings/delivery/circuit_port.h>

#include <utility>

namespace tidings {

namespace {

class CircuitPort final : public EffectPort {
public:
    CircuitPort(std::shared_ptr<EffectPort> port, std::shared_ptr<CircuitBreaker> breaker)
        : port_(std::move(port)), breaker_(std::move(breaker)) {}

    Result<EffectResult> perform(const EffectRequest& request) override {
        auto called = breaker_->call(
            [&](const CallAttempt&) -> Result<Result<EffectResult>> {
                Result<EffectResult> result = port_->perform(request);
                if (!result && is_retryable(result.error().code)) return result.error();
                return result;
            },
            [&](const CallRefused& refused) -> Result<EffectResult> {
                if (refused.was_called) return refused.error;
                return EffectResult{PutOff{refused.ask_again, refused.error}};
            });
        return std::move(called.value);
    }

private:
    std::shared_ptr<EffectPort> port_;
    std::shared_ptr<CircuitBreaker> breaker_;
};

}  // namespace

std::shared_ptr<EffectPort> through_circuit(std::shared_ptr<EffectPort> port,
                                            std::shared_ptr<CircuitBreaker> breaker) {
    return std::make_shared<CircuitPort>(std::move(port), std::move(breaker));
}

}  // namespace tidings
