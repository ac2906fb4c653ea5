/// Each rule that contracts are held to, by the exact words in which it is told.
#include <tidings/contract/lint.h>

#include "contract/sample_files.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace tidings {
namespace {

/// A contract of one field, right unless its texts say otherwise.
struct Given {
    std::string event = "order.created";
    std::string owner = "order-service";
    std::string consumers = "[payment-service]";
    std::string published = "When an order was taken.";
    std::string version = "1.0.0";
    std::string key = "id";
    std::string example = "{ id: a }";
    std::string path{};  ///< Empty: as the event's name and version demand.

    SourceFile file() const {
        const std::size_t dot = event.find('.');
        const std::string major = version.substr(0, version.find('.'));
        std::string place = event.substr(0, dot) + "/";
        place += (dot == std::string::npos ? event : event.substr(dot + 1)) + ".v" + major;
        return {path.empty() ? "contracts/" + place + ".yaml" : path,
                "event: " + event + "\nversion: " + version + "\nowner: " + owner +
                    "\nconsumers: " + consumers + "\nkey: " + key +
                    "\nsummary: It is so.\npublished: " + published +
                    "\nexpected: Take note.\ndata:\n  type: object\n  required: [id]\n"
                    "  properties:\n    id: { type: string }\nexamples:\n  - " +
                    example + "\n"};
    }
};

const Given payment{
    .event = "payment.completed", .owner = "payment-service", .consumers = "[order-service]"};

/// All that is found, as it is printed.
std::vector<std::string> found(const std::vector<Given>& given,
                               const std::vector<ServiceOutline>& services = {}) {
    std::vector<SourceFile> files;
    for (const Given& one : given) files.push_back(one.file());
    std::vector<std::string> lines;
    for (const Diagnostic& problem : lint_contracts(files, services)) {
        lines.push_back(to_string(problem));
    }
    return lines;
}

using Lines = std::vector<std::string>;

TEST(Lint, IsContentWithContractsThatKeepTheRules) { EXPECT_EQ(found({{}, payment}), Lines{}); }

TEST(Lint, RefusesCommandsAndSaysWhichFactIsMeant) {
    const std::string rule = ": error: an event is named as a fact that has happened: ";
    EXPECT_EQ(found({{.event = "order.create"}}),
              Lines{"contracts/order/create.v1.yaml:1:8" + rule +
                    "\"order.create\"; did you mean order.created?"});
    EXPECT_EQ(found({{.event = "order.send_email"}}),
              Lines{"contracts/order/send_email.v1.yaml:1:8" + rule +
                    "\"order.send_email\"; did you mean order.email_sent?"});
    EXPECT_EQ(found({{.event = "order.create_order"}}),
              Lines{"contracts/order/create_order.v1.yaml:1:8" + rule +
                    "\"order.create_order\"; did you mean order.created?"});
}

TEST(Lint, RefusesNamesThatAreNotDomainAndEvent) {
    const std::string rule = ":1:8: error: an event is named domain.event_name in snake case: ";
    EXPECT_EQ(found({{.event = "create_order", .path = "contracts/order/created.v1.yaml"}}),
              Lines{"contracts/order/created.v1.yaml" + rule +
                    "\"create_order\"; did you mean order.created?"});
    EXPECT_EQ(found({{.event = "OrderCreated", .path = "contracts/order/created.v1.yaml"}}),
              Lines{"contracts/order/created.v1.yaml" + rule +
                    "\"OrderCreated\"; did you mean order.created?"});
}

TEST(Lint, TakesStatesForFacts) {
    EXPECT_EQ(found({{.event = "order.pending_validation"}, payment}), Lines{});
    EXPECT_EQ(found({{.event = "order.ready_for_shipping"}, payment}), Lines{});
}

TEST(Lint, WantsOneOwnerForADomain) {
    EXPECT_EQ(found({{}, {.event = "order.cancelled", .owner = "shop-service"}}),
              Lines{"contracts/order/created.v1.yaml:1:1: error: a domain has one owner: "
                    "order.created is owned by order-service; contracts/order/cancelled.v1.yaml "
                    "says shop-service"});
}

TEST(Lint, WantsSemanticVersions) {
    EXPECT_EQ(found({{.version = "1.0"}}),
              Lines{"contracts/order/created.v1.yaml:2:10: error: a version is three numbers, "
                    "major.minor.patch: \"1.0\"; write it like 1.0.0"});
}

TEST(Lint, WantsToBeToldWhenItIsPublished) {
    EXPECT_EQ(found({{.published = "''"}}),
              Lines{"contracts/order/created.v1.yaml:7:12: error: published says something: \"\""});
}

TEST(Lint, WantsTheKeyInTheData) {
    EXPECT_EQ(found({{.key = "orderId"}}),
              Lines{"contracts/order/created.v1.yaml:5:6: error: a key is a field of data: "
                    "\"orderId\""});
}

TEST(Lint, HoldsExamplesToTheirSchema) {
    EXPECT_EQ(found({{.example = "{ name: a }"}}),
              Lines{"contracts/order/created.v1.yaml:15:5: error: an example keeps its own schema: "
                    "field /id: is missing"});
}

TEST(Lint, WarnsOfAnEventThatNobodyConsumes) {
    EXPECT_EQ(found({{.consumers = "[]"}, payment}),
              Lines{"contracts/order/created.v1.yaml:4:12: warning: an event has a consumer: "
                    "\"order.created\" is consumed by nobody; name who consumes it, or stop "
                    "publishing it"});
    EXPECT_EQ(found({{.consumers = "[]"}, {.version = "2.0.0"}, payment}), Lines{})
        << "a newer major version is consumed";
}

TEST(Lint, RefusesAnEventThatIsConsumedAndThatNobodyPublishes) {
    EXPECT_EQ(found({{.published = "After payment.complete or payment.compleated, by user.total."},
                     payment}),
              Lines{"contracts/order/created.v1.yaml:7:12: error: an event that is consumed is "
                    "published by somebody: published of order.created speaks of "
                    "\"payment.compleated\", which no contract describes; did you mean "
                    "payment.completed?"});
    EXPECT_EQ(found({{.published = "Two days after `billing.closed`."}, payment}),
              Lines{"contracts/order/created.v1.yaml:7:12: error: an event that is consumed is "
                    "published by somebody: published of order.created speaks of "
                    "\"billing.closed\", which no contract describes; write its contract, or speak "
                    "of another event"});
}

TEST(Lint, WarnsOfAConsumerThatIsProbablyMisspelt) {
    EXPECT_EQ(found({{.consumers = "[paymnet-service, mailing-service]"}, payment}),
              Lines{"contracts/order/created.v1.yaml:4:12: warning: a consumer is a service of the "
                    "platform: \"paymnet-service\" owns no domain; did you mean payment-service?"});
}

TEST(Lint, HoldsServicesToWhatContractsSayOfThem) {
    const ServiceOutline orders{
        .service = "order-service", .domains = {"order"}, .handles = {{"payment.completed", 1}}};
    EXPECT_EQ(found({{}, payment}, {orders}), Lines{});
    const std::string place = "contracts/payment/completed.v1.yaml:";
    EXPECT_EQ(found({{}, payment}, {{.service = "order-service", .domains = {"order"}}}),
              Lines{place + "4:12: warning: a consumer handles the event: order-service does not "
                            "handle \"payment.completed\"; take it out of consumers, or write the "
                            "handler"});
    EXPECT_EQ(found({{}, payment}, {{.service = "payment-service",
                                     .domains = {"bank"},
                                     .handles = {{"order.created", 1}}}}),
              Lines{place + "3:8: error: a service publishes only its own domain's events: "
                            "payment-service does not own payment, the domain of "
                            "\"payment.completed\"; name the owner, or let the service own the "
                            "domain"});
    EXPECT_EQ(
        found({{}, payment},
              {{.service = "mail-service", .domains = {}, .handles = {{"payment.completed", 1}}}}),
        Lines{place + "4:12: error: a contract names its consumers: mail-service handles "
                      "\"payment.completed\" v1; add mail-service to consumers"});
    EXPECT_EQ(
        found({{}, payment}, {{.service = "mail-service", .handles = {{"order.created", 2}}}}),
        Lines{"mail-service:1:1: error: an event that is consumed is published by somebody: "
              "mail-service handles \"order.created\" v2, which no contract describes; write its "
              "contract, or take the handler away"});
}

TEST(Lint, LetsAConsumerComeToANewMajorVersion) {
    // It handles the older one by way of an upcaster, and the older contract stays as it was.
    const Given newer{.consumers = "[payment-service, mail-service]", .version = "2.0.0"};
    EXPECT_EQ(
        found({{}, newer, payment}, {{.service = "mail-service",
                                      .handles = {{"order.created", 1}, {"order.created", 2}}}}),
        Lines{});
    const Given older{.consumers = "[payment-service, mail-service]"};
    EXPECT_EQ(found({older, {.version = "2.0.0"}, payment},
                    {{.service = "mail-service", .handles = {{"order.created", 2}}}}),
              Lines{"contracts/order/created.v2.yaml:4:12: error: a contract names its consumers: "
                    "mail-service handles \"order.created\" v2; add mail-service to consumers"});
}

TEST(Lint, FindsNoErrorInTheShop) {
    const auto files =
        sample::files_below(std::string{TIDINGS_SOURCE_DIR} + "/examples/shop/contracts");
    for (const Diagnostic& problem : lint_contracts(files)) {
        EXPECT_EQ(problem.severity, Severity::warning) << to_string(problem);
    }
}

}  // namespace
}  // namespace tidings
