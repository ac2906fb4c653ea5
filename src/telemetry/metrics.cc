#include <tidings/base/assert.h>
#include <tidings/base/text.h>
#include <tidings/telemetry/metrics.h>

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <set>

namespace tidings {
namespace {

using SeriesLabels = std::map<std::string, std::string>;

enum class Kind { counter, gauge, histogram, watch };

bool is_name(std::string_view name) {
    const auto is_part = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    };
    return !name.empty() && name[0] >= 'a' && name[0] <= 'z' &&
           std::all_of(name.begin(), name.end(), is_part);
}

/// A label value as it may be shown: cut between characters, nothing in it that a scraper refuses.
std::string clean(std::string_view value) {
    std::string out;
    while (!value.empty()) {
        const std::size_t bytes = utf8_character_bytes(value);
        const std::string_view character = value.substr(0, bytes == 0 ? 1 : bytes);
        const bool good = bytes > 0 && is_harmless(utf8_code_point(character));
        const std::string_view shown = good ? character : "?";
        if (out.size() + shown.size() > Metrics::label_bytes_max) break;
        out += shown;
        value.remove_prefix(character.size());
    }
    return out;
}

SeriesLabels clean(const Labels& labels) {
    SeriesLabels out;
    for (const auto& [name, value] : labels) {
        const bool named_well = is_name(name) && name != "le";
        TIDINGS_ASSERT(named_well);
        const bool first_of_its_name = out.emplace(name, clean(value)).second;
        TIDINGS_ASSERT(first_of_its_name);
    }
    return out;
}

}  // namespace

void Counter::inc(double by) noexcept { series_->Increment(by); }
double Counter::value() const noexcept { return series_->Value(); }
void Gauge::set(double value) noexcept { series_->Set(value); }
void Gauge::add(double by) noexcept { series_->Increment(by); }
double Gauge::value() const noexcept { return series_->Value(); }
void Histogram::observe(double value) noexcept { series_->Observe(value); }
void Histogram::observe(Duration time) noexcept {
    series_->Observe(std::chrono::duration<double>(time).count());
}

struct GaugeWatch::Entry {
    std::mutex mutex;
    std::function<double()> read;  ///< Empty once the watch is over. Guarded by `mutex`.
    SeriesLabels labels;
};

GaugeWatch::GaugeWatch(GaugeWatch&& other) noexcept = default;

GaugeWatch& GaugeWatch::operator=(GaugeWatch&& other) noexcept {
    std::swap(entry_, other.entry_);
    return *this;
}

GaugeWatch::~GaugeWatch() {
    if (!entry_) return;
    const std::lock_guard lock{entry_->mutex};
    entry_->read = nullptr;
}

struct Metrics::Impl {
    /// Returns the value of a watch that is not over yet.
    static std::optional<prometheus::ClientMetric> read(GaugeWatch::Entry& entry) {
        const std::lock_guard lock{entry.mutex};
        if (!entry.read) return std::nullopt;
        prometheus::ClientMetric metric;
        metric.gauge.value = entry.read();
        for (const auto& [name, value] : entry.labels) metric.label.push_back({name, value});
        return metric;
    }

    struct Family {
        Kind kind{};
        std::string help;
        std::map<SeriesLabels, Counter> counters;
        std::map<SeriesLabels, Gauge> gauges;
        std::map<SeriesLabels, Histogram> histograms;
        std::vector<std::weak_ptr<GaugeWatch::Entry>> watches;
        std::vector<double> bounds;
    };

    mutable std::mutex mutex;
    prometheus::Registry registry;
    std::map<std::string, Family, std::less<>> families;

    Family& family(std::string_view name, std::string_view help, Kind kind) {
        TIDINGS_ASSERT(is_name(name));
        TIDINGS_ASSERT(!help.empty());
        TIDINGS_ASSERT(name.ends_with("_total") == (kind == Kind::counter));
        auto found = families.find(name);
        if (found == families.end()) {
            found = families.try_emplace(std::string{name}).first;
            found->second.kind = kind;
            found->second.help = help;
        }
        TIDINGS_ASSERT(found->second.kind == kind);
        return found->second;
    }

