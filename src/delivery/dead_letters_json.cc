#include <tidings/base/text.h>
#include <tidings/delivery/dead_letters_json.h>

#include <fmt/format.h>

namespace tidings {

namespace {

/// Fields of an object, each in one line.
class Fields {
public:
    explicit Fields(json::Writer& writer) : writer_(writer) { writer.begin_object(); }
    Fields(const Fields&) = delete;
    Fields& operator=(const Fields&) = delete;
    ~Fields() { writer_.end_object(); }

    void text(std::string_view name, std::string_view value) {
        writer_.name(name);
        writer_.text(utf8(value));
    }
    /// Left out where there is none.
    void text_if(std::string_view name, std::string_view value) {
        if (!value.empty()) text(name, value);
    }
    void number(std::string_view name, std::int64_t value) {
        writer_.name(name);
        writer_.integer(value);
    }
    void time(std::string_view name, Timestamp value) {
        writer_.name(name);
        value == Timestamp{} ? writer_.null() : writer_.value(value);
    }
    void raw(std::string_view name, std::string_view json) {
        writer_.name(name);
        writer_.raw(json);
    }

private:
    json::Writer& writer_;
};

}  // namespace

std::string error_name(std::int64_t code) {
    if (code == 0) return "none";
    if (code < 0 || code > static_cast<std::int64_t>(ErrorCode::internal)) {
        return fmt::format("code {}", code);
    }
    return std::string{to_string(static_cast<ErrorCode>(code))};
}

void write_json(json::Writer& writer, std::string_view service, const DeadLetter& letter) {
    Fields fields{writer};
    fields.text("service", service);
    fields.number("position", letter.position);
    fields.text("state", letter.state);
    fields.text("topic", letter.topic);
    fields.text("type", letter.headers.type);
    fields.text("key", letter.headers.key);
    fields.text("source", letter.headers.source);
    fields.number("sequence", letter.headers.sequence.value);
    fields.text("eventId", letter.event_id);
    fields.text("correlationId", letter.correlation_id);
    fields.text_if("editedFrom", letter.edited_from);
    if (letter.log_offset) fields.number("logOffset", *letter.log_offset);
    fields.text("handler", letter.handler);
    fields.text("group", letter.group);
    fields.text_if("saga", letter.saga);
    fields.number("attempts", letter.attempts);
    fields.text("errorCode", error_name(letter.error_code));
    fields.text("error", letter.error);
    fields.text_if("hint", letter.hint);
    fields.time("firstFailed", letter.first_failed);
    fields.time("lastFailed", letter.last_failed);
    fields.time("due", letter.due);
    fields.text("epoch", letter.headers.epoch.is_nil() ? "" : to_string(letter.headers.epoch));
    fields.text("causationId", letter.headers.causation_id);
    fields.text("traceparent", letter.headers.traceparent);
    fields.number("parkedBehind", letter.parked_behind);
    writer.name("history");
    writer.begin_array();
    for (const FailedAttempt& attempt : letter.history) {
        Fields failed{writer};
        failed.number("attempt", attempt.attempt);
        failed.time("failed", attempt.failed);
        failed.text("errorCode", error_name(attempt.error_code));
        failed.text("error", attempt.error);
    }
    writer.end_array();
    // What broke a consumer is often the envelope itself.
    if (parse_envelope(letter.envelope)) {
        fields.raw("envelope", letter.envelope);
    } else {
        fields.text("bytes", letter.envelope);
    }
}

void write_json(json::Writer& writer, std::string_view service, const DeadLetterGroup& group) {
    Fields fields{writer};
    fields.text("service", service);
    fields.text("group", group.id);
    fields.number("count", group.count);
    fields.text("type", group.type);
    fields.text("handler", group.handler);
    fields.text("errorCode", error_name(group.error_code));
    fields.text("shape", group.shape);
    fields.text("error", group.error);
    fields.text_if("hint", group.hint);
    fields.time("firstFailed", group.first_failed);
    fields.time("lastFailed", group.last_failed);
}

void write_json(json::Writer& writer, std::string_view service, const AuditEntry& entry) {
    Fields fields{writer};
    fields.text("service", service);
    fields.number("number", entry.number);
    fields.time("at", entry.at);
    fields.text("act", entry.act);
    fields.text("who", entry.who);
    fields.text("why", entry.why);
    fields.text("chosen", entry.chosen);
    fields.number("position", entry.position);
    fields.text("topic", entry.topic);
    fields.text("type", entry.type);
    fields.text("key", entry.key);
    fields.text("eventId", entry.event_id);
    fields.raw("before", entry.before);
    fields.raw("after", entry.after);
}

void write_json(json::Writer& writer, std::string_view service, const DeadLetterAct& act) {
    Fields fields{writer};
    fields.text("service", service);
    fields.number("chosen", act.chosen);
    fields.number("done", act.done);
    fields.number("already", act.already);
    fields.number("remaining", act.remaining());
    fields.time("nextDue", act.next_due);
    fields.text_if("eventId", act.event_id);
    writer.name("positions");
    writer.begin_array();
    for (const std::int64_t position : act.positions) writer.integer(position);
    writer.end_array();
}

Result<DeadLetterAct> read_act(std::string_view json) {
    DeadLetterAct act;
    json::Reader reader{json};
    std::string_view name;
    reader.begin_object();
    while (reader.next_field(name)) {
        if (name == "chosen") {
            act.chosen = reader.integer();
        } else if (name == "done") {
            act.done = reader.integer();
        } else if (name == "already") {
            act.already = reader.integer();
        } else if (name == "eventId") {
            act.event_id = reader.text();
        } else if (name == "nextDue" && reader.kind() == json::Kind::string) {
            const Result<Timestamp> due = parse_timestamp(reader.text());
            if (due) act.next_due = *due;
        } else if (name == "positions") {
            reader.begin_array();
            while (reader.next_element()) act.positions.push_back(reader.integer());
        } else {
            reader.skip();
        }
    }
    if (Result<void> read = reader.finish(); !read) return std::move(read).error();
    return act;
}

}  // namespace tidings
