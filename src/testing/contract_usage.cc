#include <tidings/contract/contract.h>
#include <tidings/model/json.h>
#include <tidings/testing/contract_tests.h>

#include "testing/case_watch.h"
#include "testing/data_variants.h"
#include "testing/json_tree.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

namespace tidings {

namespace {

/// An event that a scenario delivers.
struct Delivered {
    std::string type;
    int major = 1;
    std::string data;
};

/// What was seen of the fields of one event type and major version.
struct Seen {
    std::set<std::string> used;
    std::set<std::string> tried;
};

bool is_within(std::string_view field, std::string_view whole) {
    return field == whole || (field.starts_with(whole) && field[whole.size()] == '/');
}

/// Whether the field, or what it is a part of, is among these.
bool covers(const std::set<std::string>& fields, std::string_view field) {
    return std::any_of(fields.begin(), fields.end(),
                       [field](const std::string& whole) { return is_within(field, whole); });
}

/// Leaves out a list of which it is known what is used within.
std::set<std::string> innermost(const std::set<std::string>& fields) {
    std::set<std::string> left;
    for (const std::string& field : fields) {
        const bool known_within =
            std::any_of(fields.begin(), fields.end(), [&field](const std::string& other) {
                return other != field && is_within(other, field);
            });
        if (!known_within) left.insert(field);
    }
    return left;
}

bool is_event(const Cause& cause) {
    return cause.kind == Cause::Kind::event || cause.kind == Cause::Kind::payload;
}

/// Changes an event's data, and its key with it.
void replace_data(Cause& cause, const Contract& contract, const std::string& data) {
    cause.text = data;
    const auto tree = JsonTree::parse(data);
    const JsonTree* key = tree ? tree->find(contract.key) : nullptr;
    if (key == nullptr) return;
    cause.target = key->scalar;
    if (!key->is_text()) return;
    json::Reader reader{key->scalar};
    cause.target = reader.text();
}

/// One scenario of one service, run again and again.
class Rerun {
public:
    Rerun(const ContractTests::MakeService& make, const ContractTests::Scenario& scenario)
        : make_(make), scenario_(scenario) {}

    /// Runs it as it is. Returns the events that it delivers.
    std::vector<Delivered> first(const std::string& what);
    /// Runs it with other data for one of these events. Returns whether anything else comes of it.
    bool differs(std::size_t event, const Contract& contract, const std::string& data);

private:
    ServiceCase::Watch run(const std::function<void(Cause&)>& rewrite) const {
        const std::shared_ptr<Service> made = make_();
        ServiceCase::Watch watch;
        watch.rewrite = rewrite;
        ServiceCase running{*made, watch};
        scenario_(running);
        return watch;
    }

    const ContractTests::MakeService& make_;
    const ContractTests::Scenario& scenario_;
    std::string outcomes_;
};

std::vector<Delivered> Rerun::first(const std::string& what) {
    std::vector<Delivered> delivered;
    const ServiceCase::Watch watch = run([&delivered](const Cause& cause) {
        if (is_event(cause)) delivered.push_back({cause.name, cause.major, cause.text});
    });
    if (!watch.failures.empty()) {
        throw Failure{
            {ErrorCode::invalid_argument, "scenario \"" + what + "\" fails\n" + watch.failures}};
    }
    outcomes_ = watch.outcomes;
    return delivered;
}

bool Rerun::differs(std::size_t event, const Contract& contract, const std::string& data) {
    std::size_t count = 0;
    const ServiceCase::Watch watch = run([&](Cause& cause) {
        if (is_event(cause) && count++ == event) replace_data(cause, contract, data);
    });
    return watch.outcomes != outcomes_;
}

void write_fields(json::Writer& writer, std::string_view name,
                  const std::set<std::string>& fields) {
    writer.name(name);
    writer.begin_array();
    for (const std::string& field : fields) writer.text(field);
    writer.end_array();
}

}  // namespace

std::string ContractTests::usage(const std::string& service) const {
    std::map<std::pair<std::string, int>, Seen> seen;
    const MakeService& make = tested(service).make;
    for (const auto& [what, scenario] : tested(service).scenarios) {
        Rerun rerun{make, scenario};
        const std::vector<Delivered> delivered = rerun.first(what);
        for (std::size_t i = 0; i < delivered.size(); ++i) {
            const Delivered& event = delivered[i];
            const Contract* contract = contracts_->find(event.type, event.major);
            if (contract == nullptr || contract->owner == service) continue;
            Seen& fields = seen[{event.type, event.major}];
            for (const DataVariant& variant : data_variants(*contract, event.data)) {
                fields.tried.insert(variant.field);
                if (fields.used.contains(variant.field)) continue;
                if (rerun.differs(i, *contract, variant.json)) fields.used.insert(variant.field);
            }
        }
    }
    std::string out;
    json::Writer writer{out};
    writer.begin_object();
    writer.name("service");
    writer.text(service);
    writer.name("events");
    writer.begin_array();
    for (const Contract& contract : contracts_->contracts) {
        const int major = contract.version.major;
        if (contract.owner == service) continue;
        if (make()->handlers().event_route(contract.event, major) == nullptr) continue;
        const Seen& fields = seen[{contract.event, major}];
        const std::set<std::string> used = innermost(fields.used);
        std::set<std::string> unused;
        std::set<std::string> unknown;
        for (const std::string& field : all_fields(contract)) {
            if (covers(used, field)) continue;
            (covers(fields.tried, field) ? unused : unknown).insert(field);
        }
        writer.begin_object();
        writer.name("event");
        writer.text(contract.event);
        writer.name("major");
        writer.integer(major);
        write_fields(writer, "uses", used);
        write_fields(writer, "unused", unused);
        write_fields(writer, "unknown", unknown);
        writer.end_object();
    }
    writer.end_array();
    writer.end_object();
    return out;
}

}  // namespace tidings
