#pragma once

#include <tidings/base/time.h>
#include <tidings/store/store.h>

#include "store/sqlite/connection.h"

#include <memory>
#include <span>
#include <string_view>

namespace tidings::sqlite {

/// Does what `Store::migrate` says, on `connection`, outside any transaction. `now` is recorded.
Result<void> migrate(const std::shared_ptr<Connection>& connection, std::string_view component,
                     std::span<const Migration> migrations, Timestamp now);

}  // namespace tidings::sqlite
