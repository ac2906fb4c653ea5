#include <tidings/base/text.h>
#include <tidings/store/sqlite.h>

#include "testing/diagram.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

namespace tidings::sim {
namespace {

constexpr int row_height = 22;
constexpr int column_width = 190;
constexpr int left = 170;
constexpr int head_height = 44;
constexpr int label_width = 520;

constexpr std::string_view style = R"(
body { font: 14px/1.5 system-ui, sans-serif; margin: 2em; color: #1b1f24; background: #fff; }
pre { background: #f4f5f7; padding: 1em; overflow-x: auto; }
h1 { font-size: 1.3em; } h2 { font-size: 1.05em; margin-top: 1.6em; }
.broken { color: #b3261e; }
svg { font: 12px ui-monospace, monospace; background: #fff; }
.name { font-weight: 700; } .time { fill: #6b7280; } .life { stroke: #c4c9d1; }
.call { stroke: #1d4ed8; } .event { stroke: #047857; } .effect { stroke: #9333ea; }
.reply { stroke: #6b7280; stroke-dasharray: 4 3; }
.fault { fill: #b3261e; font-weight: 700; } .violation { fill: #b3261e; font-weight: 700; }
)";

std::string_view class_of(Happening::Kind kind) {
    switch (kind) {
        case Happening::Kind::call:
            return "call";
        case Happening::Kind::reply:
            return "reply";
        case Happening::Kind::event:
            return "event";
        case Happening::Kind::effect:
            return "effect";
        case Happening::Kind::fault:
            return "fault";
        case Happening::Kind::violation:
            return "violation";
        case Happening::Kind::note:
            break;
    }
    return "note";
}

class Picture {
public:
    explicit Picture(const std::vector<Happening>& happenings)
        : happenings_(happenings), names_(participants_of(happenings)) {}

    std::string draw() const {
        const int right = left + static_cast<int>(names_.size()) * column_width;
        const int bottom = head_height + static_cast<int>(happenings_.size() + 1) * row_height;
        std::string svg = fmt::format(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" role=\"img\">\n"
            "<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" "
            "markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\">"
            "<path d=\"M0 0 L8 4 L0 8 z\"/></marker></defs>\n",
            right + label_width, bottom);
        for (std::size_t i = 0; i < names_.size(); ++i) {
            const int x = place(i);
            svg += fmt::format(
                "<text class=\"name\" x=\"{0}\" y=\"20\" text-anchor=\"middle\">{1}</text>"
                "<line class=\"life\" x1=\"{0}\" y1=\"28\" x2=\"{0}\" y2=\"{2}\"/>\n",
                x, html(names_[i]), bottom);
        }
        for (std::size_t i = 0; i < happenings_.size(); ++i) {
            draw_row(svg, happenings_[i], head_height + static_cast<int>(i) * row_height, right);
        }
        return svg + "</svg>\n";
    }

private:
    static int place(std::size_t column) {
        return left + static_cast<int>(column) * column_width + column_width / 2;
    }
    int find(const std::string& name) const {
        const auto found = std::find(names_.begin(), names_.end(), name);
        return found == names_.end() ? 0 : place(static_cast<std::size_t>(found - names_.begin()));
    }

    void draw_row(std::string& svg, const Happening& happening, int y, int right) const {
        const std::string_view kind = class_of(happening.kind);
        const int from = find(happening.from);
        const int to = find(happening.to);
        svg += fmt::format("<text class=\"time\" x=\"8\" y=\"{}\">{}</text>", y + 4,
                           moment(happening.at));
        if (from != 0 && to != 0 && from != to) {
            svg += fmt::format(
                "<line class=\"{}\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" "
                "marker-end=\"url(#tip)\"/>",
                kind, from, y, to, y);
        } else if (from != 0) {
            svg += fmt::format("<circle class=\"{}\" cx=\"{}\" cy=\"{}\" r=\"4\"/>", kind, from, y);
        } else if (happening.kind == Happening::Kind::fault) {
            svg +=
                fmt::format("<rect class=\"fault\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"2\"/>",
                            left, y - 1, right - left);
        }
        svg += fmt::format("<text class=\"{}\" x=\"{}\" y=\"{}\">{}</text>\n",
                           happening.to.empty() ? kind : "label", right + 8, y + 4,
                           html(happening.text));
    }

    const std::vector<Happening>& happenings_;
    const std::vector<std::string> names_;
};

}  // namespace

std::string draw_html(const Verdict& verdict, const std::vector<Happening>& happenings) {
    return fmt::format(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
        "<title>seed {0}: {1}</title><style>{2}</style></head><body>\n"
        "<h1>Seed {0}: <span class=\"broken\">{1}</span></h1>\n<p>{3}</p>\n"
        "<p>SQLite {4}. What is left of {5} faults and {6} calls, after {7} runs; put it into a "
        "file and run that with <code>--schedule</code>:</p>\n<pre>{8}</pre>\n"
        "<h2>What happened</h2>\n{9}</body></html>\n",
        verdict.seed, html(verdict.invariant), style, html(verdict.violation), sqlite_version(),
        verdict.incidents_before, verdict.calls_before, verdict.runs,
        html(verdict.schedule.to_text()), Picture{happenings}.draw());
}

}  // namespace tidings::sim
