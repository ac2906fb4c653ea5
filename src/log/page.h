#pragma once

#include <tidings/base/uuid.h>
#include <tidings/io/world.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace tidings::log {

/// How far a log's writer has come.
struct Progress {
    std::int64_t first = 0;         ///< Oldest record kept.
    std::int64_t watermark = 0;     ///< Records below it were acknowledged.
    std::int64_t tail_segment = 0;  ///< First offset of the segment that is written to.
    std::uint64_t tail_end = 0;     ///< Where the batches below the watermark end in it.
};

/// What a log's writer tells all readers, through memory that processes share.
///
/// The words are those of one boot of the machine and of one log; a page of another boot or
/// another log says nothing. It is never trusted over the segments.
class ProgressPage {
public:
    static Result<std::unique_ptr<ProgressPage>> open(io::World& world,
                                                      const std::string& directory);

    /// Says nothing from here on, until `begin`. For the writer, before it recovers.
    void clear() noexcept;
    /// Says from here on that this log, in this boot, has come to `progress`.
    void begin(const Uuid& log, const Progress& progress) noexcept;
    /// Requires: `begin` was called.
    void advance(const Progress& progress) noexcept;
    void set_first(std::int64_t first) noexcept;

    /// Returns what the writer of `log` said in this boot; nothing if that is unknown.
    std::optional<Progress> read(const Uuid& log) noexcept;
    /// Returns which log the words are about; nothing if they are of another boot.
    std::optional<Uuid> log() noexcept;

private:
    ProgressPage(std::unique_ptr<io::SharedPage> page, std::uint64_t boot)
        : page_(std::move(page)), words_(page_->words()), boot_(boot) {}

    std::unique_ptr<io::SharedPage> page_;
    std::span<std::atomic<std::uint64_t>, io::SharedPage::words_count> words_;
    std::uint64_t boot_;
};

/// The page's file within a log's directory.
std::string progress_page_path(const std::string& directory);

}  // namespace tidings::log
