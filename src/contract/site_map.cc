#include <tidings/base/text.h>

#include "contract/site_pictures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace tidings::contract {

namespace {

constexpr int box_width = 250;
constexpr int column_gap = 190;
constexpr int row_height = 24;
constexpr int head_height = 38;
constexpr int box_gap = 36;
constexpr int margin = 24;
constexpr std::size_t search_nodes_max = 14;  ///< Beyond that, sides are chosen one by one.

/// A service, the events it publishes as rows below its name.
struct Box {
    std::string service;
    std::vector<std::string> events;
    int column = 0;
    int x = 0;
    int y = 0;

    int height() const {
        const int rows = static_cast<int>(events.size());
        return head_height + rows * row_height + (rows > 0 ? 8 : 0);
    }
    int row_y(std::size_t row) const {
        return y + head_height + static_cast<int>(row) * row_height + row_height / 2;
    }
};

/// An event on its way to one consumer.
struct Arrow {
    std::size_t from;
    std::size_t row;
    std::size_t to;
};

/// Places services: the one that has to do with most others in the middle, the others at its sides
/// such that few arrows go from side to side.
class Map {
public:
    explicit Map(const ContractSet& set) {
        std::map<std::string, std::size_t> known;
        const auto box_of = [&](const std::string& service) {
            const auto [at, is_new] = known.try_emplace(service, boxes_.size());
            if (is_new) boxes_.push_back({service, {}});
            return at->second;
        };
        std::map<std::string, std::set<std::string>> consumers;
        for (const Contract& contract : set.contracts) {
            Box& box = boxes_[box_of(contract.owner)];
            if (box.events.empty() || box.events.back() != contract.event) {
                box.events.push_back(contract.event);
            }
            consumers[contract.event].insert(contract.consumers.begin(), contract.consumers.end());
        }
        for (const auto& [event, names] : consumers) {
            for (const std::string& name : names) box_of(name);
        }
        for (std::size_t i = 0; i < boxes_.size(); ++i) {
            for (std::size_t row = 0; row < boxes_[i].events.size(); ++row) {
                for (const std::string& name : consumers[boxes_[i].events[row]]) {
                    arrows_.push_back({i, row, known[name]});
                }
            }
        }
        place();
    }

    std::string svg() const {
        std::string body;
        for (std::size_t i = 0; i < arrows_.size(); ++i) body += arrow_svg(arrows_[i]);
        for (std::size_t i = 0; i < boxes_.size(); ++i) body += box_svg(i);
        return picture("Services and the events between them", width_, height_, body);
    }

private:
    void place() {
        if (boxes_.empty()) return;
        const std::size_t hub = find_hub();
        choose_sides(hub);
        boxes_[hub].column = 1;
        for (int column = 0; column < 3; ++column) sort_column(column);
        int tallest = 0;
        for (int column = 0; column < 3; ++column) tallest = std::max(tallest, height_of(column));
        for (int column = 0; column < 3; ++column) {
            int y = margin + (tallest - height_of(column)) / 2;
            for (const std::size_t i : columns_[column]) {
                // A wide side margin has room for arrows that stay on their side.
                boxes_[i].x = margin + 60 + column * (box_width + column_gap);
                boxes_[i].y = y;
                y += boxes_[i].height() + box_gap;
            }
        }
        width_ = 2 * (margin + 60) + 3 * box_width + 2 * column_gap;
        height_ = tallest + 2 * margin;
    }

    std::size_t find_hub() const {
        std::vector<std::size_t> arrows(boxes_.size());
        for (const Arrow& arrow : arrows_) {
            ++arrows[arrow.from];
            ++arrows[arrow.to];
        }
        const auto most = std::max_element(arrows.begin(), arrows.end());
        return static_cast<std::size_t>(most - arrows.begin());
    }

    /// Whether a choice of sides, a bit for each box, puts one to the left; beyond its bits, none.
    static bool is_left(std::size_t left, std::size_t box) {
        return box < 64 && ((left >> box) & 1) != 0;
    }

    /// What a choice of sides costs: arrows across the middle, and one side longer than the other.
    int cost(std::size_t hub, std::size_t left) const {
        int crossing = 0;
        int heights[2] = {0, 0};
        for (const Arrow& arrow : arrows_) {
            if (arrow.from == hub || arrow.to == hub) continue;
            if (is_left(left, arrow.from) != is_left(left, arrow.to)) ++crossing;
        }
        for (std::size_t i = 0; i < boxes_.size(); ++i) {
            if (i != hub) heights[is_left(left, i) ? 1 : 0] += boxes_[i].height() + box_gap;
        }
        return 80 * crossing + std::abs(heights[0] - heights[1]);
    }

