#include <tidings/telemetry/metrics.h>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>
#include <sstream>
#include <thread>

namespace tidings {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in{text};
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

bool has_line(const Metrics& metrics, const std::string& wanted) {
    for (const std::string& line : lines_of(metrics.to_text())) {
        if (line == wanted) return true;
    }
    return false;
}

/// What `promtool check metrics` looks at, and that no series appears twice.
void expect_scrapeable(const std::string& text) {
    std::set<std::string> helped;
    std::set<std::string> typed;
    std::set<std::string> series;
    EXPECT_TRUE(text.empty() || text.back() == '\n');
    for (const std::string& line : lines_of(text)) {
        std::istringstream words{line};
        std::string mark;
        std::string kind;
        std::string name;
        words >> mark >> kind >> name;
        if (mark == "#") {
            EXPECT_TRUE((kind == "HELP" ? helped : typed).insert(name).second) << line;
            EXPECT_EQ(name.rfind("tidings_", 0), 0U) << line;
            continue;
        }
        const auto end_of_series = line.rfind(' ');
        EXPECT_TRUE(series.insert(line.substr(0, end_of_series)).second) << "twice: " << line;
        char* end = nullptr;
        std::strtod(line.c_str() + end_of_series + 1, &end);
        EXPECT_EQ(*end, '\0') << "no number: " << line;
    }
    EXPECT_EQ(helped, typed);
}

TEST(Metrics, WritesEveryKindAsPrometheusReadsIt) {
    Metrics metrics;
    metrics.counter("tidings_events_published_total", "Events.", {{"service", "order"}}).inc();
    metrics.counter("tidings_events_published_total", "Events.", {{"service", "order"}}).inc(2);
    metrics.counter("tidings_events_published_total", "Events.", {{"service", "user"}}).inc();
    metrics.gauge("tidings_outbox_pending_messages", "Waiting.").set(7);
    metrics.gauge("tidings_outbox_pending_messages", "Waiting.").add(-2);
    const GaugeWatch lag =
        metrics.watch("tidings_consumer_lag_seconds", "Lag.", {}, [] { return 1.5; });

    // prometheus-cpp keeps series in no order, so two of one name are compared one by one.
    EXPECT_TRUE(has_line(metrics, "tidings_events_published_total{service=\"order\"} 3"));
    EXPECT_TRUE(has_line(metrics, "tidings_events_published_total{service=\"user\"} 1"));
    const std::string text = metrics.to_text();
    EXPECT_EQ(text.substr(text.find("# HELP tidings_outbox")),
              "# HELP tidings_outbox_pending_messages Waiting.\n"
              "# TYPE tidings_outbox_pending_messages gauge\n"
              "tidings_outbox_pending_messages 5\n"
              "# HELP tidings_consumer_lag_seconds Lag.\n"
              "# TYPE tidings_consumer_lag_seconds gauge\n"
              "tidings_consumer_lag_seconds 1.5\n");
    expect_scrapeable(metrics.to_text());
}

TEST(Metrics, CountsAnObservationInEveryBucketThatHoldsIt) {
    Metrics metrics;
    Histogram& handled = metrics.histogram("tidings_handler_duration_seconds", "Time.",
                                           {{"service", "order"}}, {0.001, 0.01});
    handled.observe(1ms);
    handled.observe(2ms);
    handled.observe(3.0);
    const std::string name = "tidings_handler_duration_seconds";
    EXPECT_TRUE(has_line(metrics, name + "_count{service=\"order\"} 3"));
    EXPECT_TRUE(has_line(metrics, name + "_sum{service=\"order\"} 3.003"));
    EXPECT_TRUE(has_line(metrics, name + "_bucket{service=\"order\",le=\"0.001\"} 1"));
    EXPECT_TRUE(has_line(metrics, name + "_bucket{service=\"order\",le=\"0.01\"} 2"));
    EXPECT_TRUE(has_line(metrics, name + "_bucket{service=\"order\",le=\"+Inf\"} 3"));
    expect_scrapeable(metrics.to_text());
}

TEST(Metrics, GivesTheSameHandleForTheSameSeries) {
    Metrics metrics;
    Counter& first = metrics.counter("tidings_a_total", "A.", {{"x", "1"}, {"y", "2"}});
    Counter& again = metrics.counter("tidings_a_total", "A.", {{"y", "2"}, {"x", "1"}});
    Counter& other = metrics.counter("tidings_a_total", "A.", {{"x", "1"}, {"y", "3"}});
    EXPECT_EQ(&first, &again);
    EXPECT_NE(&first, &other);
}

TEST(Metrics, AsksAWatchAtEachScrapeUntilItIsOver) {
    Metrics metrics;
    double depth = 1;
    {
        const GaugeWatch watch = metrics.watch("tidings_queue_length", "Length.", {{"queue", "q"}},
                                               [&] { return depth; });
        EXPECT_TRUE(has_line(metrics, "tidings_queue_length{queue=\"q\"} 1"));
        depth = 2;
        EXPECT_TRUE(has_line(metrics, "tidings_queue_length{queue=\"q\"} 2"));
    }
    EXPECT_EQ(metrics.to_text(), "");
}

TEST(Metrics, ShowsTheNewerOfTwoWatchesOfOneSeries) {
    Metrics metrics;
    const GaugeWatch old = metrics.watch("tidings_queue_length", "Length.", {}, [] { return 1.0; });
    {
        const GaugeWatch anew =
            metrics.watch("tidings_queue_length", "Length.", {}, [] { return 2.0; });
        EXPECT_TRUE(has_line(metrics, "tidings_queue_length 2"));
        expect_scrapeable(metrics.to_text());
    }
    EXPECT_TRUE(has_line(metrics, "tidings_queue_length 1"));
}

TEST(Metrics, LetsAWatchMoveAndOutliveIt) {
    GaugeWatch kept;
    {
        Metrics metrics;
        GaugeWatch watch = metrics.watch("tidings_queue_length", "Length.", {}, [] { return 4.0; });
        kept = std::move(watch);
        EXPECT_TRUE(has_line(metrics, "tidings_queue_length 4"));
    }
}

TEST(Metrics, BoundsTheSeriesOfOneName) {
    Metrics metrics;
    for (std::size_t i = 0; i < Metrics::series_max + 50; ++i) {
        metrics.counter("tidings_seen_total", "Seen.", {{"type", "t" + std::to_string(i)}}).inc();
    }
    EXPECT_EQ(lines_of(metrics.to_text()).size(), 2 + Metrics::series_max + 1);
    EXPECT_TRUE(has_line(metrics, "tidings_seen_total{type=\"other\"} 50"));
    metrics.counter("tidings_seen_total", "Seen.", {{"type", "t3"}}).inc();
    EXPECT_TRUE(has_line(metrics, "tidings_seen_total{type=\"t3\"} 2")) << "known ones go on";
}

TEST(Metrics, LetsNoLabelValueBreakTheText) {
    Metrics metrics;
    const std::string hostile = "a\"b\\c\nd\x1b[2J\xff\xe2\x80\xaeZ\xc3\xa9";
    metrics.counter("tidings_seen_total", "Seen.", {{"type", hostile}}).inc();
    metrics.counter("tidings_seen_total", "Seen.", {{"type", std::string(10'000, 'x')}}).inc();
    EXPECT_TRUE(has_line(metrics, "tidings_seen_total{type=\"a\\\"b\\\\c?d?[2J??Z\xc3\xa9\"} 1"));
    EXPECT_TRUE(has_line(metrics, "tidings_seen_total{type=\"" +
                                      std::string(Metrics::label_bytes_max, 'x') + "\"} 1"));
    expect_scrapeable(metrics.to_text());
}

TEST(Metrics, WritesWhatIsNoOrdinaryNumber) {
    Metrics metrics;
    metrics.gauge("tidings_a_ratio", "A.").set(std::nan(""));
    metrics.gauge("tidings_b_ratio", "B.").set(std::numeric_limits<double>::infinity());
    EXPECT_TRUE(has_line(metrics, "tidings_a_ratio Nan"));
    EXPECT_TRUE(has_line(metrics, "tidings_b_ratio +Inf"));
}

TEST(Metrics, CountsFromManyThreadsWhileItIsScraped) {
    Metrics metrics;
    std::vector<std::thread> threads;  // tidy: the test is about threads
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&metrics] {
            for (int n = 0; n < 1000; ++n) {
                metrics.counter("tidings_seen_total", "Seen.").inc();
                const GaugeWatch watch =
                    metrics.watch("tidings_queue_length", "Length.", {}, [] { return 1.0; });
            }
        });
    }
    for (int i = 0; i < 50; ++i) expect_scrapeable(metrics.to_text());
    for (std::thread& thread : threads) thread.join();  // tidy: the test is about threads
    EXPECT_TRUE(has_line(metrics, "tidings_seen_total 4000"));
}

TEST(MetricsDeathTest, EndsTheProcessOnANameThatBreaksTheConventions) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    Metrics metrics;
    EXPECT_DEATH(metrics.counter("tidings_seen", "Seen."), "_total");
    EXPECT_DEATH(metrics.gauge("tidings_seen_total", "Seen."), "_total");
    EXPECT_DEATH(metrics.gauge("Tidings seen", "Seen."), "is_name");
    EXPECT_DEATH(metrics.gauge("tidings_seen", ""), "help");
    EXPECT_DEATH(metrics.gauge("tidings_seen", "Seen.", {{"le", "1"}}), "named_well");
    metrics.gauge("tidings_seen", "Seen.");
    EXPECT_DEATH(metrics.histogram("tidings_seen", "Seen."), "kind");
}

}  // namespace
}  // namespace tidings
