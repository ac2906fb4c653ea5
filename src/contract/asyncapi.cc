#include <tidings/contract/asyncapi.h>

#include "contract/json_schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

namespace tidings {

namespace {

using contract::SchemaNode;

/// `order.created.v1`: a name that AsyncAPI takes as a key.
std::string name_of(const Contract& contract) {
    return fmt::format("{}.v{}", contract.event, contract.version.major);
}

bool concerns(const Contract& contract, const std::string& service) {
    return service.empty() || contract.owner == service ||
           std::find(contract.consumers.begin(), contract.consumers.end(), service) !=
               contract.consumers.end();
}

/// Writes one document.
class Document {
public:
    Document(const ContractSet& set, const AsyncApiOptions& options, std::string& out)
        : options_(options), writer_(out) {
        for (const Contract& contract : set.contracts) {
            if (concerns(contract, options.service)) contracts_.push_back(&contract);
        }
    }

    void write() {
        writer_.begin_object();
        text("asyncapi", "3.0.0");
        write_info();
        text("defaultContentType", "application/json");
        write_channels();
        write_operations();
        writer_.name("components");
        writer_.begin_object();
        write_messages();
        write_schemas();
        writer_.end_object();
        writer_.end_object();
    }

private:
    void text(std::string_view name, std::string_view value) {
        writer_.name(name);
        writer_.text(value);
    }
    void reference(std::string_view to) {
        writer_.begin_object();
        text("$ref", to);
        writer_.end_object();
    }
    void begin(std::string_view name) {
        writer_.name(name);
        writer_.begin_object();
    }

    void write_info() {
        begin("info");
        text("title", options_.title);
        text("version", options_.version);
        text("description", options_.service.empty()
                                ? "Every event of the platform, who publishes it and who consumes "
                                  "it. Made from the contracts."
                                : "What " + options_.service +
                                      " publishes and consumes. Made from the contracts.");
        writer_.end_object();
    }

    void write_channels() {
        std::map<std::string, std::vector<const Contract*>> by_domain;
        for (const Contract* contract : contracts_) {
            by_domain[std::string{contract->domain()}].push_back(contract);
        }
        begin("channels");
        for (const auto& [domain, contracts] : by_domain) {
            begin(domain);
            text("address", domain);
            text("description", fmt::format("The topic of the {} domain, which {} alone publishes "
                                            "to. Events with equal keys keep their order.",
                                            domain, contracts.front()->owner));
            begin("messages");
            for (const Contract* contract : contracts) {
                writer_.name(name_of(*contract));
                reference("#/components/messages/" + name_of(*contract));
            }
            writer_.end_object();
            writer_.end_object();
        }
        writer_.end_object();
    }

    void write_operations() {
        begin("operations");
        for (const Contract* contract : contracts_) {
            const auto is_wanted = [&](const std::string& service) {
                return options_.service.empty() || options_.service == service;
            };
            if (is_wanted(contract->owner)) {
                write_operation(*contract, contract->owner, "send", contract->published);
            }
            for (const std::string& consumer : contract->consumers) {
                if (is_wanted(consumer)) {
                    write_operation(*contract, consumer, "receive", contract->expected);
                }
            }
        }
        writer_.end_object();
    }

    void write_operation(const Contract& contract, const std::string& service,
                         std::string_view action, const std::string& description) {
        begin(fmt::format("{}.{}.{}", service, action, name_of(contract)));
        text("action", action);
        writer_.name("channel");
        reference(fmt::format("#/channels/{}", contract.domain()));
        text("summary", fmt::format("{} {} {}", service,
                                    action == "send" ? "publishes" : "consumes", contract.event));
        text("description", description);
        writer_.name("messages");
        writer_.begin_array();
        reference(fmt::format("#/channels/{}/messages/{}", contract.domain(), name_of(contract)));
        writer_.end_array();
        writer_.end_object();
    }

    void write_messages() {
        begin("messages");
        for (const Contract* contract : contracts_) write_message(*contract);
        writer_.end_object();
    }

