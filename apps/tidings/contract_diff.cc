#include <tidings/contract/compatibility.h>
#include <tidings/model/json.h>

#include "commands.h"
#include "contract_sources.h"
#include "contract_usage.h"

#include <fmt/format.h>

namespace tidings::cli {

namespace {

std::string version_text(const std::optional<SchemaVersion>& version) {
    return version ? to_string(*version) : "none";
}

/// Who is concerned, and how gravely: `breaking for consumers, minor for producers`.
std::string concern(const ContractChange& change) {
    const auto one = [](ChangeLevel level, std::string_view whom) {
        return fmt::format("{} for {}", to_string(level), whom);
    };
    if (change.for_producers == change.for_consumers) {
        return std::string{to_string(change.for_producers)};
    }
    if (change.for_producers == ChangeLevel::none) return one(change.for_consumers, "consumers");
    if (change.for_consumers == ChangeLevel::none) return one(change.for_producers, "producers");
    return one(change.for_producers, "producers") + ", " + one(change.for_consumers, "consumers");
}

/// What to do about a version that is too small.
std::string advice(const ContractDifference& difference) {
    if (!difference.after)
        return "bring it back, and keep it until two newer major versions are there or the newest "
               "retires it";
    if (difference.demanded.major == difference.major) {
        return "state version " + to_string(difference.demanded);
    }
    const std::string name = difference.event.substr(difference.event.find('.') + 1);
    return fmt::format(
        "leave {0}.v{1}.yaml as it was, state version {2} in {0}.v{3}.yaml, and write "
        "an upcaster from {1} to {3}",
        name, difference.major, to_string(difference.demanded), difference.demanded.major);
}

/// Whom a change concerns of the services that are known: `breaks payment-service (uses it)`.
std::string concerned(const ContractDifference& difference, const ContractChange& change,
                      const ContractUsage& usage) {
    const bool breaks = change.for_consumers == ChangeLevel::breaking;
    std::string names;
    for (const auto& consumer : usage.consumers(difference.event, difference.major, change.field)) {
        if (!breaks && consumer.use == FieldUse::unused) continue;
        names += (names.empty() ? "" : ", ") + printable(consumer.service);
        if (consumer.use == FieldUse::unknown) names += " (may use it)";
        if (!breaks) continue;
        if (consumer.use == FieldUse::used) names += " (uses it)";
        if (consumer.use == FieldUse::unused) names += " (only checks it)";
    }
    if (names.empty()) return breaks ? "breaks nobody known" : "used by nobody known";
    return (breaks ? "breaks " : "used by ") + names;
}

void print(const ContractDifference& difference, const ContractUsage* usage, Console& console) {
    console.line(fmt::format("{} {} -> {}: {}", console.strong(printable(difference.event)),
                             version_text(difference.before), version_text(difference.after),
                             to_string(difference.level())));
    for (const ContractChange& change : difference.changes) {
        std::string line = fmt::format(
            "  {}: {}{}{}",
            change.level() == ChangeLevel::breaking ? console.alarm(concern(change))
                                                    : concern(change),
            printable(change.field), change.field.empty() ? "" : " ", printable(change.what));
        if (!change.why.empty()) line += "; " + printable(change.why);
        console.line(line);
        if (usage != nullptr && change.level() > ChangeLevel::patch && difference.before) {
            console.line("    " + concerned(difference, change, *usage));
        }
    }
    if (!difference.is_honest()) {
        console.line("  " + console.alarm("the version does not say so: ") + advice(difference));
    }
}

void print_json(const ContractDifference& difference, const ContractUsage* usage,
                Console& console) {
    std::string out;
    json::Writer writer{out};
    const auto text = [&writer](std::string_view name, std::string_view value) {
        writer.name(name);
        writer.text(utf8(value));
    };
    const auto version = [&](std::string_view name, const std::optional<SchemaVersion>& value) {
        writer.name(name);
        value ? writer.text(to_string(*value)) : writer.null();
    };
    writer.begin_object();
    text("event", difference.event);
    version("before", difference.before);
    version("after", difference.after);
    text("level", to_string(difference.level()));
    version("demanded", difference.demanded);
    writer.name("honest");
    writer.boolean(difference.is_honest());
    writer.name("changes");
    writer.begin_array();
    for (const ContractChange& change : difference.changes) {
        writer.begin_object();
        text("field", change.field);
        text("what", change.what);
        text("forProducers", to_string(change.for_producers));
        text("forConsumers", to_string(change.for_consumers));
        text("why", change.why);
        if (usage != nullptr) {
            writer.name("consumers");
            writer.begin_array();
            for (const auto& consumer :
                 usage->consumers(difference.event, difference.major, change.field)) {
                writer.begin_object();
                text("service", consumer.service);
                text("use", to_string(consumer.use));
                writer.end_object();
            }
            writer.end_array();
        }
        writer.end_object();
    }
    writer.end_array();
    writer.end_object();
    console.line(json_line(out));
}

}  // namespace

int diff_contracts(io::World& world, const std::string& before, const std::string& after,
                   const std::string& usage_directory, Console& console) {
    std::optional<ContractUsage> usage;
    if (!usage_directory.empty()) {
        auto read = ContractUsage::read(world.files(), usage_directory);
        if (!read) return console.fail(read.error());
        usage = std::move(*read);
    }
    const ContractUsage* const known = usage ? &*usage : nullptr;
    const auto old_set = load_contracts_from(world.files(), before);
    if (!old_set) return console.fail(old_set.error());
    const auto new_set = load_contracts_from(world.files(), after);
    if (!new_set) return console.fail(new_set.error());
    bool honest = true;
    const auto differences = compare_contracts(*old_set, *new_set);
    for (const ContractDifference& difference : differences) {
        honest = honest && difference.is_honest();
        console.json() ? print_json(difference, known, console) : print(difference, known, console);
    }
    if (differences.empty() && !console.json()) console.line("no difference");
    return honest ? Exit::success : Exit::found_problems;
}

}  // namespace tidings::cli
