#include <tidings/model/envelope.h>
#include <tidings/service/host.h>
#include <tidings/sim/world.h>
#include <tidings/testing/service.h>

#include "testing/case_watch.h"
#include "testing/memory_broker.h"
#include "testing/outcome.h"

#include <algorithm>
#include <map>
#include <optional>

namespace tidings {

namespace {

/// More polls than any cause needs: one that needs them goes on for ever.
constexpr int polls_max = 100'000;

/// The outside world of a case: it takes what it is asked, and answers when the test says so.
class CasePort final : public EffectPort {
public:
    Result<EffectResult> perform(const EffectRequest& request) override {
        if (answer && request.name == effect && request.subject == subject) {
            return EffectResult{Answered{*std::exchange(answer, std::nullopt)}};
        }
        waiting += "  " + request_name(request.name, request.subject) + '\n';
        return EffectResult{Pending{Duration{0}}};
    }

    std::string effect;
    std::string subject;
    std::optional<std::string> answer;  ///< Not given yet.
    std::string waiting;                ///< What else was asked for.
};

std::string told(const Cause& cause) {
    switch (cause.kind) {
        case Cause::Kind::event:
        case Cause::Kind::payload:
            return cause.name + ' ' + cause.text;
        case Cause::Kind::command:
            return cause.name + ' ' + cause.target + ' ' + cause.text;
        case Cause::Kind::answer:
            return "answer of " + request_name(cause.name, cause.target) + ' ' + cause.text;
        case Cause::Kind::time:
            return in_words(cause.time) + " pass";
        case Cause::Kind::again:
            break;
    }
    return "the same event again";
}

}  // namespace

struct ServiceCase::Impl {
    explicit Impl(Service& tested) : service(tested) {
        for (const std::string& name : service.handlers().effect_names()) {
            declared[name] = *service.handlers().find_effect(name);
            service.handlers().effect(name, port, declared[name].answered,
                                      declared[name].entry.options);
        }
        HostOptions options;
        options.data = "data";
        options.broker = [this](io::World& machine) -> Result<std::unique_ptr<Broker>> {
            auto made = std::make_unique<MemoryBroker>(machine);
            broker = made.get();
            return std::unique_ptr<Broker>{std::move(made)};
        };
        host = Host::open(world, std::move(options)).value();
        if (const Result<void> added = host->add(service); !added) {
            complaint = added.error().message;
            return;
        }
        database = host->reader(service.name()).value();
        settle();
    }
    ~Impl() {
        database.reset();
        host.reset();
        for (const auto& [name, effect] : declared) {
            service.handlers().effect(name, effect.port, effect.answered, effect.entry.options);
        }
    }

    void happen(const Cause& cause);
    void run(const Cause& cause);
    void tell_watch(const Cause& cause, std::size_t published);
    void deliver(const Cause& cause);
    void state(const Cause& cause);
    void call(const Cause& cause);
    void answer(const Cause& cause);
    void pass(Duration time);
    void repeat();
    void settle();
    void ask_outside();
    bool is_asked_outside(const io::Worker& worker) const {
        return worker.name() == service.name() + " effects";
    }
    void note_failure(const DeliveryStatus& before);
    void note_facts(const Snapshot& before);
    std::optional<Timestamp> next_due() const;

    Service& service;
    std::shared_ptr<CasePort> port = std::make_shared<CasePort>();
    std::map<std::string, Handlers::Effect> declared;
    sim::SimWorld world{1};
    MemoryBroker* broker = nullptr;  // The host's.
    std::unique_ptr<Host> host;
    std::unique_ptr<StoreTransaction> database;
    TimePoint next_poll = io::Worker::when_woken;
    Watch* watch = nullptr;  // Null: nobody looks on.