    void write_message(const Contract& contract) {
        begin(name_of(contract));
        text("name", contract.event);
        text("title", fmt::format("{} {}", contract.event, to_string(contract.version)));
        text("summary", contract.summary);
        text("description", fmt::format("Published: {}\n\nExpected: {}\n\nKey: `{}`",
                                        contract.published, contract.expected, contract.key));
        text("contentType", "application/json");
        begin("correlationId");
        text("description", "The business transaction that the event belongs to.");
        text("location", "$message.payload#/correlationId");
        writer_.end_object();
        writer_.name("payload");
        write_envelope(contract);
        writer_.name("examples");
        writer_.begin_array();
        for (const std::string& example : contract.examples) {
            writer_.begin_object();
            writer_.name("payload");
            write_example(contract, example);
            writer_.end_object();
        }
        writer_.end_array();
        writer_.end_object();
    }

    /// The seven fields of the standard's section 3.1.
    void write_envelope(const Contract& contract) {
        writer_.begin_object();
        text("type", "object");
        writer_.name("required");
        writer_.begin_array();
        for (const char* field :
             {"id", "type", "source", "dataVersion", "timestamp", "correlationId", "data"}) {
            writer_.text(field);
        }
        writer_.end_array();
        begin("properties");
        field("id", {{"format", "uuid"}});
        field("type", {{"const", contract.event}});
        field("source", {{"description", "The service that published it: " + contract.owner}});
        field("dataVersion",
              {{"pattern", fmt::format("^{}\\.[0-9]+\\.[0-9]+$", contract.version.major)}});
        field("timestamp", {{"format", "date-time"}});
        field("correlationId", {});
        writer_.name("data");
        reference("#/components/schemas/" + name_of(contract));
        writer_.end_object();
        writer_.end_object();
    }

    void field(std::string_view name,
               std::initializer_list<std::pair<std::string_view, std::string>> more) {
        begin(name);
        text("type", "string");
        for (const auto& [keyword, value] : more) text(keyword, value);
        writer_.end_object();
    }

    void write_example(const Contract& contract, const std::string& data) {
        writer_.begin_object();
        text("id", "7b0f4c0e-6f0e-4d3c-9a44-0f7f3f1c2d11");
        text("type", contract.event);
        text("source", contract.owner);
        text("dataVersion", to_string(contract.version));
        text("timestamp", "2026-01-31T10:00:00.000Z");
        text("correlationId", "2f1f6f9e-0d4b-4c58-8f0a-6a3f5f0e9c77");
        writer_.name("data");
        writer_.raw(data);
        writer_.end_object();
    }

    void write_schemas() {
        begin("schemas");
        for (const Contract* contract : contracts_) {
            domain_ = contract->domain();
            writer_.name(name_of(*contract));
            write_schema(contract->data.root());
        }
        // Definitions may use further ones, which join the end of the list.
        for (std::size_t i = 0; i < definitions_.size(); ++i) {
            const auto [name, domain, schema] = definitions_[i];
            domain_ = domain;
            writer_.name(name);
            SchemaNode definition = *schema;
            definition.nullable = false;  // That is said where it is referred to.
            write_schema(definition);
        }
        writer_.end_object();
    }

    void write_schema(const SchemaNode& schema) {
        contract::write_json_schema(writer_, schema, [this](const SchemaNode& definition) {
            const std::string domain = definition.domain.empty() ? domain_ : definition.domain;
            std::string name = fmt::format("{}.{}", domain, definition.definition);
            if (known_.insert(name).second) definitions_.push_back({name, domain, &definition});
            return "#/components/schemas/" + name;
        });
    }

    struct Definition {
        std::string name;
        std::string domain;
        const SchemaNode* schema;
    };

    const AsyncApiOptions& options_;
    json::Writer writer_;
    std::vector<const Contract*> contracts_;
    std::string domain_;  ///< Of the schema being written.
    std::set<std::string> known_;
    std::vector<Definition> definitions_;
};

}  // namespace

std::string to_asyncapi(const ContractSet& set, const AsyncApiOptions& options) {
    std::string out;
    Document{set, options, out}.write();
    return out;
}

}  // namespace tidings
