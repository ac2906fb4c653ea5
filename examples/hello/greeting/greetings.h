#pragma once

#include <tidings/service/service.h>
#include <tidings/view/table.h>

#include <contracts/all.h>
#include <models/greeting_service.h>

namespace hello::greeting_service {

using tidings::Reply;
using tidings::Request;
using tidings::StoreTransaction;
using tidings::Table;
using tidings::Transaction;

// [handler]
/// Takes greetings, keeps them, and tells everybody.
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
