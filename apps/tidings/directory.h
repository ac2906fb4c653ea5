#pragma once

#include <tidings/base/result.h>
#include <tidings/io/world.h>
#include <tidings/store/store.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tidings::cli {

/// A data directory, looked at from outside. Changes nothing in it.
class Directory {
public:
    /// Errors: as `check_data_directory`.
    static Result<Directory> open(io::World& world, std::string path);

    /// Returns the topics whose logs are there, sorted; `only`, if it is not empty, alone.
    /// Errors: `not_found` (there is no such topic; the hint names the likely one), `io_error`.
    Result<std::vector<std::string>> topics(const std::string& only = {}) const;
    /// The same for services that have a database here.
    Result<std::vector<std::string>> services(const std::string& only = {}) const;

    std::string logs() const { return path_ + "/log"; }
    std::string log(const std::string& topic) const { return path_ + "/log/" + topic; }
    std::string database(const std::string& service) const {
        return path_ + "/services/" + service + ".db";
    }
    /// Returns the port that the service's API listens on by its own word; nothing if it does not
    /// run, or was killed and left no word or a garbled one.
    std::optional<int> port(const std::string& service) const;
    std::string contracts() const { return path_ + "/contracts.json"; }

    /// Reads a service's database with `read`, which may throw what a transaction throws.
    Result<void> read(const std::string& service,
                      const std::function<void(StoreTransaction&)>& read) const;

    io::World& world() const noexcept { return *world_; }

private:
    Directory(io::World& world, std::string path) : world_(&world), path_(std::move(path)) {}

    io::World* world_;
    std::string path_;
};

}  // namespace tidings::cli
