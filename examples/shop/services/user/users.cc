#include "services/user/users.h"

namespace shop::user_service {

using namespace tidings;

Reply Users::create(const CreateUser& body, Transaction& tx) {
    User made{.user_id = body.user_id ? *body.user_id : tx.new_id(),
              .email = body.email,
              .phone = body.phone};
    made.full_name = body.full_name;
    if (const std::optional<User> known = users_.find(tx, made.user_id)) {
        if (*known != made) {
            throw Failure{{ErrorCode::conflict, "user " + made.user_id + " is there, and differs",
                           "change it with PATCH /users/" + made.user_id},
                          true};
        }
        return Reply::accepted("/users/" + made.user_id, made);
    }
    users_.put(tx, made);
    user::Created event{.user_id = made.user_id, .email = made.email, .phone = made.phone};
    event.full_name = made.full_name;
    tx.publish(event);
    return Reply::accepted("/users/" + made.user_id, made);
}

Reply Users::change(const ChangeUser& body, const Request& http, Transaction& tx) {
    User known = users_.get(tx, http.parameter("id"));
    user::Updated event{.user_id = known.user_id};
    if (body.email && *body.email != known.email) {
        event.fields.push_back("email");
        known.email = *body.email;
    }
    if (body.phone && *body.phone != known.phone) {
        event.fields.push_back("phone");
        known.phone = *body.phone;
    }
    if (body.full_name && body.full_name != known.full_name) {
        event.fields.push_back("fullName");
        known.full_name = body.full_name;
    }
    if (!event.fields.empty()) {
        users_.put(tx, known);
        event.email = known.email;
        event.phone = known.phone;
        event.full_name = known.full_name;
        tx.publish(event);
    }
    return Reply::accepted("/users/" + known.user_id, known);
}

void Users::add_to(Service& service) {
    service.command<CreateUser>("POST", "/users",
                                [this](const CreateUser& body, const Request&, Transaction& tx) {
                                    return create(body, tx);
                                });
    service.command<ChangeUser>("PATCH", "/users/{id}",
                                [this](const ChangeUser& body, const Request& http,
                                       Transaction& tx) { return change(body, http, tx); });
    service.get("/users/{id}", [this](const Request& http, StoreTransaction& tx) {
        return Reply::json(200, users_.get(tx, http.parameter("id")));
    });
}

}  // namespace shop::user_service
