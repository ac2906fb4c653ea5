// The greeting service: takes greetings, keeps them, and tells everybody.
#include <tidings/service/service.h>

#include "greeting/greetings.h"

#include <schema/greeting.h>

// [main]
int main(int argc, char** argv) {
    using hello::greeting_service::Greetings;
    tidings::Service service{"greeting-service", argc, argv};
    Greetings greetings;
    service.schema(hello::schema::greeting_schema());
    service.contracts(hello::contracts(), hello::contracts_json());
    service.post("/greetings", greetings, &Greetings::say);
    service.get("/greetings/{id}",
                [&](const auto& request, auto& tx) { return greetings.show(request, tx); });
    return service.run();
}
// [/main]
