#include "provider/provider.h"

#include "models/payment_service.h"
#include "models/shipping_service.h"
#include "services/json_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace shop {

using namespace tidings;

namespace {

constexpr std::string_view key_header = "idempotency-key";

io::HttpResponse answer(std::string body, int status = 200) {
    return {status, "application/json", {}, std::move(body)};
}

io::HttpResponse accepts() {
    return answer(to_json(payment_service::GatewayAnswer{.accepted = true}));
}

io::HttpResponse declines(std::string reason) {
    payment_service::GatewayAnswer declined{.accepted = false};
    declined.reason = std::move(reason);
    return answer(to_json(declined));
}

/// Taken, and answered later; `after` nothing: never.
io::HttpResponse takes(std::optional<Duration> after) {
    io::HttpResponse taken = answer("{}", 202);
    if (after) {
        const auto whole = std::chrono::ceil<std::chrono::seconds>(*after).count();
        taken.headers["retry-after"] = std::to_string(std::max<std::int64_t>(whole, 0));
    }
    return taken;
}

std::string dependency_of(const std::string& path) {
    return path == "/carrier/rate" ? "rates" : "payments";
}

/// What a parcel costs: a function of the zone, so that a rate that was made up would show.
Money rate_of(std::int64_t zone) { return Money{1'000 + 250 * zone}; }

void write_faults(json::Writer& writer, const ProviderFaults& faults) {
    writer.begin_object();
    writer.name("latencyMs");
    writer.integer(std::chrono::duration_cast<std::chrono::milliseconds>(faults.latency).count());
    writer.name("failRate");
    writer.number(faults.fail_rate);
    for (const auto& [name, value] :
         {std::pair{"hang", faults.hang}, std::pair{"down", faults.down},
          std::pair{"busy", faults.busy}}) {
        writer.name(name);
        writer.boolean(value);
    }
    writer.end_object();
}

}  // namespace

Result<void> Provider::open_ledger(const std::string& path) {
    const std::lock_guard lock{mutex_};
    return ledger_.open(path);
}

void Provider::set_faults(const std::string& of, const ProviderFaults& faults) {
    const std::lock_guard lock{mutex_};
    faults_[of] = faults;
}

ProviderFaults Provider::faults(const std::string& of) const {
    const std::lock_guard lock{mutex_};
    const auto found = faults_.find(of);
    return found == faults_.end() ? ProviderFaults{} : found->second;
}

Ledger::Totals Provider::totals() const {
    const std::lock_guard lock{mutex_};
    return ledger_.totals();
}

bool Provider::draw(double probability) {
    return static_cast<double>(world_.random_number() >> 11) * 0x1p-53 < probability;
}

Provider::Served Provider::serve(const io::HttpRequest& request) {
    const ProviderFaults ill = faults(dependency_of(request.path));
    Served served;
    served.after = ill.latency;
    if (ill.down) {
        served.down = true;
        return served;
    }
    if (ill.busy) {
        served.response = io::problem(503, "busy", "too many requests at the moment");
        served.response.headers["retry-after"] = "1";
        return served;
    }
    // What fails may have been done before: that is what idempotency keys are for.
    const bool fails = draw(ill.fail_rate);
    const bool before = fails && draw(0.5);
    if (!before) {
        try {
            served.response = carry_out(request);
        } catch (const Failure& failure) {
            served.response = io::problem(400, "not understood", failure.what());
        }
    }
    if (fails) served.response = io::problem(500, "failed", "as it was told to");
    served.never = ill.hang;
    return served;
}

io::HttpResponse Provider::carry_out(const io::HttpRequest& request) {
    const std::lock_guard lock{mutex_};
    ++requests_;
    if (request.method != "POST") return io::problem(405, "method not allowed", "use POST");
    if (request.path == "/carrier/rate") return rate(request);
    const bool charges = request.path == "/gateway/charge";
    if (!charges && request.path != "/gateway/refund") {
        return io::problem(404, "not found", "nothing is at " + request.path);
    }
    const auto key = request.headers.find(key_header);
    if (key == request.headers.end()) {
        return io::problem(400, "no idempotency key", "money is not moved without one");
    }
    const auto body = from_json<payment_service::GatewayRequest>(request.body);
    const Asked asked{key->second, body.order_id, body.reference.value_or(""), body.amount};
    if (const auto before = ledger_.find(asked.key)) {
        if (before->order_id != asked.order_id || before->amount != asked.amount) {
            ledger_.refuse_changed();
            return io::problem(422, "another request", "this key was used for something else");
        }
        return before->accepted ? accepts() : declines(before->reason);
    }
    return charges ? charge(asked) : refund(asked);
}

io::HttpResponse Provider::charge(const Asked& asked) {
    Ledger::Decision decision{Ledger::Kind::charge, asked.order_id, asked.amount, true, {}};
    switch (outside_.of(asked.reference).gateway) {
        case GatewayAnswer::silent:
            return takes(std::nullopt);
        case GatewayAnswer::declines:
            decision.accepted = false;
            decision.reason = decline_reason(asked.reference);
            ledger_.add(asked.key, decision);
            return declines(decision.reason);
        case GatewayAnswer::accepts_late: {
            const TimePoint now = world_.monotonic();
            const TimePoint first = first_asked_.emplace(asked.key, now).first->second;
            if (now - first < late_) return takes(first + late_ - now);
            break;
        }
        case GatewayAnswer::accepts:
            break;
    }
    ledger_.add(asked.key, decision);
    return accepts();
}

io::HttpResponse Provider::refund(const Asked& asked) {
    ledger_.add(asked.key, {Ledger::Kind::refund, asked.order_id, asked.amount, true, {}});
    return accepts();
}

io::HttpResponse Provider::rate(const io::HttpRequest& request) {
    const auto body = from_json<shipping_service::RateRequest>(request.body);
    shipping_service::CarrierRate rate;
    rate.amount = rate_of(body.zone);
    return answer(to_json(rate));
}

// ----------------------------------------------------------------------------------------- control

namespace {

io::HttpResponse ledger_response(const Ledger::Totals& totals, std::int64_t requests) {
    io::HttpResponse response = answer("");
    json::Writer writer{response.body};
    writer.begin_object();
    for (const auto& [name, value] :
         {std::pair{"requests", requests}, std::pair{"charges", totals.charges},
          std::pair{"declined", totals.declined}, std::pair{"refunds", totals.refunds},
          std::pair{"doubleCharges", totals.double_charges}, std::pair{"repeats", totals.repeats},
          std::pair{"changedRepeats", totals.changed_repeats}}) {
        writer.name(name);
        writer.integer(value);
    }
    writer.name("captured");
    writer.text(to_string(totals.captured));
    writer.name("refunded");
    writer.text(to_string(totals.refunded));
    writer.end_object();
    return response;
}

/// Reads `{"of":...,"latencyMs":...}`; what is not named is well.
Result<void> read_faults(const std::string& body, std::string& of, ProviderFaults& faults) {
    json::Reader reader{body};
    std::string_view name;
    reader.begin_object();
    while (reader.next_field(name)) {
        if (name == "of") {
            of = reader.text();
        } else if (name == "latencyMs") {
            faults.latency = std::chrono::milliseconds{reader.integer()};
        } else if (name == "failRate") {
            faults.fail_rate = reader.number();
        } else if (name == "hang") {
            faults.hang = reader.boolean();
        } else if (name == "down") {
            faults.down = reader.boolean();
        } else if (name == "busy") {
            faults.busy = reader.boolean();
        } else {
            reader.fail("is no fault; there are latencyMs, failRate, hang, down, busy");
        }
    }
    return reader.finish();
}

}  // namespace

io::HttpResponse Provider::control(const io::HttpRequest& request) {
    if (request.path == "/ledger") {
        const std::lock_guard lock{mutex_};
        return ledger_response(ledger_.totals(), requests_);
    }
    if (request.path != "/faults") {
        return io::problem(404, "not found", "there are /faults and /ledger");
    }
    if (request.method == "POST") {
        std::string of;
        ProviderFaults faults;
        if (const Result<void> read = read_faults(request.body, of, faults); !read) {
            return io::problem(400, "not understood", read.error().message);
        }
        for (const char* dependency : {"payments", "rates"}) {
            if (of.empty() || of == dependency) set_faults(dependency, faults);
        }
    }
    io::HttpResponse response = answer("");
    json::Writer writer{response.body};
    writer.begin_object();
    for (const char* dependency : {"payments", "rates"}) {
        writer.name(dependency);
        write_faults(writer, faults(dependency));
    }
    writer.end_object();
    return response;
}

// -------------------------------------------------------------------------------------- simulation

Result<io::HttpResponse> SimulatedDependency::send(const io::HttpRequest& request,
                                                   Duration timeout) {
    const Provider::Served served = provider_.serve(request);
    if (served.down) return Error{ErrorCode::unavailable, "nobody listens there"};
    if (served.never || served.after >= timeout) {
        advance_(timeout);
        return Error{ErrorCode::timeout, "no answer in time",
                     "whether the request had an effect is not known"};
    }
    advance_(served.after);
    return served.response;
}

}  // namespace shop
