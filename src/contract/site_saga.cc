#include <tidings/base/text.h>

#include "contract/site_pictures.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace tidings::contract {

namespace {

constexpr int left_x = 40;
constexpr int step_width = 330;
constexpr int right_x = 560;
constexpr int undo_width = 350;
constexpr int step_height = 96;
constexpr int step_gap = 58;
constexpr int end_height = 56;
constexpr int top = 40;

std::string text_at(int x, int y, std::string_view kind, std::string_view text,
                    std::string_view anchor = "start") {
    return fmt::format("<text class=\"{}\" x=\"{}\" y=\"{}\" text-anchor=\"{}\">{}</text>\n", kind,
                       x, y, anchor, html(text));
}

std::string line(std::string_view kind, int x1, int y1, int x2, int y2) {
    return fmt::format("<path class=\"arrow {}\" d=\"M{} {} L{} {}\" marker-end=\"url(#tip)\"/>\n",
                       kind, x1, y1, x2, y2);
}

std::string_view domain_of(const OutlinedEvent& event) {
    return std::string_view{event.type}.substr(0, event.type.find('.'));
}

/// Draws one saga: steps downwards on the left, compensation upwards on the right.
class Drawing {
public:
    Drawing(const SagaOutline& saga, const ContractSet& set) : saga_(saga), set_(set) {}

    std::string svg() {
        end_box(left_x, top, step_width, "begins with", saga_.start, "start");
        for (std::size_t i = 0; i < saga_.steps.size(); ++i) draw_step(i);
        const int end_y = step_y(saga_.steps.size());
        body_ += line("", middle(), end_y - step_gap, middle(), end_y - 4);
        body_ += fmt::format(
            "<rect class=\"end\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"36\" "
            "rx=\"18\"/>",
            left_x, end_y, step_width);
        body_ += text_at(middle(), end_y + 23, "head", "completed", "middle");
        draw_failures();
        return picture("How " + saga_.name + " goes", right_x + undo_width + 40, end_y + 76, body_);
    }

private:
    static int middle() { return left_x + step_width / 2; }
    static int step_y(std::size_t i) {
        return top + end_height + step_gap + static_cast<int>(i) * (step_height + step_gap);
    }

    /// An event's name, with the page it leads to if it has one.
    std::string event_at(int x, int y, const OutlinedEvent& event, std::string_view before,
                         std::string_view anchor = "start") const {
        const bool is_known = set_.find(event.type, event.major) != nullptr;
        const std::string name = fmt::format("<tspan class=\"event\">{}</tspan>", html(event.type));
        return fmt::format(
            "<text class=\"row\" x=\"{}\" y=\"{}\" text-anchor=\"{}\">{}{}</text>\n", x, y, anchor,
            html(before),
            is_known ? fmt::format("<a href=\"../{}\">{}</a>", html(event_page(event.type)), name)
                     : name);
    }

    void end_box(int x, int y, int width, std::string_view says, const OutlinedEvent& event,
                 std::string_view kind) {
        body_ += fmt::format(
            "<rect class=\"{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" "
            "rx=\"{}\"/>",
            kind, x, y, width, end_height, end_height / 2);
        body_ += text_at(x + width / 2, y + 23, "small", says, "middle");
        body_ += event_at(x + width / 2, y + 42, event, "", "middle");
    }

    void draw_step(std::size_t i) {
        const SagaOutline::Step& step = saga_.steps[i];
        const int y = step_y(i);
        body_ += line("", middle(), y - step_gap, middle(), y - 4);
        body_ += fmt::format(
            "<g class=\"box\"><rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" "
            "rx=\"8\"/>",
            left_x, y, step_width, step_height);
        body_ += text_at(left_x + 16, y + 26, "head", fmt::format("{}. {}", i + 1, step.name));
        body_ +=
            text_at(left_x + step_width - 16, y + 26, "small", duration_text(step.deadline), "end");
        body_ += event_at(left_x + 16, y + 52, step.answer, "waits for ");
        if (step.states.is_none()) {
            body_ += text_at(left_x + 16, y + 76, "small", "takes note of it");
        } else {
            body_ += event_at(left_x + 16, y + 76, step.states, "then says ");
        }
        body_ += "</g>\n";
        if (!step.undo.is_none()) draw_undo(i);
        draw_failing(i);
    }

