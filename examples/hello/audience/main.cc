// The audience service: counts, from events alone, how often each person was greeted.
#include <tidings/service/service.h>

#include "audience/audience.h"

#include <schema/audience.h>

// [main]
int main(int argc, char** argv) {
    hello::audience_service::Audience audience;
    tidings::Service service{"audience-service", argc, argv};
    service.schema(hello::schema::audience_schema());
    service.on<hello::greeting::Said>(audience);
    service.get("/counts/{person}",
                [&](const auto& request, auto& tx) { return audience.show(request, tx); });
    return service.run();
}
// [/main]
