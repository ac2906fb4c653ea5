// A database and its write-ahead log with bytes changed anywhere: opening, recovering and reading
// them must end, and never crash. (That nothing wrong is served is the affair of T11: who may
// change several bytes can take the checksums away.)
#include <tidings/base/assert.h>
#include <tidings/io/file.h>
#include <tidings/sim/world.h>
#include <tidings/store/sqlite.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>

namespace {

using namespace tidings;

const std::string path = "a.db";
constexpr int rows_count = 30;
constexpr std::size_t change_bytes = 5;

struct Files {
    std::string database;
    std::string wal;
};

std::string text_of(std::int64_t n) { return std::string(300, static_cast<char>('a' + n % 26)); }

/// What a process left that was killed: half of the rows are in the database, half in the log.
const Files& files() {
    static const Files made = [] {
        sim::SimWorld world{1};
        auto store = open_sqlite(world, path).value();
        const Migration table{1, "t", "CREATE TABLE t (n INTEGER PRIMARY KEY, s TEXT NOT NULL);"};
        store->migrate("t", {&table, 1}).value();
        for (int n = 0; n < rows_count; ++n) {
            if (n == rows_count / 2) {
                store->close().value();
                store = open_sqlite(world, path).value();
            }
            store->begin().value();
            store->transaction().execute("INSERT INTO t VALUES ($1, $2)", n, text_of(n));
            store->commit().value();
        }
        return Files{io::read_file(world.files(), path).value(),
                     io::read_file(world.files(), path + "-wal").value()};
    }();
    return made;
}

void put(io::World& world, const std::string& name, const std::string& bytes) {
    auto file = world.files().open(name, io::OpenMode::create).value();
    file->write_at(0, bytes).value();
    file->flush().value();
}

/// Touches every byte of every row, for the sanitizer to see whether it is there.
void read_all(StoreTransaction& tx) {
    try {
        Rows rows = tx.query("SELECT n, s FROM t");
        while (rows.next()) {
            const auto text = rows.row().get<std::string>(1);
            TIDINGS_ASSERT(text.size() <= (std::size_t{1} << 30));
        }
    } catch (const Failure&) {  // It is refused.
    }
}

}  // namespace

/// Each five bytes change one byte: which file and how, where (three bytes), and to what.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Files damaged = files();
    for (std::size_t at = 0; at + change_bytes <= size; at += change_bytes) {
        std::string& file = (data[at] & 1) != 0 ? damaged.wal : damaged.database;
        const std::size_t where = std::size_t{data[at + 1]} | std::size_t{data[at + 2]} << 8 |
                                  std::size_t{data[at + 3]} << 16;
        if (file.empty()) continue;
        if ((data[at] & 0xf0) == 0xf0) {
            file.resize(where % (file.size() + 1));
        } else {
            file[where % file.size()] = static_cast<char>(data[at + 4]);
        }
    }
    sim::SimWorld world{1};
    put(world, path, damaged.database);
    put(world, path + "-wal", damaged.wal);
    if (auto reader = read_sqlite(world, path)) read_all(**reader);
    auto store = open_sqlite(world, path);
    if (!store || !(*store)->begin()) return 0;
    read_all((*store)->transaction());
    try {
        (*store)->transaction().execute("INSERT INTO t VALUES ($1, $2) ON CONFLICT (n) DO NOTHING",
                                        rows_count, text_of(rows_count));
        static_cast<void>((*store)->commit());
    } catch (const Failure&) {
        (*store)->rollback();
    }
    static_cast<void>((*store)->close());
    return 0;
}
