#include <tidings/broker/log_scrubber.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace tidings {

namespace {

/// Read at once. A poll is a bounded amount of work, and the pause after it short.
constexpr std::size_t read_bytes = 256 * 1024;
constexpr std::size_t read_count = 4096;

/// The first offset of the segment behind `from`, which the files' names tell.
std::optional<Offset> segment_behind(io::FileSystem& files, const std::string& log, Offset from) {
    const auto names = files.list(log);
    if (!names) return std::nullopt;
    std::optional<Offset> behind;
    for (const std::string& name : *names) {
        if (!name.ends_with(".segment")) continue;
        std::int64_t first = 0;
        const auto [rest, error] = std::from_chars(name.data(), name.data() + name.size(), first);
        if (error != std::errc{} || *rest != '.' || first <= from.value) continue;
        if (!behind || first < behind->value) behind = Offset{first};
    }
    return behind;
}

bool is_same(const LogDamage& one, const LogDamage& other) {
    return one.topic == other.topic && one.error.message == other.error.message;
}

}  // namespace

LogScrubber::LogScrubber(io::World& world, std::string directory, std::vector<Topic> topics,
                         Options options, Journal journal)
    : world_(world),
      directory_(std::move(directory)),
      topics_(std::move(topics)),
      options_(options),
      journal_(std::move(journal)) {}

LogScrubber::~LogScrubber() = default;

TimePoint LogScrubber::poll(TimePoint now) {
    if (topics_.empty()) return when_woken;
    const Result<std::size_t> read = read_some();
    if (read && *read > 0) {
        const double seconds =
            static_cast<double>(*read) / static_cast<double>(options_.bytes_per_second);
        return now + std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
    }
    if (!read) {
        if (read.error().code == ErrorCode::not_found) {
            // Retention was faster.
            next_ = reader_ ? reader_->first() : Offset{};
            return now + 1s;
        }
        found(read.error());
        if (go_behind_damage()) return now + 1s;
    }
    return end_topic(now);
}

/// Reads on in the current topic; returns how many bytes the records had, 0 at the end.
Result<std::size_t> LogScrubber::read_some() {
    if (!reader_) {
        auto opened = log::Reader::open(world_, directory_ + '/' + topics_[topic_].name,
                                        log::Reader::Unacknowledged::hidden);
        if (!opened) return std::move(opened).error();
        reader_ = std::move(*opened);
        next_ = reader_->first();
    }
    const auto records = reader_->read(next_, read_count, read_bytes);
    if (!records) return records.error();
    std::size_t bytes = 0;
    for (const log::Record& record : *records) {
        bytes += record.headers.size() + record.payload.size();
        next_ = record.offset + 1;
    }
    // An empty record is progress, too.
    return records->empty() ? 0 : std::max<std::size_t>(bytes, 1);
}

/// Whether there is a segment behind the damaged place: the next read begins there.
bool LogScrubber::go_behind_damage() {
    const auto behind =
        segment_behind(world_.files(), directory_ + '/' + topics_[topic_].name, next_);
    if (!behind || !reader_ || *behind >= reader_->high_watermark()) return false;
    next_ = *behind;
    return true;
}

TimePoint LogScrubber::end_topic(TimePoint now) {
    reader_.reset();
    if (++topic_ < topics_.size()) return now;
    topic_ = 0;
    const std::lock_guard lock{mutex_};
    damages_ = std::exchange(of_this_round_, {});
    ++rounds_;
    return now + options_.round_pause;
}

void LogScrubber::found(Error error) {
    LogDamage damage{topics_[topic_].name, std::move(error)};
    of_this_round_.push_back(damage);
    const auto known = [&](const LogDamage& other) { return is_same(damage, other); };
    const std::lock_guard lock{mutex_};
    if (std::any_of(damages_.begin(), damages_.end(), known)) return;
    journal_.write(LogLevel::error, "the log is damaged",
                   {{"topic", damage.topic}, {"error", damage.error.message}});
    damages_.push_back(std::move(damage));
}

std::vector<LogDamage> LogScrubber::damages() const {
    const std::lock_guard lock{mutex_};
    return damages_;
}

std::uint64_t LogScrubber::rounds() const {
    const std::lock_guard lock{mutex_};
    return rounds_;
}

}  // namespace tidings
