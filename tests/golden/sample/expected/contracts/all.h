// Made by tidingsc from the platform's contracts. Do not edit.
#pragma once

#include <contracts/common.h>
#include <contracts/depot.h>
#include <contracts/parcel.h>

#include <tidings/contract/event_type.h>

#include <span>
#include <string_view>

namespace sample {

/// Every event type of the platform, by name and major version.
std::span<const tidings::EventType* const> contracts();

/// The contracts themselves, for `tidings::parse_bundle`.
std::string_view contracts_json();

}  // namespace sample
