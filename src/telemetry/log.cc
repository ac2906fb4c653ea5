#include <tidings/base/text.h>
#include <tidings/telemetry/log.h>

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <iterator>
#include <mutex>
#include <utility>

namespace tidings {
namespace {

constexpr std::array<std::string_view, 5> level_names{"debug", "info", "warning", "error", "off"};
constexpr std::size_t file_bytes_max = 64 * 1024 * 1024;
constexpr std::size_t old_files_max = 3;

void append_escaped(char32_t code_point, std::string& line) {
    const auto append_unit = [&line](char32_t unit) {
        fmt::format_to(std::back_inserter(line), "\\u{:04x}", static_cast<std::uint32_t>(unit));
    };
    if (code_point == '"' || code_point == '\\') {
        line += '\\';
        line += static_cast<char>(code_point);
    } else if (code_point == '\n') {
        line += "\\n";
    } else if (code_point == '\r') {
        line += "\\r";
    } else if (code_point == '\t') {
        line += "\\t";
    } else if (code_point < 0x10000) {
        append_unit(code_point);
    } else {  // JSON escapes in UTF-16
        append_unit(0xD800 + ((code_point - 0x10000) >> 10));
        append_unit(0xDC00 + ((code_point - 0x10000) & 0x3FF));
    }
}

/// Returns how many of the first characters are ASCII and stand for themselves in JSON.
std::size_t plain_bytes(std::string_view text) noexcept {
    std::size_t count = 0;
    while (count < text.size() && text[count] >= 0x20 && text[count] < 0x7F && text[count] != '"' &&
           text[count] != '\\') {
        ++count;
    }
    return count;
}

void append_text(std::string_view text, std::string& line) {
    const bool cut = text.size() > Journal::value_bytes_max;
    const std::size_t left_out = cut ? text.size() - Journal::value_bytes_max : 0;
    line += '"';
    while (text.size() > left_out) {
        // Nearly every value is plain from end to end.
        if (const auto plain = std::min(plain_bytes(text), text.size() - left_out); plain > 0) {
            line += text.substr(0, plain);
            text.remove_prefix(plain);
            continue;
        }
        const std::size_t bytes = utf8_character_bytes(text);
        if (bytes == 0) {
            line += "\\ufffd";
            text.remove_prefix(1);
            continue;
        }
        const std::string_view character = text.substr(0, bytes);
        const char32_t code_point = utf8_code_point(character);
        if (is_harmless(code_point) && code_point != '"' && code_point != '\\') {
            line += character;
        } else {
            append_escaped(code_point, line);
        }
        text.remove_prefix(bytes);
    }
    if (cut) line += "...";
    line += '"';
}

struct ValueWriter {
    std::string& line;

    void operator()(std::string_view text) const { append_text(text, line); }
    void operator()(bool flag) const { line += flag ? "true" : "false"; }
    void operator()(std::int64_t number) const { append("{}", number); }
    void operator()(std::uint64_t number) const { append("{}", number); }
    void operator()(double number) const {
        // JSON has no word for these.
        if (std::isfinite(number)) {
            append("{}", number);
        } else {
            append("\"{}\"", number);
        }
    }
    void operator()(const Uuid& uuid) const {
        std::array<char, Uuid::text_bytes> text;
        write_uuid(uuid, text.data());
        append("\"{}\"", std::string_view{text.data(), text.size()});
    }

private:
    template <class T>
    void append(fmt::format_string<const T&> form, const T& value) const {
        fmt::format_to(std::back_inserter(line), form, value);
    }
};

void append_field(std::string_view key, const LogField::Value& value, std::string& line) {
    line += ',';
    append_text(key, line);
    line += ':';
    std::visit(ValueWriter{line}, value);
}

std::uint64_t hash(std::string_view text) noexcept {
    // FNV-1a: the same in every process and version, so that all of them choose the same flows.
    std::uint64_t value = 14695981039346656037U;
    for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * 1099511628211U;
    return value;
}

/// A Journal's sink on a sink of spdlog's. spdlog keeps the file; time and form are ours.
class SpdlogSink {
public:
    explicit SpdlogSink(std::shared_ptr<spdlog::sinks::sink> sink) : sink_(std::move(sink)) {
        sink_->set_formatter(std::make_unique<spdlog::pattern_formatter>("%v"));
    }

