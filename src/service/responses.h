#pragma once

#include <tidings/base/result.h>
#include <tidings/base/time.h>
#include <tidings/io/http.h>
#include <tidings/service/service.h>

namespace tidings {

/// An error as the problem details that a caller gets (RFC 9457). Of what is unavailable it says
/// when to come again.
io::HttpResponse to_response(const Error& error, Duration retry_after = 1s);
io::HttpResponse to_response(Reply reply);
/// An error in the caller's own body: never more than the caller's fault.
io::HttpResponse to_bad_request(Error error);

}  // namespace tidings
