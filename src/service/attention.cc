#include "service/attention.h"

#include <optional>

namespace tidings {

std::vector<Error> attention(const std::string& service, const DeliveryStatus& status) {
    std::vector<Error> reasons;
    const auto add = [&reasons](const std::optional<Error>& error) {
        if (error) reasons.push_back(*error);
    };
    add(status.held_alarm);
    add(status.retry_storm);
    add(status.timer_error);
    if (status.effects_failed > 0) {
        reasons.push_back({ErrorCode::unavailable,
                           std::to_string(status.effects_failed) +
                               " requests to the outside world failed for good",
                           "see tidings_effect, state 3, in the database of " + service});
    }
    if (status.sagas_need_operator > 0) {
        reasons.push_back({ErrorCode::unavailable,
                           std::to_string(status.sagas_need_operator) +
                               " sagas wait for a compensation that has not come in time",
                           "tidings sagas --service " + service + " names them"});
    }
    if (status.unaccounted() != 0) {
        reasons.push_back({ErrorCode::internal,
                           std::to_string(status.unaccounted()) + " events are unaccounted for",
                           "tidings account --service " + service + " names them"});
    }
    return reasons;
}

}  // namespace tidings
