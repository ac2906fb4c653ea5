#pragma once

#include <tidings/contract/contract.h>

#include <map>
#include <string>

namespace tidings {

/// Makes TypeScript types of contracts, by path: `order/created.v1.ts` with `OrderCreatedV1`, the
/// event in its envelope, and `OrderCreatedV1Data`; `envelope.ts`; and `index.ts` with all of them
/// and the union `AnyEvent`, which `type` tells apart.
///
/// Types only, no code: what is read from outside is checked by the schema files. Integers are
/// `number`, which is exact up to 2^53.
std::map<std::string, std::string> to_typescript(const ContractSet& set);

}  // namespace tidings