    void draw_undo(std::size_t i) {
        const SagaOutline::Step& step = saga_.steps[i];
        const int y = step_y(i);
        body_ += fmt::format(
            "<g class=\"box undo\"><rect x=\"{}\" y=\"{}\" width=\"{}\" "
            "height=\"{}\" rx=\"8\"/>",
            right_x, y, undo_width, step_height);
        body_ += text_at(right_x + 16, y + 26, "head", "undo " + step.name);
        body_ += text_at(right_x + undo_width - 16, y + 26, "small",
                         duration_text(step.undo_deadline), "end");
        body_ += event_at(right_x + 16, y + 52, step.undo, "says ");
        int line_y = y + 76;
        std::string names;
        for (const OutlinedEvent& event : step.undone_by) {
            if (!names.empty()) names += " or ";
            names += event.type;
        }
        body_ += text_at(right_x + 16, line_y, "small", "waits for " + names);
        body_ += "</g>\n";
        // Upwards to what is undone next, or to the end.
        body_ +=
            line("back", right_x + undo_width / 2, y, right_x + undo_width / 2, target_of(i) + 4);
    }

    /// Where compensation goes on above step `i`: the bottom of the nearest undo, or of the end.
    int target_of(std::size_t i) const {
        for (std::size_t above = i; above-- > 0;) {
            if (!saga_.steps[above].undo.is_none()) return step_y(above) + step_height;
        }
        return top + end_height;
    }

    /// What gives the saga up while this step waits, and where it goes then.
    void draw_failing(std::size_t i) {
        const SagaOutline::Step& step = saga_.steps[i];
        std::vector<std::string> causes;
        for (const SagaOutline::Failure& failure : saga_.failures) {
            if (domain_of(failure.on) == domain_of(step.answer)) causes.push_back(failure.on.type);
        }
        if (step.deadline > Duration{0}) causes.push_back(duration_text(step.deadline) + " passed");
        if (causes.empty()) return;
        const int from_x = left_x + step_width;
        const int from_y = step_y(i) + 20;
        const int to_y = target_of(i) - 14;
        const int bend = from_x + 96;
        body_ += fmt::format(
            "<path class=\"arrow back\" d=\"M{} {} C{} {} {} {} {} {}\" "
            "marker-end=\"url(#tip)\"/>\n",
            from_x, from_y, bend, from_y, bend, to_y, right_x - 4, to_y);
        int y = from_y + 18;
        for (const std::string& cause : causes) {
            body_ += text_at(from_x + 10, y, "cause", cause);
            y += 16;
        }
    }

    void draw_failures() {
        std::set<std::string> ends;
        bool can_be_cancelled = false;
        for (const SagaOutline::Failure& failure : saga_.failures) {
            ends.insert(failure.ends.type);
            can_be_cancelled =
                can_be_cancelled || failure.on.type == "tidings.cancellation_requested";
        }
        if (ends.empty()) return;
        const OutlinedEvent first = saga_.failures.front().ends;
        end_box(right_x, top, undo_width,
                ends.size() == 1 ? "ends with" : "ends with one of its failures, such as", first,
                "end failed");
        if (can_be_cancelled) {
            body_ += text_at(right_x, step_y(saga_.steps.size()) + 23, "small",
                             "It can be cancelled while any step waits.");
        }
    }

    const SagaOutline& saga_;
    const ContractSet& set_;
    std::string body_;
};

}  // namespace

std::string saga_picture(const SagaOutline& saga, const ContractSet& set) {
    return Drawing{saga, set}.svg();
}

}  // namespace tidings::contract
