#include <tidings/contract/contract.h>
#include <tidings/contract/instances.h>
#include <tidings/delivery/dead_letters.h>
#include <tidings/testing/contract_tests.h>

#include "testing/json_tree.h"

#include <algorithm>
#include <optional>

namespace tidings {

namespace {

using Problems = ContractTests::Problems;

constexpr std::string_view invalid_data = "contract invalid_data";

/// One consumer, handed one event after the other, each in a world of its own.
class Consumer {
public:
    Consumer(const ContractTests::MakeService& make, Problems& problems)
        : make_(make), problems_(problems) {}

    bool handles(const Contract& contract) const {
        return make_()->handlers().event_route(contract.event, contract.version.major) != nullptr;
    }
    /// It must take this: its contract refuses nothing of it.
    void takes(const Contract& contract, const SchemaVersion& version, std::string_view called,
               const std::string& data);
    /// It must refuse this, as data that breaks its contract.
    void refuses(const Contract& contract, std::string_view called, const std::string& data);
    void fails(const Contract& contract, std::string_view called, std::string_view why) {
        problems_.push_back(contract.event + ' ' + to_string(contract.version) + ", " +
                            std::string{called} + ": " + std::string{why});
    }

private:
    /// Hands it one event. Returns the dead letters' group if it became one.
    std::optional<DeadLetterGroup> hand(const Contract& contract, const SchemaVersion& version,
                                        std::string_view called, const std::string& data);

    const ContractTests::MakeService& make_;
    Problems& problems_;
};

std::optional<DeadLetterGroup> Consumer::hand(const Contract& contract,
                                              const SchemaVersion& version, std::string_view called,
                                              const std::string& data) {
    const std::shared_ptr<Service> service = make_();
    ServiceCase tested{*service};
    tested.when(payload(contract.event, data, to_string(version)).with_key("key"));
    const auto taken = tested.database()
                           .value<std::int64_t>("SELECT sum(accepted) FROM tidings_position")
                           .value_or(0);
    if (taken != 1) fails(contract, called, "it did not take the event: " + data);
    std::vector<DeadLetterGroup> groups = DeadLetters{tested.database()}.groups();
    if (groups.empty()) return std::nullopt;
    return std::move(groups.front());
}

void Consumer::takes(const Contract& contract, const SchemaVersion& version,
                     std::string_view called, const std::string& data) {
    const auto dead = hand(contract, version, called, data);
    if (!dead) return;
    // What upcasters make of it is held against the newest contract when it is handled.
    const bool refused = dead->handler.starts_with("contract ") ||
                         dead->error_code == static_cast<int>(ErrorCode::contract_violation);
    if (!refused) return;
    fails(contract, called, "must be taken, is refused: " + dead->handler + ": " + dead->error);
}

void Consumer::refuses(const Contract& contract, std::string_view called, const std::string& data) {
    const auto dead = hand(contract, contract.version, called, data);
    if (dead && dead->handler == invalid_data) return;
    fails(contract, called,
          "must rest as a dead letter of " + std::string{invalid_data} + ", " +
              (dead ? "is one of " + dead->handler + ": " + dead->error : "is none") + "\n    " +
              data);
}

/// The example with a field that no version knows yet; nothing if the schema refuses such.
std::optional<std::string> of_tomorrow(const Contract& contract) {
    auto data = JsonTree::parse(contract.examples.front());
    if (!data) return std::nullopt;
    data->fields.emplace_back("fieldOfTomorrow", JsonTree{JsonTree::Kind::scalar, "true"});
    std::string text = data->text();
    if (!contract.data.check(text)) return std::nullopt;
    return text;
}

void test_examples(const Contract& contract, const SchemaVersion& version, std::string_view of,
                   Consumer& consumer) {
    for (std::size_t i = 0; i < contract.examples.size(); ++i) {
        consumer.takes(contract, version, std::string{of} + std::to_string(i + 1),
                       contract.examples[i]);
    }
}

void test_generated(const Contract& contract, Consumer& consumer) {
    if (const auto data = minimal_instance(contract.data)) {
        consumer.takes(contract, contract.version, "minimal data", *data);
    } else {
        consumer.fails(contract, "minimal data", data.error().message);
    }
    if (const auto data = maximal_instance(contract.data)) {
        consumer.takes(contract, contract.version, "maximal data", *data);
    } else {
        consumer.fails(contract, "maximal data", data.error().message);
    }
    const auto broken = invalid_instances(contract.data);
    if (!broken) return consumer.fails(contract, "data that breaks it", broken.error().message);
    for (const InvalidInstance& instance : *broken) {
        consumer.refuses(contract,
                         instance.field + ' ' + instance.rule + " (" + instance.what + ')',
                         instance.json);
    }
}

}  // namespace

ContractTests::Problems ContractTests::test_consumer(const std::string& service) const {
    Problems problems;
    Consumer consumer{tested(service).make, problems};
    for (const Contract& contract : contracts_->contracts) {
        const auto& named = contract.consumers;
        const bool is_named = std::find(named.begin(), named.end(), service) != named.end();
        const bool handles = consumer.handles(contract);
        if (handles != is_named) {
            consumer.fails(contract, "consumers",
                           is_named ? "names " + service + ", which has no handler for it"
                                    : "does not name " + service + ", which handles it");
        }
        if (!handles) continue;
        test_examples(contract, contract.version, "example ", consumer);
        if (const auto data = of_tomorrow(contract)) {
            SchemaVersion next = contract.version;
            ++next.minor;
            consumer.takes(contract, next, "a version to come", *data);
        }
        test_generated(contract, consumer);
    }
    for (const Contract& contract : released_->contracts) {
        if (!consumer.handles(contract)) continue;
        test_examples(contract, contract.version, "released example ", consumer);
    }
    return problems;
}

}  // namespace tidings
