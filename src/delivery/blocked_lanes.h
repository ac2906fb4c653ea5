#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace tidings {

/// Which lanes may have held events in them that later ones wait behind: those of a topic and key,
/// and those of a saga's instance.
///
/// A dead letter may rest for months and any number of keys may have one, so this is no set of
/// keys but a fixed number of counters, each shared by the lanes whose hash it is. A counter at
/// zero is sure: nothing is in the way, and the table need not be asked. Any other is a maybe.
///
/// Limits    Half a mebibyte, from the first held event on.
class BlockedLanes {
public:
    enum class Kind : std::uint8_t { topic, saga };

    void clear();
    /// An empty key is no lane.
    void add(Kind kind, std::string_view name, std::string_view key, std::int64_t count = 1);
    void remove(Kind kind, std::string_view name, std::string_view key);

    bool is_empty() const noexcept { return total_ == 0; }
    bool may_block(Kind kind, std::string_view name, std::string_view key) const;

private:
    static constexpr std::size_t counters_count = std::size_t{1} << 17;
    static std::size_t slot(Kind kind, std::string_view name, std::string_view key);

    std::vector<std::uint32_t> counters_;
    std::int64_t total_ = 0;
};

}  // namespace tidings
