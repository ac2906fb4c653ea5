#include "contract/site_pages.h"

#include <tidings/base/text.h>
#include <tidings/contract/compatibility.h>

#include "contract/site_pictures.h"

#include <fmt/format.h>

#include <algorithm>

namespace tidings::contract {

namespace {

std::string drawn(const std::string& svg) { return "<div class=\"drawn\">\n" + svg + "</div>\n"; }

std::string counted(std::size_t count, std::string_view noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

/// Prose, in which the names of events lead to their pages.
std::string prose(const SiteContent& content, std::string_view text) {
    const auto is_name = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
    };
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = at;
        while (end < text.size() && is_name(text[end])) ++end;
        std::string_view word = text.substr(at, end - at);
        while (word.ends_with('.')) word.remove_suffix(1);
        if (content.events.contains(std::string{word})) {
            out += link("../", event_page(word), word);
            at += word.size();
        } else {
            end = std::max(end, at + 1);
            out += html(text.substr(at, end - at));
            at = end;
        }
    }
    return out;
}

std::string badge(ChangeLevel level) {
    return fmt::format("<span class=\"badge {0}\">{0}</span>", to_string(level));
}

std::string services_list(std::string_view up, const std::vector<std::string>& services) {
    std::string out;
    for (const std::string& service : services) {
        if (!out.empty()) out += ", ";
        out += link(up, service_page(service), service);
    }
    return out.empty() ? "nobody" : out;
}

/// An event as one line of a table: name, version, what it says, and a last column.
std::string event_row(std::string_view up, const Contract& contract, const std::string& last) {
    return fmt::format("<tr><td class=\"name\">{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                       link(up, event_page(contract.event), contract.event),
                       to_string(contract.version), html(contract.summary), last);
}

std::string table(std::string_view last_column, const std::string& rows) {
    return fmt::format(
        "<div class=\"scroll\"><table><thead><tr><th>Event</th><th>Version</th>"
        "<th>What it says</th><th>{}</th></tr></thead>\n<tbody>\n{}</tbody></table>"
        "</div>\n",
        last_column, rows);
}

std::string schema_table(const Contract& contract) {
    std::string rows;
    for (const SchemaRow& row : schema_rows(contract.data.json())) {
        std::string rules;
        for (const std::string& rule : row.rules) {
            rules += "<span class=\"rule\">" + html(rule) + "</span>";
        }
        rows += fmt::format(
            "<tr><td class=\"field name\" style=\"padding-left:{}rem\"><span{}>{}</span>{}{}</td>"
            "<td>{}{}</td><td>{}</td></tr>\n",
            row.depth * 1.3, row.is_deprecated ? " class=\"gone\"" : "", html(row.name),
            row.name == contract.key && row.depth == 0 ? " <span class=\"badge\">key</span>" : "",
            row.is_deprecated ? " <span class=\"badge\">deprecated</span>" : "", html(row.type),
            row.is_required ? "" : " <span class=\"badge\">optional</span>",
            html(row.description) + rules);
    }
    return "<div class=\"scroll\"><table><thead><tr><th>Field</th><th>Type</th><th>Meaning and "
           "rules</th></tr></thead>\n<tbody>\n" +
           rows +
           "</tbody></table></div>\n<p>A field is required unless it says that it is "
           "optional.</p>\n";
}

std::string change_list(const std::vector<ContractChange>& changes) {
    std::string out = "<ul class=\"changes\">\n";
    for (const ContractChange& change : changes) {
        out += fmt::format("<li>{} {}{}{}</li>\n", badge(change.level()),
                           change.field.empty() ? "" : "<code>" + html(change.field) + "</code> ",
                           html(change.what), change.why.empty() ? "" : "; " + html(change.why));
    }
    return out + "</ul>\n";
}

std::string version_text(const std::optional<SchemaVersion>& version) {
    return version ? to_string(*version) : "none";
}

std::string difference_text(const ContractDifference& difference) {
    const std::string what = !difference.before ? "new" : !difference.after ? "gone" : "";
    return fmt::format(
        "<h3>{}{} <span class=\"name\">{} &rarr; {}</span> {}</h3>\n{}", html(difference.event),
        difference.major > 1 ? fmt::format(" v{}", difference.major) : "",
        version_text(difference.before), version_text(difference.after),
        what.empty() ? badge(difference.level()) : "<span class=\"badge\">" + what + "</span>",
        what == "new" ? "" : change_list(difference.changes));
}

/// What has changed from each of the earlier sets to the next, newest first; of one event, or all.
std::string history(const SiteContent& content, const std::string& event) {
    std::string out;
    const auto& earlier = content.options.earlier;
    for (std::size_t i = earlier.size(); i-- > 0;) {
        const bool is_last = i + 1 == earlier.size();
        const ContractSet& after = is_last ? content.set : earlier[i + 1].set;
        std::string changes;
        for (const ContractDifference& difference : compare_contracts(earlier[i].set, after)) {
            if (event.empty() || difference.event == event) changes += difference_text(difference);
        }
        if (changes.empty() && !event.empty()) continue;
        out += fmt::format("<h2>Since {}{}</h2>\n{}", html(earlier[i].name),
                           is_last ? "" : " until " + html(earlier[i + 1].name),
                           changes.empty() ? "<p>Nothing has changed.</p>\n" : changes);
    }
    return out;
}

/// One major version of an event.
std::string version_section(const Contract& contract) {
    std::string examples;
    for (const std::string& example : contract.examples) {
        examples += "<pre>" + html(indented(example)) + "</pre>\n";
    }
    return fmt::format("<h2 id=\"v{0}\">Data, version {1}</h2>\n{2}<h3>{3}</h3>\n{4}",
                       contract.version.major, to_string(contract.version), schema_table(contract),
                       contract.examples.size() == 1 ? "Example" : "Examples", examples);
}

}  // namespace

