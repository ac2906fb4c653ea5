#include <tidings/broker/log_broker.h>
#include <tidings/model/envelope.h>

#include "testing/flow_impl.h"

#include <algorithm>
#include <optional>
#include <span>

namespace tidings {

namespace {

/// How long services go on after each thing that a test does.
constexpr Duration moment = 100ms;
/// How long a call waits for its reply.
constexpr Duration answer_max = 10s;

std::string clock_text(Duration elapsed) {
    const auto ms = std::chrono::floor<std::chrono::milliseconds>(elapsed).count();
    const auto two = [](std::int64_t number) {
        return (number < 10 ? "0" : "") + std::to_string(number);
    };
    const std::int64_t left = ms % 1000;
    return std::to_string(ms / 86'400'000) + "d " + two(ms / 3'600'000 % 24) + ':' +
           two(ms / 60'000 % 60) + ':' + two(ms / 1000 % 60) + '.' + (left < 100 ? "0" : "") +
           two(left);
}

DeadLetterChoice every_one() {
    DeadLetterChoice choice;
    choice.all = true;
    return choice;
}

Actor operator_of_flows() { return {"the flow's operator", "the test wants it"}; }

std::string domain_of(const std::string& type) { return type.substr(0, type.find('.')); }

}  // namespace

FlowService& Flow::Impl::find(std::string_view name) const {
    const auto found = std::find_if(services.begin(), services.end(),
                                    [name](const auto& one) { return one->name() == name; });
    TIDINGS_ASSERT(found != services.end());
    return **found;
}

FlowService* Flow::Impl::owner(const std::string& domain) const {
    for (const auto& service : services) {
        if (service->is_up() && service->owns(domain)) return service.get();
    }
    return nullptr;
}

void Flow::Impl::go_on() { scheduler.run_for(moment); }

void Flow::Impl::tell(std::string line) {
    story.push_back(clock_text(world.monotonic() - began) + "  " + std::move(line));
}

void Flow::Impl::note(const EventHeaders& headers, std::string_view envelope) {
    const Result<Envelope> event = parse_envelope(envelope);
    if (!event) return tell(headers.source + " publishes what is no envelope");
    if (!known.insert(event->id).second) {
        return tell(headers.source + " publishes " + event->type + " once more");
    }
    if (headers.downcast > 0) {  // The same fact in older words.
        return tell(headers.source + " publishes " + event->type + " as version " +
                    to_string(event->data_version) + ", too");
    }
    published.push_back({event->type, event->data});
    tell(headers.source + " publishes " + event->type + ' ' + event->data);
}

void Flow::Impl::start(FlowService& service) {
    if (service.is_up()) return;
    const Result<void> started = service.start();
    tell(service.name() + (started ? " starts" : " cannot start: " + started.error().message));
    if (!started) complaint = service.name() + " cannot start: " + started.error().message;
}

void Flow::Impl::administer(std::string_view service, std::string_view act,
                            std::function<void(DeadLetters&, Timestamp)> run) {
    const FlowService& of = find(service);
    tell("somebody " + std::string{act} + "s the dead letters of " + of.name());
    Command command;
    command.name = act;
    command.administers_held = true;
    command.run = [run = std::move(run), this](Transaction& tx) {
        DeadLetters letters{tx.store()};
        run(letters, world.now());
    };
    command.answer = [this, act = std::string{act}](const Result<void>& done) {
        if (!done) complaint = "cannot " + act + ": " + done.error().message;
    };
    of.host().submit(of.name(), std::move(command)).value();
    go_on();
}

void Flow::Impl::publish(const Cause& event) {
    if (event.wrong) {
        complaint = event.name + " cannot be: " + event.wrong->message;
        return;
    }
    FlowService* const service = owner(domain_of(event.name));
    if (service == nullptr) return publish_for_others(event);
    if (!event.publish) {
        complaint = event.name + " is " + service->name() + "'s own: it cannot be sent past it";
        return;
    }
    Command command;
    command.name = event.name;
    command.run = event.publish;
    command.answer = [this, name = event.name](const Result<void>& done) {
        if (!done) complaint = name + " could not be published: " + done.error().message;
    };
    service->host().submit(service->name(), std::move(command)).value();
}

void Flow::Impl::publish_for_others(const Cause& event) {
    const std::string domain = domain_of(event.name);
    io::World& process = world.process("others");
    if (!others) others = open_log_broker(process, "data/log").value();
    EventHeaders headers;
    headers.type = event.name;
    headers.key = event.target;
    headers.source = domain + "-service";
    headers.epoch = Uuid::parse("00000000-0000-4000-8000-000000000001").value();
    headers.sequence = Sequence{++sequences[domain]};
    if (headers.sequence.value == 1) others->claim(Topic{domain}, headers.source).value();
    Envelope envelope;
    envelope.id = process.new_uuid();
    envelope.type = event.name;
    envelope.source = headers.source;
    envelope.data_version = SchemaVersion::parse(event.version).value();
    envelope.timestamp = world.now();
    envelope.correlation_id = to_string(process.new_uuid());
    envelope.data = event.text;
    std::string text;
    write_envelope(envelope, text);
    const OutgoingEvent outgoing{&headers, text};
    others->publish(Topic{domain}, std::span{&outgoing, 1}).value();
    note(headers, text);
}

// ------------------------------------------------------------------------------------ public face

Flow::Flow(std::uint64_t seed) : impl_(std::make_unique<Impl>(seed)) {}
Flow::~Flow() = default;
Flow::Flow(Flow&&) noexcept = default;
Flow& Flow::operator=(Flow&&) noexcept = default;

void Flow::service(std::string name, MakeService make, StepLoop::Options limits) {
    Impl* const impl = impl_.get();
    impl->services.push_back(std::make_unique<FlowService>(
        std::move(name), std::move(make), std::move(limits),
        FlowService::Surroundings{
            impl->world, impl->scheduler, impl->outside,
            [impl](const EventHeaders& headers, std::string_view envelope) {
                impl->note(headers, envelope);
            },
            [impl](std::string_view line) { impl->tell(std::string{line}); }}));
    impl->start(*impl->services.back());
    impl->go_on();
}

void Flow::answers(std::string_view effect, std::string_view json, Duration after) {
    impl_->outside->set(std::string{effect}, impl_->outside->after(std::string{json}, after));
}

void Flow::outside(std::string_view effect, Answer answer) {
    impl_->outside->set(std::string{effect}, std::move(answer));
}

const std::vector<EffectRequest>& Flow::asked(std::string_view effect) const {
    static const std::vector<EffectRequest> nothing;
    const auto found = impl_->outside->asked.find(effect);
    return found == impl_->outside->asked.end() ? nothing : found->second;
}

io::HttpResponse Flow::call(std::string_view service, const Cause& command) {
    FlowService& called = impl_->find(service);
    const auto reply = std::make_shared<std::optional<io::HttpResponse>>();
    impl_->tell("somebody calls " + called.name() + ": " + command.name + ' ' + command.target +
                ' ' + command.text);
    if (called.is_up()) {
        io::HttpRequest request;
        request.method = command.name;
        request.path = request.target = command.target;
        request.body = command.text;
        for (const auto& [name, value] : command.headers) request.headers[name] = value;
        called.host().request(std::move(request),
                              [reply](io::HttpResponse response) { *reply = std::move(response); });
        const TimePoint patience = impl_->world.monotonic() + answer_max;
        do {
            impl_->go_on();
        } while (!*reply && impl_->world.monotonic() < patience);
    }
    io::HttpResponse answer = reply->value_or(io::HttpResponse{0, "", {}, "no answer"});
    impl_->tell(called.name() + " replies " + std::to_string(answer.status) + ' ' + answer.body);
    return answer;
}

void Flow::publish(const Cause& event) {
    impl_->publish(event);
    impl_->go_on();
}

void Flow::hold(std::string_view consumer, EventsOf events) {
    impl_->tell(events.type + " is held back from " + std::string{consumer});
    impl_->find(consumer).held.push_back(std::move(events));
}

void Flow::release(std::string_view consumer, std::string_view type) {
    FlowService& service = impl_->find(consumer);
    impl_->tell("what is held back from " + service.name() + " is let go");
    std::erase_if(service.held,
                  [type](const EventsOf& events) { return type.empty() || events.type == type; });
    if (service.is_up()) service.broker().let_go();
    impl_->go_on();
}

void Flow::repeat(std::string_view consumer, const EventsOf& events) {
    FlowService& service = impl_->find(consumer);
    impl_->tell(events.type + " comes to " + service.name() + " once more");
    if (!service.is_up() || service.broker().repeat(events) == 0) {
        impl_->complaint = service.name() + " was handed no " + events.type + " since it started";
    }
    impl_->go_on();
}

void Flow::pass(Duration time) {
    impl_->tell(in_words(time) + " pass");
    impl_->scheduler.run_for(time);
    impl_->go_on();
}

void Flow::kill(std::string_view service) {
    impl_->tell(std::string{service} + " is killed");
    impl_->find(service).kill();
    impl_->go_on();
}

void Flow::start(std::string_view service) {
    impl_->start(impl_->find(service));
    impl_->go_on();
}

void Flow::lose_power() {
    impl_->tell("the machine loses power");
    impl_->world.crash();
    for (const auto& service : impl_->services) service->close();
    impl_->others.reset();
    for (const auto& service : impl_->services) impl_->start(*service);
    impl_->go_on();
}

void Flow::cut_off(std::string_view service) {
    impl_->tell(std::string{service} + " cannot reach the broker");
    impl_->find(service).set(FlowFault::unreachable);
    impl_->go_on();
}

void Flow::lose_answers(std::string_view service) {
    impl_->tell("the broker's answers to " + std::string{service} + " get lost");
    impl_->find(service).set(FlowFault::answer_lost);
    impl_->go_on();
}

void Flow::redrive(std::string_view service) {
    impl_->administer(service, "redrive", [](DeadLetters& letters, Timestamp now) {
        letters.redrive(every_one(), {}, operator_of_flows(), now);
    });
}

void Flow::discard(std::string_view service) {
    impl_->administer(service, "discard", [](DeadLetters& letters, Timestamp now) {
        letters.discard(every_one(), 1000, operator_of_flows(), now);
    });
}

void Flow::heal() {
    impl_->tell("all that goes wrong is over");
    for (const auto& service : impl_->services) {
        service->held.clear();
        service->set(FlowFault::none);
        if (service->is_up()) service->broker().let_go();
        impl_->start(*service);
    }
    impl_->go_on();
}

CaseVerdict Flow::judge(const std::vector<Expectation>& expectations) const {
    if (!impl_->complaint.empty()) return impl_->verdict(impl_->complaint + '\n');
    std::vector<ExpectedFact> wanted;
    for (const Expectation& expected : expectations) {
        if (expected.kind == Expectation::Kind::published) {
            wanted.push_back({expected.name, expected.json, expected.ignored});
        }
    }
    const std::vector<Fact> facts(
        impl_->published.begin() + static_cast<std::ptrdiff_t>(impl_->forgotten),
        impl_->published.end());
    std::string text = list_difference("published", wanted, facts, true);
    for (const Expectation& expected : expectations) text += impl_->difference(expected);
    return impl_->verdict(text + impl_->unaccounted());
}

CaseVerdict Flow::then_all_is_done() const {
    std::string text = impl_->complaint;
    for (const auto& service : impl_->services) {
        if (!service->is_up()) {
            text += service->name() + " is down\n";
            continue;
        }
        const DeliveryStatus status = service->status();
        const std::pair<std::string_view, std::int64_t> left[] = {
            {"events in the outbox", status.outbox_pending},
            {"events to be tried again", status.scheduled},
            {"events parked", status.parked},
            {"dead letters", status.dead},
            {"effects without an answer", status.effects_owed},
            {"events not looked at", status.lag},
            {"commands waiting", status.commands_waiting}};
        for (const auto& [what, count] : left) {
            if (count == 0) continue;
            text += service->name() + ": " + std::to_string(count) + ' ' + std::string{what} + '\n';
        }
        if (status.failed) text += service->name() + ": " + status.failed->message + '\n';
    }
    return impl_->verdict(text + impl_->unaccounted());
}

void Flow::forget() { impl_->forgotten = impl_->published.size(); }

std::vector<std::string> Flow::published_data(std::string_view type) const {
    std::vector<std::string> data;
    for (const Fact& fact : impl_->published) {
        if (fact.name == type) data.push_back(fact.json);
    }
    return data;
}

Host& Flow::host(std::string_view service) const { return impl_->find(service).host(); }

sim::SimWorld& Flow::world() const { return impl_->world; }

Duration Flow::elapsed() const { return impl_->world.monotonic() - impl_->began; }

std::string Flow::story() const {
    std::string text;
    for (const std::string& line : impl_->story) text += line + '\n';
    return text;
}

}  // namespace tidings
