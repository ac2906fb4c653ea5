#pragma once

#include <tidings/service/service.h>
#include <tidings/view/table.h>

#include "contracts/all.h"
#include "models/user_service.h"

namespace shop::user_service {

/// The user service: who the users are and how they are reached.
class Users {
public:
    /// Takes a user in; the same again gets the same answer.
    tidings::Reply create(const CreateUser& body, tidings::Transaction& tx);
    /// Changes what the body names.
    tidings::Reply change(const ChangeUser& body, const tidings::Request& http,
                          tidings::Transaction& tx);

    void add_to(tidings::Service& service);

private:
    tidings::Table<User> users_;
};

}  // namespace shop::user_service
