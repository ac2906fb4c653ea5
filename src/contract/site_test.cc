/// The documentation of contracts as a site.
#include <tidings/contract/site.h>

#include "contract/sample_files.h"
#include "contract/site_pictures.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <string>

namespace tidings {
namespace {

namespace fs = std::filesystem;
using Site = std::map<std::string, std::string>;

ContractSet sample_set() { return load_contracts(sample::contract_files()).value(); }

ContractSet shop_set() {
    const std::string folder = std::string{TIDINGS_SOURCE_DIR} + "/examples/shop/contracts";
    return load_contracts(sample::files_below(folder)).value();
}

std::vector<ServiceOutline> with_saga(const std::string& name) {
    SagaOutline saga{.name = name, .start = {"order.created", 1}};
    saga.steps.push_back({.name = "payment",
                          .answer = {"payment.completed", 1},
                          .deadline = 15min,
                          .states = {"order.payment_completed", 1},
                          .undo = {"order.payment_revoked", 1},
                          .undone_by = {{"payment.refunded", 1}},
                          .undo_deadline = 24h});
    saga.steps.push_back({.name = "delivery", .answer = {"shipping.delivered", 1}});
    saga.failures.push_back({{"payment.failed", 1}, {"order.cancelled", 1}});
    return {{.service = "order-service", .domains = {"order"}, .sagas = {saga}}};
}

bool says(const std::string& page, std::string_view text) {
    return page.find(text) != std::string::npos;
}

/// A contract of one text field, with this description.
ContractSet parcel(const std::string& version, const std::string& description,
                   const std::string& size = "{ type: integer, minimum: 1, maximum: 10 }") {
    return load_contracts(
               std::vector<SourceFile>{
                   {"parcel/sent.v1.yaml",
                    "event: parcel.sent\nversion: " + version +
                        "\nowner: parcel-service\nconsumers: [order-service]\nkey: id\nsummary: '" +
                        description +
                        "'\npublished: Always.\nexpected: Nothing.\ndata:\n  type: object\n"
                        "  required: [id]\n  properties:\n    id: { type: string, description: '" +
                        description + "' }\n    size: " + size + "\nexamples:\n  - { id: '" +
                        description + "' }\n"}})
        .value();
}

TEST(Site, HasAPageForEachEventServiceAndSaga) {
    const Site site = make_site(shop_set(), {.services = with_saga("order.fulfilment")});
    for (const char* page :
         {"index.html", "changelog.html", "events/order.created.html", "services/customers.html",
          "services/order-service.html", "sagas/order.fulfilment.html", "map.svg", "search.js",
          "asyncapi.json", "asyncapi/payment-service.json"}) {
        EXPECT_TRUE(site.contains(page)) << page;
    }
}

TEST(Site, LeadsNowhereThatIsNotThereAndLoadsNothingFromElsewhere) {
    const Site site = make_site(shop_set(), {.services = with_saga("a saga / of any name")});
    int links = 0;
    for (const auto& [path, text] : site) {
        if (!path.ends_with(".html") && !path.ends_with(".svg")) continue;
        const std::string name_space = "xmlns=\"http://www.w3.org/2000/svg\"";
        const std::size_t svg = text.find(name_space);
        const std::string rest =
            svg == std::string::npos ? text : std::string{text}.erase(svg, name_space.size());
        EXPECT_FALSE(says(rest, "http:") || says(rest, "https:")) << path;
        for (const std::string_view mark : {"href=\"", "src=\""}) {
            for (std::size_t at = 0; (at = text.find(mark, at)) != std::string::npos;) {
                at += mark.size();
                std::string target = text.substr(at, text.find('"', at) - at);
                target = target.substr(0, target.find('#'));
                if (target.empty()) continue;
                ++links;
                const fs::path full = (fs::path{path}.parent_path() / target).lexically_normal();
                EXPECT_TRUE(site.contains(full.string())) << path << " leads to " << target;
            }
        }
    }
    EXPECT_GT(links, 1000);
}

TEST(Site, SaysOfAnEventWhatItsContractSays) {
    const Site site = make_site(shop_set(), {});
    const std::string& page = site.at("events/order.created.html");
    EXPECT_TRUE(says(page,
                     "<h2>When it is published</h2>\n<p>When <a "
                     "href=\"../events/product.validation_completed.html\">product."
                     "validation_completed</a> says that every item is valid."));
    EXPECT_TRUE(says(page, "<dt>Published by</dt><dd><a href=\"../services/order-service.html\">"));
    EXPECT_TRUE(says(page, "orderId</span> <span class=\"badge\">key</span>"));
    EXPECT_TRUE(says(page, "<td>array of Item</td>"));
    EXPECT_TRUE(says(page, "&quot;productId&quot;: &quot;sku-7&quot;")) << "an example";
}

TEST(Site, ShowsWhatDiffersBetweenMajorVersions) {
    const Site site = make_site(sample_set(), {});
    const std::string& page = site.at("events/depot.opened.html");
    EXPECT_TRUE(says(page, "<h3>From 1.0.3 to 2.0.0</h3>")) << page;
    EXPECT_TRUE(says(page, "<code>/city</code>"));
}

TEST(Site, TellsWhatHasChangedSinceEarlierVersions) {
    SiteOptions options;
    options.earlier.push_back({"v1", parcel("1.0.0", "Sent.")});
    options.earlier.push_back({"v2", parcel("1.0.1", "Sent away.")});
    const Site site =
        make_site(parcel("1.1.0", "Sent away.", "{ type: integer, minimum: 1 }"), options);
    const std::string& page = site.at("changelog.html");
    EXPECT_TRUE(says(page,
                     "<h2>Since v2</h2>\n<h3>parcel.sent <span class=\"name\">1.0.1 &rarr; "
                     "1.1.0</span>"))
        << page;
    EXPECT_TRUE(says(page,
                     "<h2>Since v1 until v2</h2>\n<h3>parcel.sent <span class=\"name\">1.0.0 "
                     "&rarr; 1.0.1</span> <span class=\"badge patch\">"));
    EXPECT_LT(page.find("Since v2"), page.find("Since v1"));
    EXPECT_TRUE(says(site.at("events/parcel.sent.html"), "<h2>Since v2</h2>"));
}

TEST(Site, EscapesWhatContractsSay) {
    const std::string hostile = "</script><script>alert(1)</script>\"&";
    const Site site = make_site(parcel("1.0.0", hostile), {.title = hostile});
    for (const auto& [path, text] : site) {
        if (path.ends_with(".html") || path.ends_with(".svg") || path.ends_with(".js")) {
            EXPECT_FALSE(says(text, "<script>alert")) << path;
        }
    }
    EXPECT_TRUE(says(site.at("index.html"), "&lt;/script&gt;"));
}

TEST(Site, CanBeSearched) {
    const std::string text = make_site(shop_set(), {}).at("search.js");
    const std::string begin = "const searchIndex = ";
    ASSERT_TRUE(text.starts_with(begin));
    const auto index =
        nlohmann::json::parse(text.substr(begin.size(), text.size() - begin.size() - 2));
    const auto found = std::find_if(index.begin(), index.end(), [](const auto& entry) {
        return entry["name"] == "order.created";
    });
    ASSERT_NE(found, index.end());
    EXPECT_EQ((*found)["page"], "events/order.created.html");
    EXPECT_TRUE(says((*found)["text"], "unitPrice")) << "fields are found, too";
}

TEST(Site, DrawsEachConsumerOfEachEvent) {
    const ContractSet set = shop_set();
    const std::string map = contract::map_picture(set);
    for (const Contract& contract : set.contracts) {
        for (const std::string& consumer : contract.consumers) {
            EXPECT_TRUE(says(map, "<title>" + contract.event + ": " + contract.owner + " to " +
                                      consumer + "</title>"));
        }
    }
}

TEST(Site, DrawsAPlatformWithManyServicesAndOneWithNone) {
    EXPECT_TRUE(says(contract::map_picture({}), "</svg>"));
    ContractSet many;
    for (int i = 0; i < 80; ++i) {
        Contract contract;
        contract.event = "domain" + std::to_string(i) + ".happened";
        contract.owner = "domain" + std::to_string(i) + "-service";
        contract.consumers = {"domain" + std::to_string((i * 7) % 80) + "-service"};
        many.contracts.push_back(contract);
    }
    EXPECT_TRUE(says(contract::map_picture(many), "domain79.happened"));
}

TEST(Site, DrawsWhatUndoesAStepAndWhatFailsIt) {
    const ServiceOutline service = with_saga("order.fulfilment")[0];
    const std::string drawn = contract::saga_picture(service.sagas[0], shop_set());
    for (const char* text : {"1. payment", "15 min", "undo payment", "waits for payment.refunded",
                             "payment.failed", "15 min passed", "no time limit"}) {
        EXPECT_TRUE(says(drawn, text)) << text;
    }
    EXPECT_TRUE(says(drawn, "href=\"../events/order.cancelled.html\""));
}

TEST(Site, ListsFieldsWithinFields) {
    const auto rows = contract::schema_rows(R"({"type":"object","required":["items"],"properties":{
        "items":{"type":"array","minItems":1,"maxItems":9,"items":{"$ref":"#/$defs/Item"}},
        "old":{"type":["string","null"],"maxLength":1,"deprecated":true,"default":"x"}},
        "$defs":{"Item":{"type":"object",
            "properties":{"sku":{"enum":["a","b"],"type":"string"}}}}})");
    ASSERT_EQ(rows.size(), 3U);
    EXPECT_EQ(rows[0].type, "array of Item");
    EXPECT_TRUE(rows[0].is_required);
    EXPECT_EQ(rows[0].rules, (std::vector<std::string>{"1 to 9 items"}));
    EXPECT_EQ(rows[1].depth, 1);
    EXPECT_EQ(rows[1].rules, (std::vector<std::string>{"one of a, b"}));
    EXPECT_EQ(rows[2].type, "string or null");
    EXPECT_TRUE(rows[2].is_deprecated);
    EXPECT_EQ(rows[2].rules, (std::vector<std::string>{"default x", "at most 1 character"}));
}