std::string start_page(const SiteContent& content) {
    std::string rows;
    for (const auto& [event, versions] : content.events) {
        rows += event_row("", *versions.front(), services_list("", versions.front()->consumers));
    }
    return content.page(
        "", "index.html", "Events of the platform", content.options.title,
        fmt::format("<p class=\"lead\">{}, {}{}. Each event is a fact that has happened; its "
                    "owner alone publishes it.</p>\n{}"
                    "<p>The map as a picture: <a href=\"map.svg\">map.svg</a>. The whole platform "
                    "as AsyncAPI 3.0: <a href=\"asyncapi.json\">asyncapi.json</a>.</p>\n"
                    "<h2>All events</h2>\n{}",
                    counted(content.events.size(), "event"),
                    counted(content.services.size(), "service"),
                    content.sagas.empty() ? "" : ", " + counted(content.sagas.size(), "saga"),
                    drawn(map_picture(content.set)), table("Consumed by", rows)));
}

std::string changelog_page(const SiteContent& content) {
    std::string body = history(content, "");
    if (body.empty()) {
        body =
            "<p class=\"lead\">This site was made without anything to compare with: "
            "<code>tidings contract docs --since REVISION:DIRECTORY</code> says since when.</p>\n";
    }
    return content.page("", "changelog.html", "What has changed", "Changelog", body);
}

