#pragma once

#include <tidings/base/result.h>
#include <tidings/broker/log_scrubber.h>
#include <tidings/delivery/step_loop.h>
#include <tidings/io/http.h>
#include <tidings/service/service.h>

#include <span>
#include <string>
#include <utility>

namespace tidings {

/// An error as the problem details that a caller gets (RFC 9457). Of what is unavailable it says
/// when to come again.
io::HttpResponse to_response(const Error& error, Duration retry_after = 1s);
io::HttpResponse to_response(Reply reply);
/// An error in the caller's own body: never more than the caller's fault.
io::HttpResponse to_bad_request(Error error);

/// The body of `/health/ready` and of `/status`: each service with how it does. 503 if one cannot
/// take requests. Damage to a log is told, and turns no service down: what is whole goes on.
io::HttpResponse ready_response(std::span<const std::pair<std::string, DeliveryStatus>> services,
                                std::span<const LogDamage> damages);
io::HttpResponse status_response(std::span<const std::pair<std::string, DeliveryStatus>> services);

}  // namespace tidings
