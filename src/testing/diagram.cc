#include "testing/diagram.h"

#include <fmt/format.h>

#include <algorithm>

namespace tidings::sim {
namespace {

constexpr std::size_t lines_max = 120;
constexpr std::size_t time_columns = 19;

/// Where each participant's line stands.
class Columns {
public:
    explicit Columns(std::vector<std::string> names) : names_(std::move(names)) {
        for (const std::string& name : names_) {
            centres_.push_back(time_columns + width_ + name.size() / 2);
            width_ += name.size() + 3;
        }
    }

    std::string head() const {
        std::string line(time_columns, ' ');
        for (const std::string& name : names_) line += name + "   ";
        return line;
    }
    /// Returns a line of the diagram with nothing happening.
    std::string bars(Duration at) const {
        std::string line = moment(at);
        line.resize(time_columns + width_, ' ');
        for (const std::size_t centre : centres_) line[centre] = '|';
        return line;
    }
    /// Returns where the line of `name` stands, if there is one.
    const std::size_t* find(const std::string& name) const {
        const auto found = std::find(names_.begin(), names_.end(), name);
        if (found == names_.end()) return nullptr;
        return &centres_[static_cast<std::size_t>(found - names_.begin())];
    }
    void mark_all(std::string& line, char mark) const {
        for (const std::size_t centre : centres_) line[centre] = mark;
    }

private:
    std::vector<std::string> names_;
    std::vector<std::size_t> centres_;
    std::size_t width_ = 0;
};

void draw_arrow(std::string& line, std::size_t from, std::size_t to, char shaft) {
    if (from == to) {
        line[from] = '*';  // To itself.
        return;
    }
    for (std::size_t i = std::min(from, to) + 1; i < std::max(from, to); ++i) line[i] = shaft;
    if (from < to) {
        line[to - 1] = '>';
    } else {
        line[to + 1] = '<';
    }
}

std::string draw_line(const Columns& columns, const Happening& happening) {
    using Kind = Happening::Kind;
    if (happening.kind == Kind::violation) {
        return moment(happening.at) + "  !! " + happening.text;
    }
    std::string line = columns.bars(happening.at);
    const std::size_t* from = columns.find(happening.from);
    const std::size_t* to = columns.find(happening.to);
    if (from != nullptr && to != nullptr) {
        draw_arrow(line, *from, *to, happening.kind == Kind::reply ? '.' : '-');
    } else if (happening.kind == Kind::fault) {
        if (from != nullptr) {
            line[*from] = 'X';
        } else {
            columns.mark_all(line, 'X');
        }
    } else if (from != nullptr) {
        line[*from] = 'o';
    }
    return line + "  " + happening.text;
}

}  // namespace

std::vector<std::string> participants_of(const std::vector<Happening>& happenings) {
    std::vector<std::string> names;
    for (const Happening& happening : happenings) {
        for (const std::string* name : {&happening.from, &happening.to}) {
            if (name->empty() || std::find(names.begin(), names.end(), *name) != names.end()) {
                continue;
            }
            names.insert(*name == "client" ? names.begin() : names.end(), *name);
        }
    }
    return names;
}

std::vector<Happening> fold(const std::vector<Happening>& happenings) {
    std::vector<Happening> folded;
    std::size_t more = 0;
    const auto finish = [&] {
        if (more > 0) folded.back().text += fmt::format(" and {} more", more);
        more = 0;
    };
    for (const Happening& happening : happenings) {
        const bool is_passing =
            happening.kind == Happening::Kind::event || happening.kind == Happening::Kind::note;
        if (!folded.empty() && is_passing && !happening.from.empty() &&
            folded.back().kind == happening.kind && folded.back().from == happening.from &&
            folded.back().to == happening.to) {
            ++more;
            continue;
        }
        if (!folded.empty()) finish();
        folded.push_back(happening);
    }
    if (!folded.empty()) finish();
    return folded;
}

std::string draw_text(const std::vector<Happening>& happenings) {
    const std::size_t first = happenings.size() > lines_max ? happenings.size() - lines_max : 0;
    const std::vector<Happening> shown{happenings.begin() + static_cast<std::ptrdiff_t>(first),
                                       happenings.end()};
    const Columns columns{participants_of(shown)};
    std::string text = columns.head() + '\n';
    if (first > 0) text += fmt::format("({} lines before are in the page)\n", first);
    for (const Happening& happening : shown) text += draw_line(columns, happening) + '\n';
    return text;
}

}  // namespace tidings::sim
