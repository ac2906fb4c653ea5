// A broker log that is corrupt in the middle, and silently skipped.
//
// nats-io/nats-server#8632: a record that fails its checksum is passed over, and the consumer gets
// the next one, with no error and no gap. nats-io/nats-server#7549: single flipped bits lost twenty
// thousand acknowledged records out of the middle of a stream.
//
// Not here: every record has a checksum that is looked at when it is read. Who comes upon damage
// stands there, says which segment and which offset, and skips nothing; other topics go on.
#include <tidings/io/file.h>
#include <tidings/sim/world.h>

#include "peers.h"

namespace tidings::peers {
namespace {

/// Changes the text of one event in the log's file, as a bad disk does.
void damage(Flow& flow, const std::string& text) {
    io::FileSystem& files = flow.world().files();
    for (const std::string& name : files.list("data/log/order").value()) {
        if (!name.ends_with(".segment")) continue;
        const std::string path = "data/log/order/" + name;
        const std::string bytes = io::read_file(files, path).value();
        const std::size_t at = bytes.find("\"reason\":\"" + text);
        if (at == std::string::npos) continue;
        auto file = files.open(path, io::OpenMode::write).value();
        file->write_at(at + 10, "X").value();
        return;
    }
    ADD_FAILURE() << text << " is in no segment";
}

CaseVerdict the_consumer_stops_before_the_damage_and_says_so() {
    Shop shop;
    shop.flow.kill("payment-service");
    shop.place("o1", "first");
    shop.place("o2", "second");
    shop.place("o3", "third");
    damage(shop.flow, "second");
    shop.flow.start("payment-service");
    shop.flow.pass(1min);
    const auto error = shop.payments().intake_error;
    const std::string health = shop.ask("payment-service", "/health/ready");
    return all_of({shop.handled({"o1 first"}),
                   check(error && error->code == ErrorCode::corruption, "not told as corruption"),
                   check(error && error->message.find("offset 1") != std::string::npos,
                         error ? error->message : "nothing is told"),
                   check(health.find("degraded") != std::string::npos, health)});
}

TEST(Peers, SkipNoDamagedRecord) {
    EXPECT_TRUE(the_consumer_stops_before_the_damage_and_says_so());
    EXPECT_FALSE(
        with(Mistake::reads_torn_records, the_consumer_stops_before_the_damage_and_says_so));
}

}  // namespace
}  // namespace tidings::peers
