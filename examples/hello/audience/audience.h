#pragma once

#include <tidings/service/service.h>
#include <tidings/view/table.h>

#include <contracts/all.h>
#include <models/audience_service.h>

namespace hello::audience_service {

using tidings::Reply;
using tidings::Request;
using tidings::StoreTransaction;
using tidings::Table;
using tidings::Transaction;

// [handler]
/// Counts, from events alone, how often each person was greeted.
class Audience {
public:
    /// Called once for each greeting, however often it is delivered.
    void on(const greeting::Said& event, Transaction& tx) {
        Count count = counts_.find(tx, event.person).value_or(Count{.person = event.person});
        ++count.greetings;
        counts_.put(tx, count);
    }

    Reply show(const Request& request, StoreTransaction& tx) const {
        return Reply::json(200, counts_.get(tx, request.parameter("person")));
    }

private:
    Table<Count> counts_;
};
// [/handler]

}  // namespace hello::audience_service
