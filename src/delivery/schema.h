#pragma once

#include <tidings/store/store.h>

#include <span>

namespace tidings {

/// The platform's own tables in every service's database, by version.
std::span<const Migration> delivery_migrations();

}  // namespace tidings