    bool operator()(std::string_view line) const {
        try {
            sink_->log(spdlog::details::log_msg{
                {}, spdlog::level::info, spdlog::string_view_t{line.data(), line.size()}});
            sink_->flush();
            return true;
        } catch (const std::exception&) {
            return false;
        }
    }

private:
    std::shared_ptr<spdlog::sinks::sink> sink_;
};

}  // namespace

std::string_view to_string(LogLevel level) noexcept {
    return level_names[static_cast<std::size_t>(level)];
}

Result<LogLevel> parse_log_level(std::string_view text) {
    for (std::size_t i = 0; i < level_names.size(); ++i) {
        if (text == level_names[i]) return static_cast<LogLevel>(i);
    }
    return Error{ErrorCode::invalid_argument, fmt::format("there is no log level '{}'", text),
                 "use debug, info, warning, error or off"};
}

struct Journal::Output {
    io::World& world;
    const Options options;
    const Sink sink;
    std::mutex mutex;
    std::atomic<std::uint64_t> lines_lost{0};
};

Journal::Journal(io::World& world, const Options& options, Sink sink)
    : output_(new Output{world, options, std::move(sink), {}, {}}) {
    TIDINGS_ASSERT(output_->sink != nullptr);
}

Journal Journal::to_stderr(io::World& world, const Options& options) {
    return {world, options, SpdlogSink{std::make_shared<spdlog::sinks::stderr_sink_st>()}};
}

Result<Journal> Journal::to_file(io::World& world, const std::string& path,
                                 const Options& options) {
    try {
        return Journal{world, options,
                       SpdlogSink{std::make_shared<spdlog::sinks::rotating_file_sink_st>(
                           path, file_bytes_max, old_files_max)}};
    } catch (const spdlog::spdlog_ex& failure) {
        return Error{ErrorCode::io_error,
                     fmt::format("open log file '{}': {}", path, failure.what()),
                     "check that its directory exists and may be written to"};
    }
}

Journal Journal::named(std::string_view service) const {
    Journal other = *this;
    other.service_ = service;
    return other;
}

bool Journal::writes(LogLevel level) const noexcept {
    return output_ && level >= output_->options.level && level != LogLevel::off;
}

bool Journal::writes_events_of(std::string_view correlation_id) const noexcept {
    if (!writes(LogLevel::info) || output_->options.event_sample == 0) return false;
    return output_->options.event_sample == 1 ||
           hash(correlation_id) % output_->options.event_sample == 0;
}

void Journal::write(LogLevel level, std::string_view message,
                    std::initializer_list<LogField> fields) const {
    if (writes(level)) put(level, message, {}, fields);
}

void Journal::event(std::string_view message, std::string_view correlation_id,
                    std::initializer_list<LogField> fields) const {
    if (writes_events_of(correlation_id)) put(LogLevel::info, message, correlation_id, fields);
}

std::uint64_t Journal::lines_lost() const noexcept {
    return output_ ? output_->lines_lost.load() : 0;
}

void Journal::put(LogLevel level, std::string_view message, std::string_view correlation_id,
                  std::initializer_list<LogField> fields) const {
    std::array<char, timestamp_text_bytes> time;
    write_timestamp(output_->world.now(), time.data());
    std::string line;
    line.reserve(256);
    line.append("{\"time\":\"").append(time.data(), time.size()).append("\",\"level\":\"");
    line.append(to_string(level)).append("\"");
    if (!service_.empty()) append_field("service", service_, line);
    append_field("message", message, line);
    if (!correlation_id.empty()) append_field("correlationId", correlation_id, line);
    for (const LogField& field : fields) append_field(field.key, field.value, line);
    line += '}';

    const std::lock_guard lock{output_->mutex};
    if (!output_->sink(line)) ++output_->lines_lost;
}

}  // namespace tidings
