#include <tidings/base/text.h>
#include <tidings/model/json.h>
#include <tidings/service/verify.h>

#include "commands.h"

#include <fmt/format.h>

#include <cstdio>
#include <unistd.h>

namespace tidings::cli {

namespace {

std::string_view kind_of(const Finding& finding) {
    switch (finding.kind) {
        case Finding::Kind::damage:
            return "damage";
        case Finding::Kind::contradiction:
            return "contradiction";
        case Finding::Kind::note:
            return "note";
    }
    return "";
}

/// Says on a terminal how far it is, on one line.
class Progress {
public:
    Progress(io::World& world, const Console& console)
        : world_(world), shown_(!console.json() && ::isatty(STDERR_FILENO) == 1) {}
    ~Progress() { clear(); }
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    void tell(const VerifyProgress& progress) {
        const TimePoint now = world_.monotonic();
        if (!shown_ || now < next_) return;
        next_ = now + 200ms;
        told_ = true;
        const std::uint64_t percent =
            progress.total == 0 ? 100 : progress.done * 100 / progress.total;
        std::fprintf(stderr, "\r\033[K%3d %%  %s", static_cast<int>(percent),
                     printable(progress.part, 60).c_str());
        std::fflush(stderr);
    }
    void clear() {
        if (told_) std::fputs("\r\033[K", stderr);
        told_ = false;
    }

private:
    io::World& world_;
    const bool shown_;
    bool told_ = false;
    TimePoint next_{};
};

void print_json(const Finding& finding, Console& console) {
    std::string out;
    json::Writer writer{out};
    writer.begin_object();
    writer.name("finding");
    writer.text(kind_of(finding));
    writer.name("file");
    writer.text(utf8(finding.file));
    if (finding.byte) {
        writer.name("byte");
        writer.integer(static_cast<std::int64_t>(*finding.byte));
    }
    writer.name("what");
    writer.text(utf8(finding.what));
    writer.end_object();
    console.line(json_line(out));
}

void print_text(const Finding& finding, Console& console) {
    const std::string kind{kind_of(finding)};
    const bool is_note = finding.kind == Finding::Kind::note;
    const std::string place =
        finding.byte ? fmt::format("{}, byte {}", finding.file, *finding.byte) : finding.file;
    console.line(fmt::format("{}: {}: {}", is_note ? kind : console.alarm(kind), printable(place),
                             printable(finding.what)));
}

/// One JSON object with all that was looked at.
void print_json(const Verification& verification, Console& console) {
    std::string out;
    json::Writer writer{out};
    const auto number = [&writer](std::string_view name, std::int64_t value) {
        writer.name(name);
        writer.integer(value);
    };
    writer.begin_object();
    writer.name("logs");
    writer.begin_array();
    for (const VerifiedLog& log : verification.logs) {
        writer.begin_object();
        writer.name("topic");
        writer.text(log.topic);
        number("segments", log.segments);
        number("events", log.events);
        number("first", log.first.value);
        number("next", log.next.value);
        writer.end_object();
    }
    writer.end_array();
    writer.name("databases");
    writer.begin_array();
    for (const VerifiedDatabase& database : verification.databases) {
        writer.begin_object();
        writer.name("service");
        writer.text(database.service);
        number("pages", database.pages);
        writer.end_object();
    }
    writer.end_array();
    writer.name("clean");
    writer.boolean(verification.is_clean());
    writer.end_object();
    console.line(json_line(out));
}

void print_text(const Verification& verification, Console& console) {
    for (const VerifiedLog& log : verification.logs) {
        console.line(fmt::format("log {}: {} in {}, offsets {} to {}", log.topic,
                                 counted(log.events, "event"), counted(log.segments, "segment"),
                                 log.first.value, log.next.value));
    }
    for (const VerifiedDatabase& database : verification.databases) {
        console.line(
            fmt::format("database of {}: {}", database.service, counted(database.pages, "page")));
    }
    const bool clean = verification.is_clean();
    console.line(clean ? "intact"
                       : console.alarm("not in order") + ", see docs/runbooks/corruption.md");
}

}  // namespace

int verify_directory(io::World& world, const std::string& data, Console& console) {
    Progress progress{world, console};
    const auto verification =
        verify_data_directory(world, data, [&](const VerifyProgress& now) { progress.tell(now); });
    progress.clear();
    if (!verification) return console.fail(verification.error());
    for (const Finding& finding : verification->findings) {
        console.json() ? print_json(finding, console) : print_text(finding, console);
    }
    console.json() ? print_json(*verification, console) : print_text(*verification, console);
    return verification->is_clean() ? Exit::success : Exit::found_problems;
}

}  // namespace tidings::cli
