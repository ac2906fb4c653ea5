#include "door.h"

#include <tidings/delivery/dead_letters_json.h>
#include <tidings/io/http_client.h>
#include <tidings/store/sqlite.h>

#include "bundle.h"
#include "owner.h"

#include <fmt/format.h>

#include <functional>
#include <optional>
#include <utility>

namespace tidings::cli {

namespace {

/// Asks the running service. Each request has a key of its own, so that one whose answer was lost
/// is sent again without being done again.
class RunningDoor : public Door {
public:
    RunningDoor(io::World& world, std::string service, int port)
        : world_(world), service_(std::move(service)), client_(port, {.timeout = 60s}) {}

    bool is_running() const noexcept override { return true; }

    Result<DeadLetterAct> redrive(const DeadLetterChoice& choice, const DeadLetters::Pace& pace,
                                  const Actor& actor) override {
        return send("redrive", [&](json::Writer& writer) {
            write_actor(writer, actor);
            write_choice(writer, choice);
            write_max(writer, pace.count_max);
            writer.name("perSecond");
            writer.number(pace.per_second);
            writer.name("after");
            writer.integer(pace.after);
            if (pace.first_due == Timestamp{}) return;
            writer.name("firstDue");
            writer.value(pace.first_due);
        });
    }
    Result<DeadLetterAct> discard(const DeadLetterChoice& choice, std::size_t count_max,
                                  const Actor& actor) override {
        return send("discard", [&](json::Writer& writer) {
            write_actor(writer, actor);
            write_choice(writer, choice);
            write_max(writer, count_max);
        });
    }
    Result<DeadLetterAct> edit(const DeadLetters::Edit& edit, const Actor& actor) override {
        return send("edit", [&](json::Writer& writer) {
            write_actor(writer, actor);
            writer.name("position");
            writer.integer(edit.position);
            writer.name("dryRun");
            writer.boolean(edit.check_only);
            const auto text = [&writer](std::string_view name, const std::string& value) {
                if (value.empty()) return;
                writer.name(name);
                writer.text(value);
            };
            text("eventId", edit.event_id);
            text("dataVersion", edit.data_version);
            const auto raw = [&writer](std::string_view name, const std::string& value) {
                if (value.empty()) return;
                writer.name(name);
                writer.raw(value);
            };
            raw("data", edit.data);
            raw("envelope", edit.envelope);
        });
    }

    Result<DeadLetterAct> rehearsed(const DeadLetterChoice& choice, const RehearsalResult& result,
                                    const Actor& actor) override {
        return send("rehearsed", [&](json::Writer& writer) {
            write_actor(writer, actor);
            write_choice(writer, choice);
            if (!result.error.empty()) {
                writer.name("error");
                return writer.text(utf8(result.error));
            }
            writer.name("done");
            writer.integer(result.done);
            writer.name("failed");
            writer.integer(result.failed);
        });
    }

    Result<std::string> decide(const SagaDecision& decision, const Actor& actor,
                               const std::string& correlation_id) override {
        const auto answer = post(
            fmt::format("/sagas/{}/{}", service_, to_string(decision.act)),
            [&](json::Writer& writer) {
                write_actor(writer, actor);
                writer.name("saga");
                writer.text(utf8(decision.saga));
                writer.name("key");
                writer.text(utf8(decision.key));
                writer.name("step");
                writer.integer(static_cast<std::int64_t>(decision.step));
            },
            correlation_id);
        if (!answer) return answer;
        std::string status;
        json::Reader reader{*answer};
        std::string_view name;
        reader.begin_object();
        while (reader.next_field(name)) {
            if (name == "status") {
                status = reader.text();
            } else {
                reader.skip();
            }
        }
        if (Result<void> read = reader.finish(); !read) {
            return with_context(read.error(), "the answer of " + service_);
        }
        return status;
    }

private:
    static void write_actor(json::Writer& writer, const Actor& actor) {
        writer.name("who");
        writer.text(utf8(actor.who));
        writer.name("why");
        writer.text(utf8(actor.why));
    }
    static void write_choice(json::Writer& writer, const DeadLetterChoice& choice) {
        if (!choice.positions.empty()) {
            writer.name("positions");
            writer.begin_array();
            for (const std::int64_t position : choice.positions) writer.integer(position);
            writer.end_array();
        }
        if (!choice.group.empty()) {
            writer.name("group");
            writer.text(utf8(choice.group));
        }
        if (choice.all) {
            writer.name("all");
            writer.boolean(true);
        }
    }
    static void write_max(json::Writer& writer, std::size_t count_max) {
        writer.name("max");
        writer.integer(static_cast<std::int64_t>(count_max));
    }

    Result<DeadLetterAct> send(std::string_view act,
                               const std::function<void(json::Writer&)>& fill) {
        const auto answer = post(fmt::format("/dead-letters/{}/{}", service_, act), fill, {});
        if (!answer) return answer.error();
        auto done = read_act(*answer);
        if (!done) return with_context(done.error(), "the answer of " + service_);
        return done;
    }

