#pragma once

#include <tidings/broker/broker.h>
#include <tidings/log/log.h>

#include "broker/groups.h"

#include <memory>
#include <string>
#include <vector>

namespace tidings {

/// A group's claim on a topic of the embedded broker: a Reader, and an entry for retention.
class LogSubscription final : public Subscription {
public:
    LogSubscription(std::unique_ptr<log::Reader> reader, std::unique_ptr<log::Doorbell> doorbell,
                    std::vector<std::string> types, io::Wakeup* wakeup)
        : reader_(std::move(reader)),
          doorbell_(std::move(doorbell)),
          types_(std::move(types)),
          wakeup_(wakeup) {}
    ~LogSubscription() override;

    /// Ends the making: where it starts is known, and the group is registered unless it has no
    /// name.
    Result<void> begin(io::FileSystem& files, const std::string& topic_directory,
                       const std::string& topic, const ConsumerGroup& group, const StartAt& start);

    Result<Fetched> fetch(std::size_t count_max) override;
    Result<void> acknowledge(Position position) override;
    Result<Position> seek(const StartAt& to) override;
    Position high_watermark() const override { return reader_->high_watermark(); }

private:
    bool wanted(std::string_view headers) const;
    Result<Position> resolve(const StartAt& start);

    std::unique_ptr<log::Reader> reader_;
    std::unique_ptr<log::Doorbell> doorbell_;
    std::vector<std::string> types_;
    io::Wakeup* wakeup_;
    std::unique_ptr<GroupFile> entry_;
    Position next_;
};

}  // namespace tidings
