#include <tidings/base/text.h>
#include <tidings/contract/asyncapi.h>
#include <tidings/contract/site.h>
#include <tidings/model/json.h>

#include "contract/site_pages.h"
#include "contract/site_pictures.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace tidings {

namespace contract {

SiteContent::SiteContent(const ContractSet& contracts, const SiteOptions& site_options)
    : set(contracts), options(site_options) {
    for (const Contract& contract : set.contracts) {
        events[contract.event].push_back(&contract);
        services.insert(contract.owner);
        services.insert(contract.consumers.begin(), contract.consumers.end());
    }
    for (auto& [event, versions] : events) std::reverse(versions.begin(), versions.end());
    for (const ServiceOutline& service : options.services) {
        services.insert(service.service);
        for (const SagaOutline& saga : service.sagas) sagas[saga.name] = {service.service, &saga};
    }
}

std::string SiteContent::page(std::string_view up, const std::string& at, std::string_view kind,
                              std::string_view title, const std::string& body) const {
    const auto item = [&](const std::string& to, std::string_view name) {
        return fmt::format("<li><a href=\"{}{}\"{}>{}</a></li>\n", up, html(to),
                           to == at ? " aria-current=\"page\"" : "", html(name));
    };
    std::string list = "<ul>" + item("index.html", "Start") + item("changelog.html", "Changelog") +
                       "</ul>\n<h2>Services</h2><ul>\n";
    for (const std::string& service : services) list += item(service_page(service), service);
    if (!sagas.empty()) list += "</ul><h2>Sagas</h2><ul>\n";
    for (const auto& [name, saga] : sagas) list += item(saga_page(name), name);
    std::string_view domain;
    for (const auto& [event, versions] : events) {
        if (versions.front()->domain() != domain) {
            domain = versions.front()->domain();
            list += fmt::format("</ul><h2>{}</h2><ul>\n", html(domain));
        }
        list += item(event_page(event), std::string_view{event}.substr(domain.size() + 1));
    }
    return fmt::format(
        "<!doctype html>\n<html lang=\"en\" data-up=\"{0}\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
        "<title>{1} - {2}</title>\n<link rel=\"stylesheet\" href=\"{0}site.css\">\n</head>\n"
        "<body>\n<div class=\"frame\">\n<nav aria-label=\"Contents\">\n"
        "<a class=\"title\" href=\"{0}index.html\">{2}</a>\n"
        "<input id=\"search\" type=\"search\" placeholder=\"Search  ( / )\" "
        "aria-label=\"Search\" autocomplete=\"off\">\n<ul id=\"found\" aria-live=\"polite\"></ul>\n"
        "<div class=\"all\">\n{3}</ul>\n</div>\n</nav>\n<main>\n<div class=\"kind\">{4}</div>\n"
        "<h1>{1}</h1>\n{5}<footer>Made from the contracts by tidings contract docs.</footer>\n"
        "</main>\n</div>\n<script src=\"{0}search.js\"></script>\n"
        "<script src=\"{0}site.js\"></script>\n</body>\n</html>\n",
        up, html(title), html(options.title), list, html(kind), body);
}

namespace {

/// What is searched: names, what they are about, and the fields of events.
std::string search_index(const SiteContent& content) {
    std::string out;
    json::Writer writer{out};
    const auto entry = [&](std::string_view kind, std::string_view name, const std::string& page,
                           std::string_view shortly, std::string_view text) {
        writer.begin_object();
        for (const auto& [field, value] :
             {std::pair<std::string_view, std::string_view>{"kind", kind},
              {"name", name},
              {"page", page},
              {"short", shortly},
              {"text", text}}) {
            writer.name(field);
            writer.text(value);
        }
        writer.end_object();
    };
    writer.begin_array();
    for (const auto& [event, versions] : content.events) {
        const Contract& newest = *versions.front();
        std::string text = fmt::format("{} {} {} {}", newest.summary, newest.published,
                                       newest.expected, newest.owner);
        for (const SchemaRow& row : schema_rows(newest.data.json())) {
            text += ' ' + row.name + ' ' + row.description;
        }
        entry("event", event, event_page(event), newest.summary, text);
    }
    for (const std::string& service : content.services) {
        entry("service", service, service_page(service), "what it publishes and consumes", service);
    }
    for (const auto& [name, saga] : content.sagas) {
        std::string text = saga.first;
        for (const SagaOutline::Step& step : saga.second->steps) {
            text += ' ' + step.name + ' ' + step.answer.type;
        }
        entry("saga", name, saga_page(name), saga.first, text);
    }
    writer.end_array();
    // A page could end within a text otherwise, where a browser looks for its end.
    std::string safe = "const searchIndex = ";
    for (const char c : out) {
        c == '<' ? void(safe += "\\u003c") : void(safe += c);
    }
    return safe + ";\n";
}

}  // namespace

}  // namespace contract

std::map<std::string, std::string> make_site(const ContractSet& set, const SiteOptions& options) {
    using namespace contract;
    const SiteContent content{set, options};
    std::map<std::string, std::string> files;
    files["site.css"] = site_css;
    files["site.js"] = site_js;
    files["search.js"] = search_index(content);
    files["map.svg"] = map_picture(set);
    files["index.html"] = start_page(content);
    files["changelog.html"] = changelog_page(content);
    files["asyncapi.json"] = to_asyncapi(set, {.title = options.title});
    for (const auto& [event, versions] : content.events) {
        files[event_page(event)] = event_page_text(content, event);
    }
    for (const std::string& service : content.services) {
        files[service_page(service)] = service_page_text(content, service);
        files["asyncapi/" + service + ".json"] =
            to_asyncapi(set, {.title = service, .service = service});
    }
    for (const auto& [name, saga] : content.sagas) {
        files[saga_page(name)] = saga_page_text(content, name);
    }
    return files;
}

}  // namespace tidings