    std::map<std::string, std::int64_t> sequences;  // By domain.
    EventHeaders last_headers;
    std::string last_envelope;
    std::string story;
    std::string complaint;  // Why the case itself makes no sense.
    Outcome outcome;
};

void ServiceCase::Impl::settle() {
    for (int polls = 0; polls < polls_max; ++polls) {
        next_poll = io::Worker::when_woken;
        bool rung = false;
        for (io::Worker* worker : host->workers()) {
            if (is_asked_outside(*worker)) continue;
            next_poll = std::min(next_poll, worker->poll(world.monotonic()));
        }
        for (io::Worker* worker : host->workers()) {
            if (!is_asked_outside(*worker)) rung = worker->wakeup().take() || rung;
        }
        if (!rung && next_poll > world.monotonic()) return;
    }
    complaint = service.name() + " does not come to rest";
}

void ServiceCase::Impl::ask_outside() {
    for (io::Worker* worker : host->workers()) {
        if (is_asked_outside(*worker)) worker->poll(world.monotonic());
    }
    settle();
}

std::optional<Timestamp> ServiceCase::Impl::next_due() const {
    return database->value<Timestamp>(
        "SELECT min(due) FROM (SELECT due FROM tidings_timer "
        "UNION ALL SELECT due FROM tidings_held WHERE state = 1)");
}

void ServiceCase::Impl::pass(Duration time) {
    const TimePoint end = world.monotonic() + time;
    while (complaint.empty() && world.monotonic() < end) {
        // Of the times that workers want to be polled, only those matter at which something is due.
        TimePoint next = std::max(next_poll, world.monotonic() + 1ms);
        const Timestamp now = world.now();
        const std::optional<Timestamp> due = next_due();
        if (!due) next = end;
        if (due && *due > now) next = world.monotonic() + (*due - now);
        world.advance(std::min(next, end) - world.monotonic());
        settle();
    }
}

void ServiceCase::Impl::deliver(const Cause& cause) {
    const std::string domain = cause.name.substr(0, cause.name.find('.'));
    EventHeaders headers;
    headers.type = cause.name;
    headers.key = cause.target;
    headers.source = domain + "-service";
    headers.epoch = Uuid::parse("00000000-0000-4000-8000-000000000001").value();
    headers.sequence = Sequence{++sequences[domain]};
    Envelope envelope;
    envelope.id = world.new_uuid();
    envelope.type = cause.name;
    envelope.source = headers.source;
    envelope.data_version = SchemaVersion::parse(cause.version).value();
    envelope.timestamp = world.now();
    envelope.correlation_id = "case";
    envelope.data = cause.text;
    last_headers = headers;
    last_envelope.clear();
    write_envelope(envelope, last_envelope);
    broker->deliver(headers, last_envelope);
    settle();
}

void ServiceCase::Impl::repeat() {
    if (last_envelope.empty()) {
        complaint = "there was no event yet that could come again";
        return;
    }
    broker->deliver(last_headers, last_envelope);
    settle();
}

void ServiceCase::Impl::state(const Cause& cause) {
    Command command;
    command.name = cause.name;
    command.correlation_id = "case";
    command.run = cause.publish;
    command.answer = [this](const Result<void>& done) {
        if (!done) outcome.failure = done.error();
    };
    host->submit(service.name(), std::move(command)).value();
    settle();
}

void ServiceCase::Impl::call(const Cause& cause) {
    io::HttpRequest request;
    request.method = cause.name;
    request.path = request.target = cause.target;
    request.body = cause.text;
    for (const auto& [name, value] : cause.headers) request.headers[name] = value;
    host->request(std::move(request),
                  [this](io::HttpResponse response) { outcome.reply = std::move(response); });
    settle();
}

void ServiceCase::Impl::answer(const Cause& cause) {
    port->effect = cause.name;
    port->subject = cause.target;
    port->answer = cause.text;
    port->waiting.clear();
    ask_outside();
    if (!port->answer) {
        const auto error = database->value<std::string>(
            "SELECT error FROM tidings_effect WHERE name = $1 AND subject = $2 AND error <> ''",
            cause.name, cause.target);
        if (error) outcome.failure = Error{ErrorCode::internal, "its answer's handler: " + *error};
        return;
    }
    complaint = "nobody asked for " + request_name(cause.name, cause.target) +
                "; what is asked for is\n" +
                (port->waiting.empty() ? "  nothing\n" : port->waiting);
    port->answer.reset();
}

void ServiceCase::Impl::note_failure(const DeliveryStatus& before) {
    const DeliveryStatus after = host->status(service.name());
    if (after.failed) outcome.failure = after.failed;
    if (after.scheduled + after.dead > before.scheduled + before.dead) {
        Rows rows = database->query(
            "SELECT error_code, error FROM tidings_held WHERE state <> 2 "
            "ORDER BY last_failed DESC, position DESC LIMIT 1");
        if (rows.next()) {
            outcome.failure = Error{static_cast<ErrorCode>(rows.row().integer(0)),
                                    rows.row().get<std::string>(1)};
        }
    } else if (after.parked > before.parked) {
        outcome.failure =
            Error{ErrorCode::unavailable, "it waits behind an event of its key that failed before"};
    }
}

void ServiceCase::Impl::note_facts(const Snapshot& before) {
    const Snapshot after = Snapshot::of(*database);
    outcome.now = world.now();
    outcome.compare(before, after);
    Rows rows = database->query(
        "SELECT name, subject, request FROM tidings_effect WHERE position > $1 ORDER BY position",
        before.last_request);
    while (rows.next()) {
        const Row row = rows.row();
        outcome.requested.push_back(
            {request_name(row.text(0), row.text(1)), row.get<std::string>(2)});
    }
    for (const SetTimer& timer : outcome.timers) {
        if (timer.attempts <= 1) continue;
        outcome.failure = Error{ErrorCode::internal, "the handler of timer " + timer.kind + ' ' +
                                                         timer.key + " failed, and is tried again"};
    }
}

void ServiceCase::Impl::happen(const Cause& cause) {
    if (!complaint.empty()) return;
    outcome = {};
    if (watch == nullptr) return run(cause);
    Cause changed = cause;
    if (watch->rewrite) watch->rewrite(changed);
    const std::size_t published = broker->published().size();
    run(changed);
    tell_watch(changed, published);
}

void ServiceCase::Impl::tell_watch(const Cause& cause, std::size_t published) {
    const auto& all = broker->published();
    watch->published.insert(watch->published.end(),
                            all.begin() + static_cast<std::ptrdiff_t>(published), all.end());
    const std::string text = complaint.empty() ? outcome.text() : "  " + complaint + '\n';
    watch->outcomes += text;
    if (complaint.empty() && !outcome.failure && (!outcome.reply || outcome.reply->status < 400)) {
        return;
    }
    watch->failures += "  when       " + told(cause) + '\n' + text;
}

void ServiceCase::Impl::run(const Cause& cause) {
    if (cause.wrong) {
        complaint = cause.name + " cannot be: " + cause.wrong->message;
        return;
    }
    const Snapshot before = Snapshot::of(*database);
    const DeliveryStatus status = host->status(service.name());
    std::size_t published = broker->published().size();
    const auto& domains = service.domains();
    const std::string domain = cause.name.substr(0, cause.name.find('.'));
    const bool own = std::find(domains.begin(), domains.end(), domain) != domains.end();
    bool stated = false;
    switch (cause.kind) {
        case Cause::Kind::event:
        case Cause::Kind::payload:
            if (service.handlers().handles(cause.name)) {
                deliver(cause);
            } else if (own && cause.publish) {
                state(cause);
                stated = true;
            } else {
                complaint = service.name() + " does not handle " + cause.name;
                return;
            }
            break;
        case Cause::Kind::command:
            call(cause);
            break;
        case Cause::Kind::answer:
            answer(cause);
            break;
        case Cause::Kind::time:
            pass(cause.time);
            break;
        case Cause::Kind::again:
            repeat();
            break;
    }
    // That it was published is what happened, not what came of it.
    if (stated && !outcome.failure) ++published;
    for (std::size_t i = published; i < broker->published().size(); ++i) {
        // The same fact in older words.
        if (broker->published()[i].headers.downcast > 0) continue;
        const Envelope envelope = parse_envelope(broker->published()[i].envelope).value();
        outcome.published.push_back({envelope.type, envelope.data});
    }
    note_facts(before);
    note_failure(status);
}

// ------------------------------------------------------------------------------------ public face

ServiceCase::ServiceCase(Service& service) : impl_(std::make_unique<Impl>(service)) {}
ServiceCase::ServiceCase(Service& service, Watch& watch) : ServiceCase(service) {
    impl_->watch = &watch;
    if (!impl_->complaint.empty()) watch.failures += "  " + impl_->complaint + '\n';
}
ServiceCase::ServiceCase(ServiceCase&&) noexcept = default;
ServiceCase& ServiceCase::operator=(ServiceCase&&) noexcept = default;
ServiceCase::~ServiceCase() = default;

ServiceCase& ServiceCase::given(const Cause& cause) {
    impl_->happen(cause);
    impl_->story += "  given      " + told(cause) + '\n';
    const Outcome& came = impl_->outcome;
    if (impl_->complaint.empty() && came.failure) {
        impl_->complaint = "what is given failed: " + told(cause) + "\n    " +
                           std::string{to_string(came.failure->code)} + ": " +
                           came.failure->message + '\n';
    }
    return *this;
}

ServiceCase& ServiceCase::when(const Cause& cause) {
    impl_->happen(cause);
    impl_->story += "  when       " + told(cause) + '\n';
    return *this;
}

CaseVerdict ServiceCase::judge(const std::vector<Expectation>& expectations) const {
    if (!impl_->complaint.empty()) return CaseVerdict{impl_->complaint};
    std::string text = impl_->outcome.difference(expectations, *impl_->database);
    if (text.empty()) return CaseVerdict{{}};
    return CaseVerdict{text + "what happened\n" + impl_->story + impl_->outcome.text()};
}

CaseVerdict ServiceCase::then_nothing() const {
    if (!impl_->complaint.empty()) return CaseVerdict{impl_->complaint};
    if (!impl_->outcome.failure && impl_->outcome.is_empty()) return CaseVerdict{{}};
    return CaseVerdict{"expected that nothing comes of it\nwhat happened\n" + impl_->story +
                       impl_->outcome.text()};
}

CaseVerdict ServiceCase::then_fails(ErrorCode code, std::string_view part) const {
    if (!impl_->complaint.empty()) return CaseVerdict{impl_->complaint};
    const Outcome& came = impl_->outcome;
    const bool as_expected = came.failure && came.failure->code == code && came.is_empty() &&
                             came.failure->message.find(part) != std::string::npos;
    if (as_expected) return CaseVerdict{{}};
    return CaseVerdict{"expected that it fails: " + std::string{to_string(code)} + ": " +
                       std::string{part} + "\nwhat happened\n" + impl_->story + came.text()};
}

Timestamp ServiceCase::now() const { return impl_->world.now(); }

StoreTransaction& ServiceCase::database() const { return *impl_->database; }

std::vector<std::string> ServiceCase::published_data(std::string_view type) const {
    std::vector<std::string> data;
    for (const Fact& fact : impl_->outcome.published) {
        if (fact.name == type) data.push_back(fact.json);
    }
    return data;
}

}  // namespace tidings