std::string event_page_text(const SiteContent& content, const std::string& event) {
    const std::vector<const Contract*>& versions = content.events.at(event);
    const Contract& newest = *versions.front();
    std::string names;
    for (const Contract* version : versions) {
        names += fmt::format("{}<a href=\"#v{}\">{}</a>", names.empty() ? "" : ", ",
                             version->version.major, to_string(version->version));
    }
    std::string body = fmt::format(
        "<p class=\"lead\">{}</p>\n<dl class=\"facts\">\n<dt>Published by</dt><dd>{}</dd>\n"
        "<dt>Consumed by</dt><dd>{}</dd>\n<dt>Versions</dt><dd>{}</dd>\n"
        "<dt>Partition key</dt><dd><code>{}</code>; events with equal keys keep their order</dd>\n"
        "</dl>\n<div class=\"two\"><div><h2>When it is published</h2>\n<p>{}</p></div>\n"
        "<div><h2>What consumers do</h2>\n<p>{}</p></div></div>\n",
        html(newest.summary), link("../", service_page(newest.owner), newest.owner),
        services_list("../", newest.consumers), names, html(newest.key),
        prose(content, newest.published), prose(content, newest.expected));
    for (std::size_t i = 0; i < versions.size(); ++i) {
        body += version_section(*versions[i]);
        if (i + 1 == versions.size()) break;
        body += fmt::format("<h3>From {} to {}</h3>\n{}", to_string(versions[i + 1]->version),
                            to_string(versions[i]->version),
                            change_list(compare_contracts(*versions[i + 1], *versions[i]).changes));
    }
    body += history(content, event);
    return content.page("../", event_page(event), "Event", event, body);
}

std::string service_page_text(const SiteContent& content, const std::string& service) {
    std::string published;
    std::string consumed;
    std::set<std::string> domains;
    for (const auto& [event, versions] : content.events) {
        const Contract& newest = *versions.front();
        if (newest.owner == service) {
            domains.emplace(newest.domain());
            published += event_row("../", newest, services_list("../", newest.consumers));
        }
        const bool consumes =
            std::any_of(versions.begin(), versions.end(), [&](const Contract* version) {
                const auto& names = version->consumers;
                return std::find(names.begin(), names.end(), service) != names.end();
            });
        if (consumes) {
            consumed += event_row("../", newest, prose(content, newest.expected));
        }
    }
    std::string sagas;
    for (const auto& [name, saga] : content.sagas) {
        if (saga.first == service) sagas += "<li>" + link("../", saga_page(name), name) + "</li>\n";
    }
    std::string owned;
    for (const std::string& domain : domains) owned += (owned.empty() ? "" : ", ") + domain;
    const std::string body = fmt::format(
        "<p class=\"lead\">{}</p>\n<p>As AsyncAPI 3.0: <a "
        "href=\"../asyncapi/{}.json\">{}.json</a></p>\n<h2>Publishes</h2>\n{}<h2>Consumes</"
        "h2>\n{}{}",
        owned.empty() ? "It owns no domain, and publishes nothing."
                      : "It owns the domain " + html(owned) +
                            (domains.size() > 1 ? ", each of them alone." : "."),
        html(service), html(service),
        published.empty() ? "<p>Nothing.</p>\n" : table("Consumed by", published),
        consumed.empty() ? "<p>Nothing.</p>\n" : table("What it does then", consumed),
        sagas.empty() ? "" : "<h2>Sagas</h2>\n<ul>\n" + sagas + "</ul>\n");
    return content.page("../", service_page(service), "Service", service, body);
}

std::string saga_page_text(const SiteContent& content, const std::string& name) {
    const auto& [service, saga] = content.sagas.at(name);
    std::string rows;
    for (const SagaOutline::Step& step : saga->steps) {
        rows += fmt::format(
            "<tr><td>{}</td><td class=\"name\">{}</td><td>{}</td><td "
            "class=\"name\">{}</td><td class=\"name\">{}</td></tr>\n",
            html(step.name), html(step.answer.type), duration_text(step.deadline),
            step.states.is_none() ? "-" : html(step.states.type),
            step.undo.is_none() ? "-" : html(step.undo.type));
    }
    const std::string body = fmt::format(
        "<p class=\"lead\">A business transaction over several services, run by {}. After a "
        "failure, what was done is undone in reverse order.</p>\n{}<h2>Steps</h2>\n"
        "<div class=\"scroll\"><table><thead><tr><th>Step</th><th>Waits for</th><th>At most</th>"
        "<th>Then says</th><th>Undone by saying</th></tr></thead>\n<tbody>\n{}</tbody></table>"
        "</div>\n",
        link("../", service_page(service), service), drawn(saga_picture(*saga, content.set)), rows);
    return content.page("../", saga_page(name), "Saga", name, body);
}

}  // namespace tidings::contract
