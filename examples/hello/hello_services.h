#pragma once

#include <tidings/service/service.h>

#include "audience/audience.h"
#include "greeting/greetings.h"

#include <memory>
#include <schema/audience.h>
#include <schema/greeting.h>

/// Both services whole, for tests that run them.
namespace hello {

// [services]
/// The greeting service with its handlers, as main() has it.
struct GreetingService {
    GreetingService() {
        service.schema(schema::greeting_schema());
        service.post("/greetings", greetings, &greeting_service::Greetings::say);
    }
    greeting_service::Greetings greetings;
    tidings::Service service{"greeting-service"};
};

struct AudienceService {
    AudienceService() {
        service.schema(schema::audience_schema());
        service.on<greeting::Said>(audience);
    }
    audience_service::Audience audience;
    tidings::Service service{"audience-service"};
};

/// Makes a service and what belongs to it, both to be kept by the pointer to the service.
template <class Whole>
std::shared_ptr<tidings::Service> make() {
    auto whole = std::make_shared<Whole>();
    return {whole, &whole->service};
}
// [/services]

}  // namespace hello
