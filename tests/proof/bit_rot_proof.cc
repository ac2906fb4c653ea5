// T11: bytes on the disk are not what was written.
//
// A data directory of the reference flow, closed in good order or killed, is damaged in one place:
// a bit or a byte is flipped, a block is zero, a file is cut, a block is an older version of
// itself. Then `tidings verify` has to find it, and no reader may be given what was never written.
// What cannot be told from a write that never ended, the last batch of a log or the last
// transaction of a write-ahead log of a process that was killed, is counted apart; see
// docs/reliability.md.
#include <tidings/log/log.h>
#include <tidings/store/sqlite.h>

#include "flow.h"
#include "memory_world.h"
#include "rig.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

namespace tidings::proof {
namespace {

constexpr std::uint64_t block_bytes = 4096;
constexpr int orders_count = 12;

/// What readers are given of a directory.
struct Content {
    std::map<std::string, std::vector<std::string>> logs;
    std::map<std::string, std::string> tables;  ///< All rows, by service and table.

    bool operator==(const Content&) const = default;
};

void read_log(io::World& world, const std::string& topic, std::vector<std::string>& records) {
    auto reader =
        log::Reader::open(world, "data/log/" + topic, log::Reader::Unacknowledged::shown).value();
    for (Offset next{0};;) {
        const auto read = reader->read(next, 1000, 1 << 20);
        if (!read || read->empty()) return;
        for (const log::Record& record : *read) {
            records.push_back(std::string{record.headers} + '|' + std::string{record.payload});
            next = record.offset + 1;
        }
    }
}

std::string rows_of(StoreTransaction& tx, const std::string& table) {
    std::string columns;
    {
        Rows rows = tx.query("SELECT name FROM pragma_table_info($1)", table);
        while (rows.next()) {
            columns += fmt::format("{}quote(\"{}\")", columns.empty() ? "" : " || ',' || ",
                                   rows.row().text(0));
        }
    }
    std::string text;
    Rows rows = tx.query(fmt::format("SELECT {} FROM \"{}\"", columns, table));
    while (rows.next()) text += rows.row().get<std::string>(0) + '\n';
    return text;
}

void read_tables(io::World& world, const std::string& service, Content& content) {
    auto reader = read_sqlite(world, "data/services/" + service + ".db");
    if (!reader) return;
    std::vector<std::string> names;
    try {
        Rows rows = (*reader)->query(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'");
        while (rows.next()) names.push_back(rows.row().get<std::string>(0));
    } catch (const Failure&) {
        return;
    }
    for (const std::string& name : names) {
        try {
            content.tables[service + '.' + name] = rows_of(**reader, name);
        } catch (const Failure&) {  // It is refused, which is right.
        }
    }
}

Content content_of(io::World& world) {
    Content content;
    for (const char* topic : {"order", "payment"}) read_log(world, topic, content.logs[topic]);
    for (const char* service : {"order-service", "payment-service"}) {
        read_tables(world, service, content);
    }
    return content;
}

/// A directory to be damaged.
struct Base {
    std::string name;
    Image image;
    Image older;  ///< The same some time before.
    Content content;
    bool is_closed = false;
};

Base make_base(std::uint64_t seed, bool closed) {
    Base base;
    base.name = closed ? "closed" : "killed";
    base.is_closed = closed;
    MemoryWorld world{seed};
    Witness witness;
    Flow flow{world, witness, {}};
    int rounds = 0;
    const auto between = [&] {
        world.advance(20ms);
        if (++rounds == 60) base.older = world.image();
    };
    flow.run(0, orders_count, between).value();
    flow.open().value();
    for (int i = 0; i < orders_count; ++i) {
        flow.place(orders_count + i);
        if (i % 3 == 2) flow.settle(20, between);
    }
    flow.settle(2000, between);
    if (closed) flow.close();
    base.image = world.image();
    world.be_dead(true);
    MemoryWorld copy{1, base.image};
    base.content = content_of(copy);
    return base;
}

// ----------------------------------------------------------------------------------------- damages

enum class Kind : std::uint8_t { log, database, wal, group, text };
constexpr std::array<const char*, 5> kind_names{"logs", "databases", "write-ahead logs",
                                                "group files", "text files"};

std::optional<Kind> kind_of(const std::string& path) {
    if (path.ends_with(".segment")) return Kind::log;
    if (path.ends_with(".db")) return Kind::database;
    if (path.ends_with("-wal")) return Kind::wal;
    if (path.ends_with(".json")) return Kind::text;
    if (path.find("/groups/") != std::string::npos) return Kind::group;
    return std::nullopt;  // Locks and shared pages, which nobody trusts.
}

enum class Class : std::uint8_t { bit, byte, zero_block, cut, stale_block };
constexpr std::array<const char*, 5> class_names{"a bit flipped", "a byte inverted",
                                                 "a block of zeros", "cut", "an older block"};

struct Damage {
    std::string path;
    Kind kind = Kind::log;
    Class how = Class::bit;
    std::uint64_t at = 0;
};

/// Damages a file. Returns false if nothing has changed by it.
bool apply(const Damage& damage, const Base& base, Image& image, sim::Random& random) {
    Bytes& file = image.files[damage.path];
    const std::string before = file.text();
    std::string after = before;
    const auto at = static_cast<std::size_t>(damage.at);
    const std::size_t block = at / block_bytes * block_bytes;
    const std::size_t end = std::min<std::size_t>(block + block_bytes, after.size());
    switch (damage.how) {
        case Class::bit:
            after[at] = static_cast<char>(after[at] ^ (1 << random.below(8)));
            break;
        case Class::byte:
            after[at] = static_cast<char>(~after[at]);
            break;
        case Class::zero_block:
            std::fill(after.begin() + static_cast<std::ptrdiff_t>(block),
                      after.begin() + static_cast<std::ptrdiff_t>(end), '\0');
            break;
        case Class::cut:
            after.resize(random.chance(0.5) ? block : at);
            break;
        case Class::stale_block: {
            const auto older = base.older.files.find(damage.path);
            if (older == base.older.files.end()) return false;
            const std::string text = older->second.text();
            if (text.size() < end) return false;
            after.replace(block, end - block, text, block, end - block);
            break;
        }
    }
    if (after == before) return false;
    Bytes damaged;
    damaged.write(0, after);
    file = damaged;
    return true;
}

Damage draw(const Base& base, sim::Random& random) {
    std::array<std::vector<std::string>, kind_names.size()> by_kind;
    for (const auto& [path, bytes] : base.image.files) {
        const auto kind = kind_of(path);
        if (kind && bytes.size() > 0) by_kind[static_cast<std::size_t>(*kind)].push_back(path);
    }
    // Logs and databases more often than the small ones.
    constexpr std::array<Kind, 8> wanted{Kind::log, Kind::log, Kind::database, Kind::database,
                                         Kind::wal, Kind::wal, Kind::group,    Kind::text};
    Damage damage;
    do {
        damage.kind = wanted[random.below(wanted.size())];
    } while (by_kind[static_cast<std::size_t>(damage.kind)].empty());
    const auto& paths = by_kind[static_cast<std::size_t>(damage.kind)];
    damage.path = paths[random.below(paths.size())];
    damage.how = static_cast<Class>(random.below(class_names.size()));
    damage.at = random.below(base.image.files.at(damage.path).size());
    return damage;
}

// ------------------------------------------------------------------------------------------
// verdict

enum class Verdict { found, harmless, unfinished_end, older_page, silent, served };

/// Whether a reader is given a record that was never written.
bool serves_wrong_record(const Content& now, const Content& right) {
    for (const auto& [topic, records] : now.logs) {
        const auto& expected = right.logs.at(topic);
        if (records.size() > expected.size()) return true;
        if (!std::equal(records.begin(), records.end(), expected.begin())) return true;
    }
    return false;
}

/// What is not promised: see docs/reliability.md.
std::optional<Verdict> excuse(const Damage& damage, const Base& base) {
    if (damage.kind == Kind::text) return Verdict::unfinished_end;
    if (damage.how == Class::stale_block && damage.kind == Kind::database) {
        return Verdict::older_page;
    }
    // Of a killed process both may end anywhere, and a file that is shorter is one that ended
    // there.
    const bool may_end = damage.kind == Kind::wal || damage.kind == Kind::log;
    if (!base.is_closed && may_end) return Verdict::unfinished_end;
    return std::nullopt;
}

Verdict judge(const Base& base, const Damage& damage, const Image& image, bool blind) {
    MemoryWorld world{2, image};
    const bool found = !blind && !verified(world, "data").empty();
    const Content now = content_of(world);
    if (serves_wrong_record(now, base.content)) return Verdict::served;
    if (found) return Verdict::found;
    if (now == base.content) return Verdict::harmless;
    return excuse(damage, base).value_or(Verdict::silent);
}

bool finds_nothing_when_blind(const Base& base) {
    sim::Random random{5};
    for (int i = 0; i < 200; ++i) {
        Image image = base.image;
        const Damage damage = draw(base, random);
        if (!apply(damage, base, image, random)) continue;
        if (judge(base, damage, image, true) == Verdict::silent) return false;
    }
    return true;
}

class BitRot {
public:
    BitRot(Rig& rig, std::int64_t wanted) : rig_(rig), wanted_(wanted) {}

    void damage(const Base& base, sim::Random& random) {
        Image image = base.image;
        const Damage damage = draw(base, random);
        if (!apply(damage, base, image, random)) return;
        ++done_;
        const Verdict verdict = judge(base, damage, image, false);
        ++tally_[{base.name, damage.kind}][verdict];
        if (verdict == Verdict::silent || verdict == Verdict::served) {
            rig_.broken(fmt::format("{}: {}, byte {}, {}: {}", base.name, damage.path, damage.at,
                                    class_names[static_cast<std::size_t>(damage.how)],
                                    verdict == Verdict::silent ? "not found" : "served"));
        }
        rig_.progress(done_, wanted_, "damages");
    }
    std::int64_t done() const { return done_; }
    void tell() {
        for (auto& [what, counts] : tally_) {
            rig_.figure(
                fmt::format("{}, {}", what.first,
                            kind_names[static_cast<std::size_t>(what.second)]),
                fmt::format("{} found, {} without effect, {} like an unfinished write, {} like an "
                            "older page",
                            counts[Verdict::found], counts[Verdict::harmless],
                            counts[Verdict::unfinished_end], counts[Verdict::older_page]));
        }
    }

private:
    Rig& rig_;
    const std::int64_t wanted_;
    std::int64_t done_ = 0;
    std::map<std::pair<std::string, Kind>, std::map<Verdict, std::int64_t>> tally_;
};

int prove(int argc, char** argv) {
    Rig rig{"T11", argc, argv};
    const std::array<Base, 2> bases{make_base(rig.seed(), true), make_base(rig.seed(), false)};
    for (const Base& base : bases) {
        MemoryWorld world{2, base.image};
        for (const std::string& wrong : verified(world, "data")) {
            rig.broken(fmt::format("{}, undamaged: {}", base.name, wrong));
        }
    }
    rig.control("a look that finds nothing", !finds_nothing_when_blind(bases[0]));
    const std::int64_t wanted = rig.amount(20'000);
    BitRot rot{rig, wanted};
    sim::Random random{rig.seed()};
    while (rot.done() < wanted && rig.broken_count() < 100) {
        rot.damage(bases[random.below(bases.size())], random);
    }
    rot.tell();
    return rig.finish(fmt::format("{} damages", rot.done()));
}

}  // namespace
}  // namespace tidings::proof

int main(int argc, char** argv) { return tidings::proof::prove(argc, argv); }
