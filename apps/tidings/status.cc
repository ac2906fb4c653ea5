#include <tidings/log/log.h>
#include <tidings/model/json.h>

#include "commands.h"
#include "directory.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace tidings::cli {

namespace {

/// One statement sees one moment, whatever a running service commits meanwhile.
constexpr std::string_view account_sql = R"sql(
SELECT 'topic', topic, position, accepted, done, discarded FROM tidings_position
UNION ALL SELECT 'held', '', state, count(*), 0, 0 FROM tidings_held GROUP BY state
UNION ALL SELECT 'outbox', '', count(*), coalesce(min(created), 0), 0, 0 FROM tidings_outbox
    WHERE position > (SELECT published_position FROM tidings_outbox_state WHERE id = 1)
UNION ALL SELECT 'effects', '', count(*), 0, 0, 0 FROM tidings_effect
UNION ALL SELECT 'timers', '', count(*), 0, 0, 0 FROM tidings_timer
)sql";

/// More than this is a damaged row; bounded, so that sums cannot overflow.
constexpr std::int64_t figure_max = 1'000'000'000'000'000;

struct Account {
    std::string service;
    struct Topic {
        std::string name;
        std::int64_t position = 0;
        std::int64_t high_watermark = 0;
    };
    std::vector<Topic> topics;
    std::int64_t accepted = 0;
    std::int64_t done = 0;
    std::int64_t discarded = 0;
    std::int64_t scheduled = 0;
    std::int64_t parked = 0;
    std::int64_t dead = 0;
    std::int64_t outbox = 0;
    Timestamp outbox_oldest{};
    std::int64_t effects = 0;
    std::int64_t timers = 0;

    std::int64_t unaccounted() const {
        return accepted - done - scheduled - parked - dead - discarded;
    }
    std::int64_t lag() const {
        std::int64_t sum = 0;
        for (const Topic& topic : topics) {
            sum += std::max<std::int64_t>(topic.high_watermark - topic.position, 0);
        }
        return sum;
    }
};

std::int64_t figure(const Row& row, int column) {
    return std::clamp(row.integer(column), -figure_max, figure_max);
}

void add_row(Account& account, const Row& row) {
    const std::string_view kind = row.text(0);
    if (kind == "topic") {
        account.topics.push_back({row.get<std::string>(1), figure(row, 2)});
        account.accepted += figure(row, 3);
        account.done += figure(row, 4);
        account.discarded += figure(row, 5);
    } else if (kind == "held") {
        switch (row.integer(2)) {
            case 1:
                account.scheduled = figure(row, 3);
                break;
            case 2:
                account.parked = figure(row, 3);
                break;
            case 3:
                account.dead = figure(row, 3);
                break;
            default:
                break;  // Of no known state: it shows as unaccounted.
        }
    } else if (kind == "outbox") {
        account.outbox = figure(row, 2);
        account.outbox_oldest = row.get<Timestamp>(3);
    } else if (kind == "effects") {
        account.effects = figure(row, 2);
    } else {
        account.timers = figure(row, 2);
    }
}

/// The logs' high watermarks, each looked up once. Read after the databases, so that no position
/// is beyond its log.
class Watermarks {
public:
    explicit Watermarks(const Directory& directory) : directory_(directory) {}

    Result<std::int64_t> of(const std::string& topic) {
        if (const auto known = known_.find(topic); known != known_.end()) return known->second;
        auto reader = log::Reader::open(directory_.world(), directory_.log(topic),
                                        log::Reader::Unacknowledged::shown);
        if (!reader) return std::move(reader).error();
        return known_[topic] = (*reader)->high_watermark().value;
    }

private:
    const Directory& directory_;
    std::map<std::string, std::int64_t> known_;
};

void print_line(const Account& account, Timestamp now, Console& console) {
    const std::int64_t missing = account.unaccounted();
    const std::string verdict = fmt::format("unaccounted {}", missing);
    console.line(fmt::format("{}  {}", console.strong(account.service),
                             missing == 0 ? verdict : console.alarm(verdict)));
    console.line(
        fmt::format("  accepted {} = done {} + scheduled {} + parked {} + dead {} + discarded {}",
                    account.accepted, account.done, account.scheduled, account.parked, account.dead,
                    account.discarded));
    const std::string oldest =
        account.outbox == 0 ? "" : " (oldest " + age(account.outbox_oldest, now) + ")";
    console.line(fmt::format("  outbox {}{}, effects open {}, timers {}, lag {}", account.outbox,
                             oldest, account.effects, account.timers, account.lag()));
    for (const Account::Topic& topic : account.topics) {
        console.line(fmt::format("  topic {}: position {} of {}", printable(topic.name, 128),
                                 topic.position, topic.high_watermark));
    }
    if (account.dead > 0) {
        console.line("  look: tidings dead-letters --service " + account.service);
    }
}

void print_json(const Account& account, Console& console) {
    std::string out;
    json::Writer writer{out};
    const auto number = [&writer](std::string_view name, std::int64_t value) {
        writer.name(name);
        writer.integer(value);
    };
    writer.begin_object();
    writer.name("service");
    writer.text(account.service);
    number("unaccounted", account.unaccounted());
    number("accepted", account.accepted);
    number("done", account.done);
    number("scheduled", account.scheduled);
    number("parked", account.parked);
    number("dead", account.dead);
    number("discarded", account.discarded);
    number("outboxPending", account.outbox);
    number("effectsOpen", account.effects);
    number("timers", account.timers);
    number("lag", account.lag());
    writer.name("topics");
    writer.begin_array();
    for (const Account::Topic& topic : account.topics) {
        writer.begin_object();
        writer.name("topic");
        writer.text(utf8(topic.name));
        number("position", topic.position);
        number("highWatermark", topic.high_watermark);
        writer.end_object();
    }
    writer.end_array();
    writer.end_object();
    console.line(json_line(out));
}

}  // namespace

int show_status(io::World& world, const std::string& data, const std::string& service,
                Console& console) {
    const auto directory = Directory::open(world, data);
    if (!directory) return console.fail(directory.error());
    const auto services = directory->services(service);
    if (!services) return console.fail(services.error());
    const auto topics = directory->topics();
    if (!topics) return console.fail(topics.error());
    bool failed = false;
    bool unaccounted = false;
    std::vector<Account> accounts;
    for (const std::string& name : *services) {
        Account account;
        account.service = name;
        const auto read = directory->read(name, [&account](StoreTransaction& tx) {
            Rows rows = tx.query(account_sql);
            while (rows.next()) add_row(account, rows.row());
        });
        if (read) {
            accounts.push_back(std::move(account));
        } else {
            console.fail(read.error());
            failed = true;
        }
    }
    Watermarks watermarks{*directory};
    for (Account& account : accounts) {
        for (Account::Topic& topic : account.topics) {
            // A name from a damaged row is no path.
            if (!std::binary_search(topics->begin(), topics->end(), topic.name)) continue;
            const auto high = watermarks.of(topic.name);
            if (!high) {
                console.fail(high.error());
                failed = true;
                continue;
            }
            topic.high_watermark = *high;
        }
        unaccounted = unaccounted || account.unaccounted() != 0;
        console.json() ? print_json(account, console) : print_line(account, world.now(), console);
    }
    return failed ? Exit::failure : unaccounted ? Exit::found_problems : Exit::success;
}

}  // namespace tidings::cli