    void choose_sides(std::size_t hub) {
        std::size_t best = 0;
        if (boxes_.size() <= search_nodes_max) {
            for (std::size_t left = 1; left < std::size_t{1} << boxes_.size(); ++left) {
                if (cost(hub, left) < cost(hub, best)) best = left;
            }
        } else {
            for (std::size_t i = 0; i < std::min<std::size_t>(boxes_.size(), 60); ++i) {
                const std::size_t other = best | (std::size_t{1} << i);
                if (cost(hub, other) < cost(hub, best)) best = other;
            }
        }
        for (std::size_t i = 0; i < boxes_.size(); ++i) {
            boxes_[i].column = is_left(best, i) ? 0 : 2;
        }
    }

    /// Orders a side by where in the middle its arrows begin and end.
    void sort_column(int column) {
        std::vector<std::pair<double, std::size_t>> order;
        for (std::size_t i = 0; i < boxes_.size(); ++i) {
            if (boxes_[i].column != column) continue;
            double sum = 0;
            double count = 0;
            for (const Arrow& arrow : arrows_) {
                if (arrow.to == i && boxes_[arrow.from].column == 1) {
                    sum += static_cast<double>(arrow.row);
                    ++count;
                }
            }
            order.emplace_back(count > 0 ? sum / count : 1e6, i);
        }
        std::stable_sort(order.begin(), order.end());
        for (const auto& [at, i] : order) columns_[column].push_back(i);
    }

    int height_of(int column) const {
        int height = 0;
        for (const std::size_t i : columns_[column]) height += boxes_[i].height() + box_gap;
        return std::max(0, height - box_gap);
    }

    std::string box_svg(std::size_t i) const {
        const Box& box = boxes_[i];
        std::string out = fmt::format(
            "<g class=\"box\" data-service=\"{0}\"><rect x=\"{1}\" y=\"{2}\" width=\"{3}\" "
            "height=\"{4}\" rx=\"8\"/><a href=\"{5}\"><text class=\"head\" x=\"{6}\" "
            "y=\"{7}\">{0}</text></a>",
            html(box.service), box.x, box.y, box_width, box.height(),
            html(service_page(box.service)), box.x + 14, box.y + 25);
        for (std::size_t row = 0; row < box.events.size(); ++row) {
            out += fmt::format(
                "<a href=\"{}\"><text class=\"row\" data-event=\"{}\" x=\"{}\" "
                "y=\"{}\">{}</text></a>",
                html(event_page(box.events[row])), html(box.events[row]), box.x + 14,
                box.row_y(row) + 4, html(box.events[row]));
        }
        return out + "</g>\n";
    }

    std::string arrow_svg(const Arrow& arrow) const {
        const Box& from = boxes_[arrow.from];
        const Box& to = boxes_[arrow.to];
        const int y1 = from.row_y(arrow.row);
        // Ends are spread along the head, so that they can be told apart.
        const int y2 = to.y + 9 + static_cast<int>((arrow.from * 7 + arrow.row * 5) % 21);
        const bool leaves_right = from.column < to.column || (from.column == 2 && to.column == 2);
        const bool enters_right = from.column > to.column || (from.column == 2 && to.column == 2);
        const int x1 = leaves_right ? from.x + box_width : from.x;
        const int x2 = enters_right ? to.x + box_width : to.x;
        const int bend = from.column == to.column ? 70 : 80;
        return fmt::format(
            "<path class=\"arrow\" data-event=\"{}\" data-from=\"{}\" data-to=\"{}\" "
            "d=\"M{} {} C{} {} {} {} {} {}\" marker-end=\"url(#tip)\"><title>{}: {} to "
            "{}</title></path>\n",
            html(from.events[arrow.row]), html(from.service), html(to.service), x1, y1,
            leaves_right ? x1 + bend : x1 - bend, y1, enters_right ? x2 + bend : x2 - bend, y2, x2,
            y2, html(from.events[arrow.row]), html(from.service), html(to.service));
    }

    std::vector<Box> boxes_;
    std::vector<Arrow> arrows_;
    std::vector<std::size_t> columns_[3];
    int width_ = 100;
    int height_ = 100;
};

}  // namespace

std::string map_picture(const ContractSet& set) { return Map{set}.svg(); }

std::string picture(std::string_view title, int width, int height, const std::string& body) {
    return fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"picture\" role=\"img\" "
        "aria-label=\"{0}\" viewBox=\"0 0 {1} {2}\" width=\"{1}\" height=\"{2}\">\n"
        "<title>{0}</title>\n<style>{3}</style>\n<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" "
        "refX=\"7\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\" "
        "markerUnits=\"userSpaceOnUse\"><path class=\"tip\" d=\"M0 0 L8 4 L0 8 Z\"/></marker>"
        "</defs>\n{4}</svg>\n",
        html(title), width, height, picture_style, body);
}

}  // namespace tidings::contract
