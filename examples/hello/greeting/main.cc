// The greeting service: takes greetings, keeps them, and tells everybody.
#include <tidings/service/service.h>
#include <tidings/view/table.h>

#include <contracts/all.h>
#include <models/greeting_service.h>
#include <schema/greeting.h>

namespace hello::greeting_service {

using tidings::Reply;
using tidings::Request;
using tidings::StoreTransaction;
using tidings::Table;
using tidings::Transaction;

// [handler]
class Greetings {
public:
    /// Keeps the greeting and publishes that it was said: both happen, or neither does.
    Greeting say(const SayGreeting& request, Transaction& tx) {
        const Greeting said{.id = tx.new_id(), .person = request.person, .text = request.text};
        greetings_.put(tx, said);
        tx.publish(
            greeting::Said{.greeting_id = said.id, .person = said.person, .text = said.text});
        return said;
    }

    /// Reads one back; a greeting that is not there is answered with 404.
    Reply show(const Request& request, StoreTransaction& tx) const {
        return Reply::json(200, greetings_.get(tx, request.parameter("id")));
    }

private:
    Table<Greeting> greetings_;
};
// [/handler]

}  // namespace hello::greeting_service

// [main]
int main(int argc, char** argv) {
    using hello::greeting_service::Greetings;
    tidings::Service service{"greeting-service", argc, argv};
    Greetings greetings;
    service.schema(hello::schema::greeting_schema());
    service.contracts(hello::contracts());
    service.post("/greetings", greetings, &Greetings::say);
    service.get("/greetings/{id}",
                [&](const auto& request, auto& tx) { return greetings.show(request, tx); });
    return service.run();
}
// [/main]