TEST(Site, ListsAlternativesAndPositions) {
    const auto rows = contract::schema_rows(R"({"type":"object","properties":{
        "paid":{"oneOf":[{"$ref":"#/$defs/Card"},{"type":"object","properties":{
            "kind":{"type":"string","const":"cash"}}}]},
        "back":{"oneOf":[{"$ref":"#/$defs/Card"},{"type":"null"}]},
        "place":{"type":"array","prefixItems":[{"type":"number","title":"Latitude"}]}},
        "$defs":{"Card":{"type":"object",
            "properties":{"kind":{"type":"string","const":"card"}}}}})");
    std::vector<std::string> seen;
    for (const auto& row : rows) seen.push_back(row.name + ": " + row.type);
    EXPECT_EQ(seen,
              (std::vector<std::string>{"paid: one of several", "(either): Card", "kind: string",
                                        "(or): object", "kind: string", "back: Card or null",
                                        "kind: string", "place: array", "[0] Latitude: number"}));
}

TEST(Site, ListsTypesOfOtherDomains) {
    const auto rows = contract::schema_rows(R"({"type":"object","properties":{
        "payer":{"$ref":"common#/$defs/Party"},"lost":{"$ref":"elsewhere#/$defs/Thing"}},
        "$defs":{"common":{"$id":"common","$defs":{
            "Party":{"type":"object","properties":{"role":{"$ref":"#/$defs/Role"}}},
            "Role":{"type":"string"}}}}})");
    std::vector<std::string> seen;
    for (const auto& row : rows) seen.push_back(row.name + ": " + row.type);
    EXPECT_EQ(seen, (std::vector<std::string>{"payer: CommonParty", "role: CommonRole (string)",
                                              "lost: #/$defs/ElsewhereThing"}));
}

}  // namespace
}  // namespace tidings
