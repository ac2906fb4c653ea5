#pragma once

#include <string>
#include <string_view>

namespace tidings::contract {

/// Returns whether `words` (snake case, without the domain) states a fact: it contains a past
/// participle, or names a state such as `pending_validation` or `ready_for_shipping`.
bool is_fact(std::string_view words);

/// Returns the fact that was probably meant: `create` gives `created`, `ship_item` `item_shipped`.
std::string fact_for(std::string_view words);

/// Returns the whole name that was probably meant by one that isn't `domain.event_name`, of a file
/// in `folder` (empty: in none): `createOrder` gives `order.created`; nothing if there is no
/// telling.
std::string event_for(std::string_view name, std::string_view folder);

/// `order_id` for `orderId`. A word that C++ keeps for itself gets a trailing underscore.
std::string snake_case(std::string_view camel);
/// `ValidationCompleted` for `validation_completed`, `Items` for `items`, `OrderId` for `orderId`.
std::string camel_case(std::string_view name);
/// An enumerator for a text: `not_defined`, `credit_card` for `CREDIT CARD`, `value_2x` for `2x`.
std::string enumerator_name(std::string_view text);
/// `Item` for `Items`: what one of a list is called.
std::string singular(std::string name);

}  // namespace tidings::contract
