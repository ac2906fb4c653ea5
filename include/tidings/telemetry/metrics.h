#pragma once

#include <tidings/base/time.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
}  // namespace prometheus

namespace tidings {

/// Names and values that tell the series of one metric apart: `{{"service", "order-service"}}`.
/// Only what has few values: service, type, consumer, outcome; never an id.
using Labels = std::vector<std::pair<std::string, std::string>>;

/// A number that only grows. Made by `Metrics::counter()`.
///
/// Threads   Any thread may call any member; `inc()` is one atomic addition.
class Counter {
public:
    /// Adds `by`, which is not negative.
    void inc(double by = 1) noexcept;
    double value() const noexcept;

private:
    friend class Metrics;
    explicit Counter(prometheus::Counter& series) : series_(&series) {}
    prometheus::Counter* series_;
};

/// A number that goes up and down. Made by `Metrics::gauge()`.
///
/// Threads   Any thread may call any member.
class Gauge {
public:
    void set(double value) noexcept;
    /// Adds `by`, which may be negative.
    void add(double by) noexcept;
    double value() const noexcept;

private:
    friend class Metrics;
    explicit Gauge(prometheus::Gauge& series) : series_(&series) {}
    prometheus::Gauge* series_;
};

/// How often values fell below each of some bounds, and their sum. Made by `Metrics::histogram()`.
///
/// Threads   Any thread may call any member; an observation takes a short lock.
class Histogram {
public:
    void observe(double value) noexcept;
    /// Observes seconds, the unit of every time that is measured.
    void observe(Duration time) noexcept;

private:
    friend class Metrics;
    explicit Histogram(prometheus::Histogram& series) : series_(&series) {}
    prometheus::Histogram* series_;
};

/// Keeps a gauge that is asked for at every scrape, until it is destroyed. See `Metrics::watch()`.
///
/// Lifetime  The destructor waits for a scrape that is under way; after it the function is not
///           called any more. It may outlive its Metrics.
class [[nodiscard]] GaugeWatch {
public:
    GaugeWatch() = default;
    GaugeWatch(GaugeWatch&& other) noexcept;
    GaugeWatch& operator=(GaugeWatch&& other) noexcept;
    ~GaugeWatch();

private:
    friend class Metrics;
    struct Entry;
    explicit GaugeWatch(std::shared_ptr<Entry> entry) : entry_(std::move(entry)) {}
    std::shared_ptr<Entry> entry_;
};

/// The metrics of one process, in Prometheus' words.
///
/// Whoever counts asks for its series once, when it is made, and keeps the handle:
///
///     Counter& published = metrics.counter("tidings_events_published_total",
///                                          "Events that the broker has made durable.",
///                                          {{"service", "order-service"}});
///     published.inc();
///
/// The same name and labels give the same handle. Names are of the form `tidings_what_unit`, in
/// base units (seconds, bytes, ratio); a counter's name ends in `_total`; all have a help text.
/// What breaks this, or asks for a name again as another kind, is a bug and ends the process.
///
/// Limits    `series_max` series per name. When they are used up, all other label values are
///           counted together under `other`: a metric never grows memory without bound.
///           `label_bytes_max` per label value, the rest is cut. Control characters and broken
///           UTF-8 in label values are replaced.
/// Threads   Any thread may call any member. Making a handle takes a lock.
/// Lifetime  Handles live as long as the Metrics.
class Metrics {
public:
    static constexpr std::size_t series_max = 1'000;
    static constexpr std::size_t label_bytes_max = 128;
    /// What `to_text()` is to be served as.
    static constexpr std::string_view content_type = "text/plain; version=0.0.4; charset=utf-8";

    Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;
    ~Metrics();

    Counter& counter(std::string_view name, std::string_view help, const Labels& labels = {});
    Gauge& gauge(std::string_view name, std::string_view help, const Labels& labels = {});
    /// `bounds` rise; the first call for a name decides them.
    Histogram& histogram(std::string_view name, std::string_view help, const Labels& labels = {},
                         const std::vector<double>& bounds = latency_bounds());

    /// Adds a gauge whose value is what `read` returns at each scrape: for what is known anyway,
    /// such as the length of a queue. Of two watches with the same labels the newer one is shown,
    /// and none past `series_max`. `read` must be quick, may be called by any thread, and must
    /// neither throw nor end its own watch.
    GaugeWatch watch(std::string_view name, std::string_view help, const Labels& labels,
                     std::function<double()> read);

    /// Returns everything in Prometheus' text format: for `GET /metrics`.
    std::string to_text() const;

    /// Returns bounds for times in seconds, from 50 microseconds to one minute.
    static const std::vector<double>& latency_bounds();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace tidings