    /// Finds the series of `labels` or makes it with `make`, within the bound of series.
    template <class Handle, class Make>
    static Handle& series(std::map<SeriesLabels, Handle>& known, SeriesLabels labels, Make make) {
        auto found = known.find(labels);
        if (found == known.end() && known.size() >= series_max) {
            for (auto& label : labels) label.second = "other";
            found = known.find(labels);
        }
        if (found == known.end()) found = known.emplace(labels, make(labels)).first;
        return found->second;
    }
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

Counter& Metrics::counter(std::string_view name, std::string_view help, const Labels& labels) {
    const std::lock_guard lock{impl_->mutex};
    auto& family = impl_->family(name, help, Kind::counter);
    return Impl::series(family.counters, clean(labels), [&](const SeriesLabels& series) {
        auto builder = prometheus::BuildCounter();
        builder.Name(std::string{name}).Help(family.help);
        return Counter{builder.Register(impl_->registry).Add(series)};
    });
}

Gauge& Metrics::gauge(std::string_view name, std::string_view help, const Labels& labels) {
    const std::lock_guard lock{impl_->mutex};
    auto& family = impl_->family(name, help, Kind::gauge);
    return Impl::series(family.gauges, clean(labels), [&](const SeriesLabels& series) {
        auto builder = prometheus::BuildGauge();
        builder.Name(std::string{name}).Help(family.help);
        return Gauge{builder.Register(impl_->registry).Add(series)};
    });
}

Histogram& Metrics::histogram(std::string_view name, std::string_view help, const Labels& labels,
                              const std::vector<double>& bounds) {
    const std::lock_guard lock{impl_->mutex};
    auto& family = impl_->family(name, help, Kind::histogram);
    if (family.bounds.empty()) {
        TIDINGS_ASSERT(!bounds.empty() && std::is_sorted(bounds.begin(), bounds.end()));
        family.bounds = bounds;
    }
    return Impl::series(family.histograms, clean(labels), [&](const SeriesLabels& series) {
        auto builder = prometheus::BuildHistogram();
        builder.Name(std::string{name}).Help(family.help);
        return Histogram{builder.Register(impl_->registry).Add(series, family.bounds)};
    });
}

GaugeWatch Metrics::watch(std::string_view name, std::string_view help, const Labels& labels,
                          std::function<double()> read) {
    TIDINGS_ASSERT(read != nullptr);
    auto entry = std::make_shared<GaugeWatch::Entry>();
    entry->read = std::move(read);
    entry->labels = clean(labels);
    const std::lock_guard lock{impl_->mutex};
    auto& watches = impl_->family(name, help, Kind::watch).watches;
    std::erase_if(watches, [](const auto& old) { return old.expired(); });
    if (watches.size() < series_max) watches.push_back(entry);
    return GaugeWatch{std::move(entry)};
}

std::string Metrics::to_text() const {
    std::vector<prometheus::MetricFamily> families;
    // Values are read without the lock: a watch may wait for something that is making a handle.
    std::vector<std::pair<std::size_t, std::shared_ptr<GaugeWatch::Entry>>> watches;
    {
        const std::lock_guard lock{impl_->mutex};
        families = impl_->registry.Collect();
        for (const auto& [name, family] : impl_->families) {
            if (family.kind != Kind::watch) continue;
            prometheus::MetricFamily gauge;
            gauge.name = name;
            gauge.help = family.help;
            gauge.type = prometheus::MetricType::Gauge;
            for (const auto& weak : family.watches) {
                if (auto entry = weak.lock()) watches.emplace_back(families.size(), entry);
            }
            families.push_back(std::move(gauge));
        }
    }
    std::set<std::pair<std::size_t, SeriesLabels>> shown;
    for (auto watch = watches.rbegin(); watch != watches.rend(); ++watch) {
        // The newest watch of a series holds: a service that was made anew has taken over.
        if (!shown.emplace(watch->first, watch->second->labels).second) continue;
        if (auto metric = Impl::read(*watch->second))
            families[watch->first].metric.push_back(*metric);
    }
    std::erase_if(families, [](const auto& family) { return family.metric.empty(); });
    return prometheus::TextSerializer{}.Serialize(families);
}

const std::vector<double>& Metrics::latency_bounds() {
    static const std::vector<double> bounds{50e-6, 100e-6, 250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3,
                                            10e-3, 25e-3,  50e-3,  100e-3, 0.25, 0.5,    1,
                                            2.5,   5,      10,     30,     60};
    return bounds;
}

}  // namespace tidings
