#include <tidings/base/crc32c.h>

#include "sim/disk.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace tidings::sim {
namespace {

constexpr std::size_t block_bytes = FileData::block_bytes;

std::size_t blocks_for(std::uint64_t bytes) {
    return static_cast<std::size_t>((bytes + block_bytes - 1) / block_bytes);
}

bool is_zero(std::string_view bytes) {
    return bytes.find_first_not_of('\0') == std::string_view::npos;
}

}  // namespace

std::size_t FileData::read(std::uint64_t offset, std::span<char> into) const {
    if (offset >= size_) return 0;
    const auto wanted =
        static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), size_ - offset));
    std::size_t done = 0;
    while (done < wanted) {
        const auto index = static_cast<std::size_t>((offset + done) / block_bytes);
        const auto start = static_cast<std::size_t>((offset + done) % block_bytes);
        const std::size_t count = std::min(wanted - done, block_bytes - start);
        if (blocks_[index]) {
            std::memcpy(into.data() + done, blocks_[index]->data() + start, count);
        } else {
            std::memset(into.data() + done, 0, count);
        }
        done += count;
    }
    return wanted;
}

void FileData::write(std::uint64_t offset, std::string_view bytes) {
    if (bytes.empty()) return;
    size_ = std::max(size_, offset + bytes.size());
    if (blocks_.size() < blocks_for(size_)) blocks_.resize(blocks_for(size_));
    while (!bytes.empty()) {
        const std::uint64_t index = offset / block_bytes;
        const auto start = static_cast<std::size_t>(offset % block_bytes);
        const std::size_t count = std::min(bytes.size(), block_bytes - start);
        remember(index);
        BlockPointer& block = blocks_[static_cast<std::size_t>(index)];
        // Segments are made of zeros in advance; these need no memory.
        if (!block && !is_zero(bytes.substr(0, count))) block = std::make_unique<Block>(Block{});
        if (block) std::memcpy(block->data() + start, bytes.data(), count);
        bytes.remove_prefix(count);
        offset += count;
    }
}

void FileData::truncate(std::uint64_t size) {
    for (std::uint64_t index = size / block_bytes; index < blocks_.size(); ++index) {
        BlockPointer& block = blocks_[static_cast<std::size_t>(index)];
        if (!block) continue;
        remember(index);
        const std::uint64_t start = index * block_bytes;
        if (start >= size) {
            block.reset();
        } else {
            const auto kept = static_cast<std::size_t>(size - start);
            std::memset(block->data() + kept, 0, block_bytes - kept);
        }
    }
    if (size < cut_to_.value_or(durable_size_)) cut_to_ = size;
    size_ = size;
    blocks_.resize(blocks_for(size));
}

void FileData::flush() {
    pending_.clear();
    durable_size_ = size_;
    cut_to_.reset();
}

void FileData::fail_flush() {
    for (auto& [index, block] : pending_) given_up_[index] = std::move(block);
    pending_.clear();
}

void FileData::lose_power(Random& random) {
    Blocks uncertain = std::move(pending_);
    for (auto& [index, block] : given_up_) uncertain[index] = std::move(block);
    pending_.clear();
    given_up_.clear();
    if (cut_to_) {
        decide_cut(uncertain, random);
    } else if (random.chance(0.5)) {
        size_ = durable_size_;
    }
    for (auto& [index, old_block] : uncertain) {
        if (index >= blocks_.size()) blocks_.resize(static_cast<std::size_t>(index) + 1);
        switch (random.below(3)) {
            case 0:
                break;
            case 1:
                blocks_[static_cast<std::size_t>(index)] = std::move(old_block);
                break;
            default:
                tear(index, old_block.get(), random);
        }
    }
    trim();
    durable_size_ = size_;
}

/// A cut that was not flushed has not happened, and then nothing behind it has changed; or it has,
/// and then nothing of what was there before comes back.
void FileData::decide_cut(Blocks& uncertain, Random& random) {
    const std::uint64_t cut_to = *std::exchange(cut_to_, std::nullopt);
    const bool undone = random.chance(0.5);
    if (undone) {
        size_ = durable_size_;
    } else if (size_ > cut_to && random.chance(0.5)) {
        size_ = cut_to;
    }
    if (blocks_.size() < blocks_for(size_)) blocks_.resize(blocks_for(size_));
    auto block = uncertain.lower_bound(cut_to / block_bytes);
    while (block != uncertain.end()) {
        auto& [index, old_block] = *block;
        if (undone) {
            if (index >= blocks_.size()) blocks_.resize(static_cast<std::size_t>(index) + 1);
            blocks_[static_cast<std::size_t>(index)] = std::move(old_block);
            block = uncertain.erase(block);
            continue;
        }
        const std::uint64_t start = index * block_bytes;
        if (start >= cut_to) {
            old_block.reset();
        } else if (old_block) {
            const auto kept = static_cast<std::size_t>(cut_to - start);
            std::memset(old_block->data() + kept, 0, block_bytes - kept);
        }
        ++block;
    }
}

std::uint32_t FileData::checksum(std::uint32_t seed) const {
    static const Block zeros{};
    std::uint64_t left = size_;
    for (const BlockPointer& block : blocks_) {
        const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left, block_bytes));
        seed = crc32c({block ? block->data() : zeros.data(), count}, seed);
        left -= count;
    }
    return seed;
}

/// Keeps what the disk holds of a block before its first change since it was durable.
void FileData::remember(std::uint64_t index) {
    if (pending_.contains(index)) return;
    if (const auto found = given_up_.find(index); found != given_up_.end()) {
        pending_[index] = std::move(found->second);
        given_up_.erase(found);
        return;
    }
    const BlockPointer& block = blocks_[static_cast<std::size_t>(index)];
    pending_[index] = block ? std::make_unique<Block>(*block) : nullptr;
}

void FileData::tear(std::uint64_t index, const Block* old_block, Random& random) {
    BlockPointer& block = blocks_[static_cast<std::size_t>(index)];
    if (!block) block = std::make_unique<Block>(Block{});
    for (std::size_t start = 0; start < block_bytes; start += sector_bytes) {
        if (random.chance(0.5)) continue;
        if (old_block != nullptr) {
            std::memcpy(block->data() + start, old_block->data() + start, sector_bytes);
        } else {
            std::memset(block->data() + start, 0, sector_bytes);
        }
    }
}

/// Makes the blocks fit the size, and zero beyond it.
void FileData::trim() {
    blocks_.resize(blocks_for(size_));
    const auto kept = static_cast<std::size_t>(size_ % block_bytes);
    if (kept != 0 && blocks_.back()) {
        std::memset(blocks_.back()->data() + kept, 0, block_bytes - kept);
    }
}

}  // namespace tidings::sim