    /// Sends an object and returns the answer's body.
    Result<std::string> post(std::string target, const std::function<void(json::Writer&)>& fill,
                             const std::string& correlation_id) {
        io::HttpRequest request{.method = "POST", .target = std::move(target)};
        request.headers["idempotency-key"] = to_string(world_.new_uuid());
        if (!correlation_id.empty()) request.headers["x-correlation-id"] = correlation_id;
        json::Writer writer{request.body};
        writer.begin_object();
        fill(writer);
        writer.end_object();
        auto answer = client_.send(request);
        if (!answer) answer = client_.send(request);
        if (!answer) {
            Error error = with_context(answer.error(), service_ + " gave no answer");
            error.hint = "whether it was done is not known; look with tidings audit";
            return error;
        }
        if (answer->status >= 300) return refusal(service_, *answer);
        return std::move(answer->body);
    }

    io::World& world_;
    const std::string service_;
    io::HttpClient client_;
};

/// Holds the database of a service that is stopped, and its lock, so that it cannot start
/// meanwhile.
class StoppedDoor : public Door {
public:
    StoppedDoor(const Directory& directory, std::unique_ptr<Store> store)
        : directory_(directory), store_(std::move(store)) {}
    ~StoppedDoor() override { (void)store_->close(); }

    bool is_running() const noexcept override { return false; }

    Result<DeadLetterAct> redrive(const DeadLetterChoice& choice, const DeadLetters::Pace& pace,
                                  const Actor& actor) override {
        return transact([&](DeadLetters& letters, Timestamp now) {
            return letters.redrive(choice, pace, actor, now);
        });
    }
    Result<DeadLetterAct> discard(const DeadLetterChoice& choice, std::size_t count_max,
                                  const Actor& actor) override {
        return transact([&](DeadLetters& letters, Timestamp now) {
            return letters.discard(choice, count_max, actor, now);
        });
    }
    Result<DeadLetterAct> edit(const DeadLetters::Edit& edit, const Actor& actor) override {
        const auto contracts = read_contracts(directory_);
        const ContractCheck check = [&](const Envelope& event) -> Result<std::string> {
            if (!contracts) return contracts.error();
            return check_by(*contracts, event);
        };
        DeadLetters::Edit wanted = edit;
        wanted.new_id = directory_.world().new_uuid();
        return transact([&](DeadLetters& letters, Timestamp now) {
            return letters.edit(wanted, check, actor, now);
        });
    }
    Result<DeadLetterAct> rehearsed(const DeadLetterChoice& choice, const RehearsalResult& result,
                                    const Actor& actor) override {
        return transact([&](DeadLetters& letters, Timestamp now) {
            return letters.rehearsed(choice, result, actor, now);
        });
    }

    Result<std::string> decide(const SagaDecision& decision, const Actor& actor,
                               const std::string& correlation_id) override {
        io::World& world = directory_.world();
        const std::string id = to_string(world.new_uuid());
        const std::string flow =
            correlation_id.empty() ? to_string(world.new_uuid()) : correlation_id;
        const auto done = within([&](StoreTransaction& tx, Timestamp now) {
            StoredSagas{tx}.decide_later(decision, actor, now, id, flow);
        });
        if (!done) return done.error();
        return std::string{};
    }

private:
    Result<DeadLetterAct> transact(
        const std::function<DeadLetterAct(DeadLetters&, Timestamp)>& work) {
        DeadLetterAct act;
        const auto done = within([&](StoreTransaction& tx, Timestamp now) {
            DeadLetters letters{tx};
            act = work(letters, now);
        });
        if (!done) return done.error();
        return act;
    }

    Result<void> within(const std::function<void(StoreTransaction&, Timestamp)>& work) {
        if (Result<void> begun = store_->begin(); !begun) return begun;
        try {
            work(store_->transaction(), directory_.world().now());
        } catch (const Failure& failure) {
            store_->rollback();
            return failure.error();
        }
        return store_->commit();
    }

    const Directory& directory_;
    std::unique_ptr<Store> store_;
};

}  // namespace

Result<std::unique_ptr<Door>> Door::open(const Directory& directory, const std::string& service) {
    if (const auto port = directory.port(service); port && runs(*port, service)) {
        return std::unique_ptr<Door>{
            std::make_unique<RunningDoor>(directory.world(), service, *port)};
    }
    SqliteOptions options;
    options.holder = "tidings, which acts on it";
    auto store = open_sqlite(directory.world(), directory.database(service), options);
    if (!store) {
        Error error = store.error();
        if (error.code == ErrorCode::unavailable) {
            error.hint = service + " runs but does not answer; wait until it does, or stop it";
        }
        return error;
    }
    if (Result<void> fits = check_delivery(**store); !fits) {
        return with_context(fits.error(), service);
    }
    return std::unique_ptr<Door>{std::make_unique<StoppedDoor>(directory, std::move(*store))};
}

}  // namespace tidings::cli
