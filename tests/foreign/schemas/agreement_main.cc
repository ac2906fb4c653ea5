// Prints random schemas with data and what Tidings says of it, one JSON object a line, for a
// program that asks another validator: schema_agreement <seed> <schemas> <changes>. The first lines
// are those contracts that the build made C++ of; for them the generated reader has spoken, too.
// `schema_agreement different` prints what docs/reference/contracts.md says others do otherwise.
#include "random_schemas.h"

#include <contracts/all.h>
#include <iostream>

namespace tidings::agreement {
namespace {

/// Prints one schema; false if the runtime's check and generated code do not agree.
bool print(const Contract& contract, const EventType* type, Dice& dice, std::size_t changes) {
    Json line{{"event", contract.event}, {"schema", Json::parse(contract.data.json())}};
    bool agree = true;
    for (const std::string& text : data_for(contract.data, dice, changes)) {
        const auto checked = contract.data.check(text);
        const auto read = type != nullptr ? type->check(text) : checked;
        if (checked.has_value() != read.has_value()) {
            std::cerr << contract.event << ": " << text
                      << "\n  check: " << (checked ? "right" : checked.error().message)
                      << "\n  generated: " << (read ? "right" : read.error().message) << "\n";
            agree = false;
        }
        line["cases"].push_back({{"data", text},
                                 {"valid", checked.has_value()},
                                 {"error", checked ? "" : checked.error().message}});
    }
    std::cout << line.dump() << "\n";
    return agree;
}

/// Values of one field each, which Tidings and Ajv see differently on purpose.
int print_differences() {
    const std::vector<std::string> values{
        R"("uuid":"urn:uuid:5f1cbb4e-3f8e-4c2d-9a51-7a0f2f6f1d11")",
        R"("time":"2026-11-23 10:00:00Z")",
        R"("mail":"\"a b\"@example.com")",
        R"("mail":"ana@[127.0.0.1]")",
        R"("link":"http://[zz]/")",
        R"("count":12345678901234567890)",
        R"("blank":"\u00a0")",
        R"("any":"\r")",
        R"("any":"a","any":"b")"};
    const auto text = [](Json more) {
        more["type"] = "string";
        return more;
    };
    const Json properties{{"id", text({})},
                          {"uuid", text({{"format", "uuid"}})},
                          {"time", text({{"format", "date-time"}})},
                          {"mail", text({{"format", "email"}})},
                          {"link", text({{"format", "uri"}})},
                          {"count", {{"type", "integer"}}},
                          {"blank", text({{"pattern", "^\\s$"}})},
                          {"any", text({{"pattern", "^.$"}})}};
    Json contract = contract_of(
        "more", "changed",
        {{"type", "object"}, {"required", Json::array({"id"})}, {"properties", properties}});
    contract["examples"].push_back({{"id", "a"}});
    const Contract loaded = load_contract({"more/changed.v1.yaml", contract.dump()}).value();
    Json line{{"event", loaded.event}, {"schema", Json::parse(loaded.data.json())}};
    for (const std::string& value : values) {
        const std::string data = R"({"id":"a",)" + value + "}";
        line["cases"].push_back({{"data", data}, {"valid", loaded.data.check(data).has_value()}});
    }
    std::cout << line.dump() << "\n";
    return 0;
}

int run(std::uint64_t seed, std::size_t count, std::size_t changes) {
    Dice dice{seed};
    bool agree = true;
    const ContractSet built = parse_bundle(random_platform::contracts_json()).value();
    for (std::size_t i = 0; i < built.contracts.size(); ++i) {
        agree = print(built.contracts[i], random_platform::contracts()[i], dice, changes) && agree;
    }
    const ContractSet more = load_contracts(random_contracts("more", count, seed)).value();
    for (const Contract& contract : more.contracts) print(contract, nullptr, dice, changes);
    return agree ? 0 : 1;
}

}  // namespace
}  // namespace tidings::agreement

int main(int argc, char** argv) {
    if (argc == 2 && std::string_view{argv[1]} == "different") {
        return tidings::agreement::print_differences();
    }
    if (argc != 4) {
        std::cerr << "error: schema_agreement <seed> <schemas> <changes>\n";
        return 2;
    }
    return tidings::agreement::run(std::stoull(argv[1]), std::stoull(argv[2]),
                                   std::stoull(argv[3]));
}
