#include "demo/outside_ports.h"

#include "models/inventory_service.h"
#include "models/payment_service.h"
#include "models/shipping_service.h"
#include "services/json_text.h"

#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace shop {

namespace {

using namespace tidings;

/// What a request names of its order; every request of the shop has it.
std::string reference_in(std::string_view request) {
    json::Reader reader{request};
    std::string reference;
    std::string_view name;
    reader.begin_object();
    while (reader.next_field(name)) {
        if (name == "reference") {
            reference = reader.text();
        } else {
            reader.skip();
        }
    }
    return reference;
}

/// An actor of the outside world: its answer is a function of the order alone.
class OutsidePort : public EffectPort {
public:
    OutsidePort(const OutsideWorld& outside, Duration late) : outside_(outside), late_(late) {}

    Result<EffectResult> perform(const EffectRequest& request) override {
        return answer(request, outside_.of(reference_in(request.request)));
    }

protected:
    virtual EffectResult answer(const EffectRequest& request, const Behaviour& behaviour) = 0;

    static EffectResult silence() { return Pending{}; }
    /// The first time it is asked it says that it will take a while.
    EffectResult late(const EffectRequest& request, EffectResult then) const {
        if (request.attempt == 1) return Pending{late_};
        return then;
    }

private:
    const OutsideWorld& outside_;
    Duration late_;
};

class Gateway : public OutsidePort {
public:
    using OutsidePort::OutsidePort;

protected:
    EffectResult answer(const EffectRequest& request, const Behaviour& behaviour) override {
        using payment_service::GatewayAnswer;
        const EffectResult accepted = Answered{to_json(GatewayAnswer{.accepted = true})};
        if (request.name == "gateway.refund") return accepted;
        switch (behaviour.gateway) {
            case shop::GatewayAnswer::accepts:
                return accepted;
            case shop::GatewayAnswer::accepts_late:
                return late(request, accepted);
            case shop::GatewayAnswer::silent:
                return silence();
            case shop::GatewayAnswer::declines:
                break;
        }
        GatewayAnswer declined{.accepted = false};
        declined.reason = std::string{decline_reason(reference_in(request.request))};
        return Answered{to_json(declined)};
    }
};

class Warehouse : public OutsidePort {
public:
    using OutsidePort::OutsidePort;

protected:
    EffectResult answer(const EffectRequest& request, const Behaviour& behaviour) override {
        using inventory_service::WarehouseAnswer;
        const EffectResult has_it = Answered{to_json(WarehouseAnswer{.has_it = true})};
        switch (behaviour.warehouse) {
            case shop::WarehouseAnswer::by_the_books:
            case shop::WarehouseAnswer::has_it:
                return has_it;
            case shop::WarehouseAnswer::has_it_late:
                return late(request, has_it);
            case shop::WarehouseAnswer::silent:
                return silence();
            case shop::WarehouseAnswer::has_not:
                break;
        }
        return Answered{to_json(WarehouseAnswer{.has_it = false})};
    }
};

class Carrier : public OutsidePort {
public:
    using OutsidePort::OutsidePort;

protected:
    EffectResult answer(const EffectRequest& request, const Behaviour& behaviour) override {
        const auto says = [](bool delivered) {
            return Answered{to_json(shipping_service::CarrierAnswer{.delivered = delivered})};
        };
        if (request.name == "carrier.recall") {
            return says(behaviour.carriage == Carriage::delivers_then_returns);
        }
        if (request.name == "carrier.track") {
            if (behaviour.carriage == Carriage::delivers) return says(true);
            return silence();
        }
        switch (behaviour.pick_up) {
            case PickUp::in_time:
                return says(false);
            case PickUp::late:
                return late(request, says(false));
            case PickUp::never:
                break;
        }
        return silence();
    }
};

/// Asks the order service, and looks for its reply when asked again: it is never waited for, so
/// that the same port serves on one thread in virtual time.
class CancellationPort : public EffectPort {
public:
    explicit CancellationPort(SendRequest send) : send_(std::move(send)) {}

    Result<EffectResult> perform(const EffectRequest& request) override {
        {
            const std::lock_guard lock{replies_->mutex};
            const auto reply = replies_->statuses.find(request.idempotency_key);
            if (reply != replies_->statuses.end()) {
                const std::optional<int> status = reply->second;
                if (!status) return EffectResult{Pending{again}};  // Under way.
                replies_->statuses.erase(reply);
                if (*status != 503 && *status != 507) return EffectResult{Answered{"{}"}};
            }
            replies_->statuses[request.idempotency_key] = std::nullopt;
        }
        io::HttpRequest http;
        http.method = "POST";
        http.path = http.target = "/orders/" + request.subject + "/cancellation";
        send_(std::move(http), [replies = replies_,
                                key = request.idempotency_key](const io::HttpResponse& response) {
            const std::lock_guard lock{replies->mutex};
            replies->statuses[key] = response.status;
        });
        return EffectResult{Pending{again}};
    }

private:
    static constexpr Duration again = 5ms;

    struct Replies {
        std::mutex mutex;
        std::map<std::string, std::optional<int>> statuses;
    };

    SendRequest send_;
    std::shared_ptr<Replies> replies_ = std::make_shared<Replies>();
};

}  // namespace

std::shared_ptr<EffectPort> gateway_port(const OutsideWorld& outside, Duration late) {
    return std::make_shared<Gateway>(outside, late);
}

std::shared_ptr<EffectPort> warehouse_port(const OutsideWorld& outside, Duration late) {
    return std::make_shared<Warehouse>(outside, late);
}

std::shared_ptr<EffectPort> carrier_port(const OutsideWorld& outside, Duration late) {
    return std::make_shared<Carrier>(outside, late);
}

std::shared_ptr<EffectPort> cancellation_port(SendRequest send) {
    return std::make_shared<CancellationPort>(std::move(send));
}

}  // namespace shop
