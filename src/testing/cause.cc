#include <tidings/model/event.h>
#include <tidings/testing/cause.h>

namespace tidings {

Cause Cause::with_header(std::string header, std::string value) && {
    headers.emplace_back(std::move(header), std::move(value));
    return std::move(*this);
}

Cause Cause::with_key(std::string key) && {
    target = std::move(key);
    return std::move(*this);
}

Cause payload(std::string_view type, std::string_view data, std::string_view version) {
    Cause cause;
    cause.kind = Cause::Kind::payload;
    cause.name = type;
    cause.text = data;
    cause.version = version;
    if (const Result<SchemaVersion> parsed = SchemaVersion::parse(version)) {
        cause.major = parsed->major;
    } else {
        cause.wrong = parsed.error();
    }
    return cause;
}

Cause command(std::string_view method, std::string_view path, std::string_view body) {
    Cause cause;
    cause.kind = Cause::Kind::command;
    cause.name = method;
    cause.target = path;
    cause.text = body;
    return cause;
}

Cause answered(std::string_view effect, std::string_view subject, std::string_view answer) {
    Cause cause;
    cause.kind = Cause::Kind::answer;
    cause.name = effect;
    cause.target = subject;
    cause.text = answer;
    return cause;
}

Cause passed(Duration time) {
    Cause cause;
    cause.kind = Cause::Kind::time;
    cause.time = time;
    return cause;
}

Cause again() {
    Cause cause;
    cause.kind = Cause::Kind::again;
    return cause;
}

}  // namespace tidings
