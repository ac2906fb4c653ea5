// What operators do to dead letters: redrive, discard, edit; each once, in order, on the record.
#include <tidings/delivery/dead_letters.h>

#include "delivery/delivery_testing.h"

#include <algorithm>

namespace tidings {
namespace {

using namespace testbench;
using Texts = std::vector<std::string>;

const Actor anna{"anna", "the card reader was down"};

/// A service that gives up what comes from cities that it does not know, until it is mended.
class Letters : public ::testing::Test {
protected:
    Letters() {
        bench.on_opened = [this](const Opened& event, Transaction&) {
            if (mended || event.city.starts_with("good")) return;
            throw Failure{{ErrorCode::not_found, "no city \"" + event.city + "\" here"}, true};
        };
    }

    void start() {
        bench.start();
        bench.send(1, "bad one");
        bench.send(1, "good two");
        bench.send(2, "bad three");
        bench.send(1, "good four");
        bench.send(3, "good five");
        bench.settle();
        ASSERT_EQ(bench.handled(), Texts{"good five"});
    }
    /// Runs `work` as a command of the running service; returns why it was refused, if it was.
    std::string act(const std::function<void(DeadLetters&)>& work) {
        std::string answer = "none";
        EXPECT_TRUE(bench.loop->submit(
            {"act", "",
             [&work](Transaction& tx) {
                 DeadLetters letters{tx.store()};
                 work(letters);
             },
             [&answer](Result<void> done) { answer = done ? "done" : done.error().message; },
             true}));
        bench.loop->poll(bench.world.monotonic());
        return answer;
    }
    template <class T>
    T look(const std::function<T(const DeadLetters&)>& work) {
        const auto reader = bench.store->reader().value();
        return work(DeadLetters{*reader});
    }
    std::vector<DeadLetterGroup> groups() {
        return look<std::vector<DeadLetterGroup>>(
            [](const DeadLetters& letters) { return letters.groups(); });
    }
    std::vector<AuditEntry> audit() {
        return look<std::vector<AuditEntry>>(
            [](const DeadLetters& letters) { return letters.audit(0, 0); });
    }
    DeadLetter letter(std::int64_t position) {
        return look<std::optional<DeadLetter>>(
                   [position](const DeadLetters& letters) { return letters.find(position); })
            .value();
    }
    /// The account closes, in memory and in the tables.
    void expect_accounted() {
        const DeliveryStatus before = bench.status();
        EXPECT_EQ(before.unaccounted(), 0);
        bench.kill();
        const DeliveryStatus after = bench.status();
        EXPECT_EQ(after.unaccounted(), 0);
        EXPECT_EQ(after.dead, before.dead);
        EXPECT_EQ(after.parked, before.parked);
        EXPECT_EQ(after.scheduled, before.scheduled);
        EXPECT_EQ(after.discarded, before.discarded);
    }

    bool mended = false;
    bool answered = false;
    Bench bench;
};

DeadLetterChoice all() { return {{}, "", true}; }
DeadLetterChoice one(std::int64_t position) { return {{position}, "", false}; }

TEST_F(Letters, AreGroupedByCauseAndListedInPages) {
    start();
    const auto found = groups();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].count, 2);
    EXPECT_EQ(found[0].type, "depot.opened");
    EXPECT_EQ(found[0].error_code, static_cast<int>(ErrorCode::not_found));
    EXPECT_EQ(found[0].error, "no city \"bad three\" here") << "the last one's";
    const auto page = [this](const DeadLetters::Query& query) {
        return look<DeadLetterPage>(
            [&query](const DeadLetters& letters) { return letters.list(query); });
    };
    const DeadLetterPage first = page({.count_max = 1});
    ASSERT_EQ(first.letters.size(), 1U);
    EXPECT_EQ(first.count, 2);
    EXPECT_EQ(first.letters[0].state, "dead");
    EXPECT_EQ(first.letters[0].headers.key, "1");
    ASSERT_TRUE(first.next);
    const DeadLetterPage second = page({.after = *first.next, .count_max = 1});
    ASSERT_EQ(second.letters.size(), 1U);
    EXPECT_EQ(second.letters[0].headers.key, "2");
    EXPECT_FALSE(second.next);
    EXPECT_EQ(page({.all_held = true, .count_max = 0}).letters.size(), 4U);
    EXPECT_EQ(page({.group = found[0].id.substr(0, 6)}).letters.size(), 2U);
    EXPECT_EQ(page({.group = "nonesuch"}).letters.size(), 0U);
}

TEST_F(Letters, ShowWhatWaitsBehindThem) {
    start();
    const DeadLetter head = letter(1);
    EXPECT_EQ(head.parked_behind, 2);
    EXPECT_EQ(head.attempts, 1);
    EXPECT_EQ(parse_envelope(head.envelope)->data, "{\"number\":1,\"city\":\"bad one\"}");
}

TEST_F(Letters, ThatAreRedrivenGoOnInOrderAndOnce) {
    start();
    mended = true;
    DeadLetterAct done;
    EXPECT_EQ(act([&](DeadLetters& letters) {
                  done = letters.redrive(one(1), {}, anna, bench.world.now());
              }),
              "done");
    EXPECT_EQ(done.chosen, 1);
    EXPECT_EQ(done.done, 1);
    EXPECT_EQ(bench.status().scheduled, 1);
    EXPECT_EQ(act([&](DeadLetters& letters) {
                  done = letters.redrive(one(1), {}, anna, bench.world.now());
              }),
              "done")
        << "at once again: it waits already";
    EXPECT_EQ(done.done, 0);
    EXPECT_EQ(done.already, 1);
    bench.settle();
    EXPECT_EQ(bench.handled(), (Texts{"good five", "bad one", "good two", "good four"}));
    EXPECT_NE(act([&](DeadLetters& letters) {
                  letters.redrive(one(1), {}, anna, bench.world.now());
              }).find("no held event at position 1 any more: redrive by anna at 20"),
              std::string::npos);
    bench.settle();
    EXPECT_EQ(bench.handled().size(), 4U);
    EXPECT_EQ(bench.status().dead, 1);
    expect_accounted();
}

TEST_F(Letters, ThatFailAgainAreDeadAgainWithAllAttemptsAnew) {
    bench.on_opened = [](const Opened&, Transaction&) {
        throw Failure{{ErrorCode::unavailable, "the gateway is closed"}};
    };
    bench.start();
    bench.send(1, "bad one");
    bench.settle();
    EXPECT_EQ(bench.calls, 3) << "as its policy says";
    act([&](DeadLetters& letters) { letters.redrive(all(), {}, anna, bench.world.now()); });
    bench.settle();
    EXPECT_EQ(bench.calls, 6);
    EXPECT_EQ(bench.status().dead, 1);
    EXPECT_EQ(letter(1).attempts, 6) << "its history tells of all of them";
    expect_accounted();
}

TEST_F(Letters, AreRedrivenAtThePaceAsked) {
    bench.start();
    for (int i = 1; i <= 10; ++i) bench.send(i, "bad " + std::to_string(i));
    bench.settle();
    mended = true;
    const Timestamp began = bench.world.now();
    DeadLetterAct part;
    act([&](DeadLetters& letters) {
        part = letters.redrive(all(), {.per_second = 2, .count_max = 6}, anna, began);
    });
    EXPECT_EQ(part.chosen, 10);
    EXPECT_EQ(part.done, 6);
    EXPECT_EQ(part.remaining(), 4);
    EXPECT_EQ(part.next_due, began + 3s);
    act([&](DeadLetters& letters) {
        part = letters.redrive(all(), {.per_second = 2, .first_due = part.next_due}, anna,
                               bench.world.now());
    });
    EXPECT_EQ(part.done, 4);
    for (const std::size_t seconds : {0U, 1U, 2U, 3U, 4U}) {
        bench.run_for(900ms);
        EXPECT_LE(bench.handled().size(), 2 * seconds + 2);
        bench.run_for(100ms);
    }
    bench.settle();
    EXPECT_EQ(bench.handled().size(), 10U);
    EXPECT_GE(bench.world.now(), began + 4500ms);
}

TEST_F(Letters, ThatAreDiscardedAreKeptOnTheRecordAndLetGoOnWhatWaits) {
    start();
    const DeadLetter before = letter(1);
    EXPECT_EQ(act([&](DeadLetters& letters) {
                  letters.discard(one(1), 100, {"anna", "a test order"}, bench.world.now());
              }),
              "done");
    EXPECT_EQ(bench.status().discarded, 1);
    bench.settle();
    EXPECT_EQ(bench.handled(), (Texts{"good five", "good two", "good four"}));
    const auto entries = audit();
    ASSERT_EQ(entries.size(), 1U);
    EXPECT_EQ(entries[0].number, 1);
    EXPECT_EQ(entries[0].act, "discard");
    EXPECT_EQ(entries[0].who, "anna");
    EXPECT_EQ(entries[0].why, "a test order");
    EXPECT_EQ(entries[0].position, 1);
    EXPECT_NE(entries[0].before.find(before.envelope), std::string::npos);
    expect_accounted();
}

TEST_F(Letters, ThatCannotBeReadAreKeptByteByByte) {
    bench.start();
    bench.send_raw(bench.headers(1, 1), "\xff{not json");
    bench.settle();
    act([&](DeadLetters& letters) { letters.discard(all(), 100, anna, bench.world.now()); });
    ASSERT_EQ(audit().size(), 1U);
    EXPECT_NE(audit()[0].before.find("\"bytes\":\"ff7b6e6f74206a736f6e\""), std::string::npos)
        << audit()[0].before;
}

TEST_F(Letters, AreOnlyDiscardedWithAReasonAndOnlyWhenDead) {
    start();
    const auto discard = [&](const DeadLetterChoice& choice, const Actor& actor) {
        return act(
            [&](DeadLetters& letters) { letters.discard(choice, 9, actor, bench.world.now()); });
    };
    EXPECT_EQ(discard(one(1), {"anna", ""}), "nobody says why");
    EXPECT_EQ(discard(one(1), {"", "why"}), "nobody says who does it");
    EXPECT_EQ(discard(one(2), anna),
              "1 of them are no dead letters: they wait for a retry or behind another");
    EXPECT_EQ(discard({{1}, "", true}, anna), "it is not clear which dead letters are meant");
    EXPECT_EQ(discard({}, anna), "it is not clear which dead letters are meant");
    EXPECT_EQ(bench.status().dead, 2);
    EXPECT_TRUE(audit().empty()) << "what was refused is not on the record";
}

TEST_F(Letters, AreDealtWithByCodeOfTheServicesOwn) {
    start();
    // [act]
    Command mend;
    mend.name = "mend cities";
    mend.administers_held = true;
    mend.run = [](Transaction& tx) {
        DeadLetters letters{tx.store()};
        for (const DeadLetterGroup& group : letters.groups()) {
            if (group.error_code != static_cast<int>(ErrorCode::not_found)) continue;
            letters.redrive({.positions = {}, .group = group.id}, {.per_second = 20},
                            {.who = "city import", .why = "the cities are there now"}, tx.time());
        }
    };
    // [/act]
    mend.answer = [this](Result<void> done) { answered = static_cast<bool>(done); };
    mended = true;
    ASSERT_TRUE(bench.loop->submit(std::move(mend)));
    bench.settle();
    EXPECT_TRUE(answered);
    EXPECT_EQ(bench.status().dead, 0);
    EXPECT_EQ(audit().size(), 2U);
}

class Editing : public Letters {
protected:
    std::string edit(std::int64_t position, std::string envelope, const std::string& seen = "",
                     const Actor& actor = anna) {
        return act([&](DeadLetters& letters) {
            last = letters.edit({.position = position,
                                 .envelope = std::move(envelope),
                                 .event_id = seen,
                                 .new_id = bench.world.new_uuid()},
                                check, actor, bench.world.now());
        });
    }
    std::string with(std::int64_t position, std::string_view from, std::string_view to) {
        std::string text = letter(position).envelope;
        const std::size_t at = text.find(from);
        EXPECT_NE(at, std::string::npos);
        return text.replace(at, from.size(), to);
    }

    ContractCheck check = [](const Envelope& event) -> Result<std::string> {
        Opened opened;
        json::Reader reader{event.data};
        if (Result<void> read = read_data(reader, opened); !read) return std::move(read).error();
        return key_of(opened);
    };
    DeadLetterAct last;
};

TEST_F(Editing, MakesANewEventThatIsLinkedToTheOriginalAndKeepsItsPlace) {
    start();
    const DeadLetter before = letter(1);
    EXPECT_EQ(edit(1, with(1, "bad one", "good one"), before.event_id), "done");
    const DeadLetter after = letter(1);
    EXPECT_EQ(after.state, "dead");
    EXPECT_EQ(after.event_id, last.event_id);
    EXPECT_NE(after.event_id, before.event_id);
    EXPECT_EQ(after.edited_from, before.event_id);
    EXPECT_EQ(to_string(parse_envelope(after.envelope)->id), after.event_id);
    EXPECT_EQ(edit(1, with(1, "good one", "good uno")), "done");
    EXPECT_EQ(letter(1).edited_from, before.event_id) << "the log has the first one";
    act([&](DeadLetters& letters) { letters.redrive(one(1), {}, anna, bench.world.now()); });
    bench.settle();
    EXPECT_EQ(bench.handled(), (Texts{"good five", "good uno", "good two", "good four"}));
    const auto entries = audit();
    ASSERT_EQ(entries.size(), 3U);
    EXPECT_EQ(entries[2].act, "edit");
    EXPECT_NE(entries[2].before.find(before.envelope), std::string::npos);
    EXPECT_NE(entries[2].after.find("good one"), std::string::npos);
    expect_accounted();
}

TEST_F(Editing, IsHeldAgainstTheContract) {
    start();
    const auto expect_refused = [&](std::string envelope, std::string_view why) {
        const std::string answer = edit(1, std::move(envelope));
        EXPECT_NE(answer.find(why), std::string::npos) << answer;
    };
    expect_refused(with(1, "\"number\":1", "\"number\":0"), "/number");
    expect_refused(with(1, "\"city\":\"bad one\"", "\"town\":\"x\""), "/city");
    expect_refused("{not json", "");
    expect_refused(with(1, "depot.opened", "depot.closed"),
                   "field /type: must stay \"depot.opened\", is \"depot.closed\"");
    expect_refused(with(1, "depot-service", "other-service"), "field /source: must stay");
    expect_refused(with(1, "\"flow\"", "\"another\""), "field /correlationId: must stay");
    EXPECT_TRUE(audit().empty());
    EXPECT_EQ(letter(1).edited_from, "");
}

TEST_F(Editing, MayNotMoveAnEventToAnotherKey) {
    start();
    EXPECT_EQ(edit(1, with(1, "\"number\":1", "\"number\":7")),
              "its key would be \"7\", and is \"1\"");
}

TEST_F(Editing, IsRefusedWhereSomebodyElseWasFirst) {
    start();
    const std::string seen = letter(1).event_id;
    EXPECT_EQ(edit(1, with(1, "bad one", "good one"), seen), "done");
    EXPECT_NE(edit(1, with(1, "good one", "good uno"), seen).find("was edited meanwhile"),
              std::string::npos);
    EXPECT_EQ(edit(2, with(1, "good one", "good two")), "2 is parked, not dead");
    EXPECT_EQ(edit(1, with(1, "good one", "x"), "", {"anna", ""}), "nobody says why");
}

TEST_F(Letters, AnActAndItsRecordAreOneWhateverIsCutShort) {
    // Stopped at each disk operation: S21, an act without its record cannot be, nor the reverse.
    for (std::uint64_t operations = 0; operations < 40; ++operations) {
        SCOPED_TRACE(operations);
        Bench cut{operations};
        cut.on_opened = [](const Opened& event, Transaction&) {
            if (event.city != "later") {
                throw Failure{{ErrorCode::not_found, "no such city"}, true};
            }
        };
        cut.start();
        cut.send(1, "bad one");
        cut.send(2, "bad two");
        cut.send(1, "later");
        cut.settle();
        cut.world.stop_after(operations);
        const auto submit = [&cut](const std::function<void(DeadLetters&)>& work) {
            (void)cut.loop->submit({"act", "",
                                    [work](Transaction& tx) {
                                        DeadLetters letters{tx.store()};
                                        work(letters);
                                    },
                                    [](const Result<void>&) {}, true});
            cut.poll();
        };
        const Timestamp now = cut.world.now();
        submit([now](DeadLetters& letters) { letters.discard(one(1), 9, anna, now); });
        submit([now](DeadLetters& letters) { letters.redrive(one(2), {}, anna, now + 1h); });
        cut.world.heal();
        cut.crash();
        const auto reader = cut.store->reader().value();
        const DeadLetters letters{*reader};
        const auto entries = letters.audit(0, 0);
        const bool discarded = !letters.find(1);
        const bool redriven = letters.find(2)->state != "dead";
        EXPECT_EQ(entries.size(), (discarded ? 1U : 0U) + (redriven ? 1U : 0U));
        EXPECT_EQ(cut.status().discarded, discarded ? 1 : 0);
        EXPECT_EQ(cut.status().unaccounted(), 0);
        cut.settle();
        EXPECT_EQ(cut.handled(), discarded ? Texts{"later"} : Texts{});
        if (::testing::Test::HasFailure()) break;
    }
}

TEST_F(Letters, OfAStoppedServiceAreDealtWithThroughItsStore) {
    start();
    mended = true;
    bench.loop.reset();
    bench.store->begin().value();
    DeadLetters letters{bench.store->transaction()};
    EXPECT_EQ(letters.redrive(one(3), {}, anna, bench.world.now()).done, 1);
    EXPECT_EQ(letters.discard(one(1), 9, anna, bench.world.now()).done, 1);
    bench.store->commit().value();
    bench.kill();
    EXPECT_EQ(bench.status().unaccounted(), 0);
    EXPECT_EQ(bench.status().discarded, 1);
    bench.settle();
    Texts handled = bench.handled();
    EXPECT_EQ(std::count(handled.begin(), handled.end(), "bad three"), 1);
    std::erase(handled, "bad three");
    EXPECT_EQ(handled, (Texts{"good five", "good two", "good four"}));
}

TEST_F(Letters, ThatFailAgainAtOnceDoNotComeRoundInTheSameBulkAct) {
    bench.start();
    for (int i = 1; i <= 20; ++i) bench.send(i, "bad " + std::to_string(i));
    bench.settle();
    const int before = bench.calls;
    DeadLetterAct part;
    DeadLetters::Pace pace{.count_max = 8};
    int parts = 0;
    for (part.chosen = 1; part.remaining() > 0 && parts < 10; ++parts) {
        act([&](DeadLetters& letters) {
            part = letters.redrive(all(), pace, anna, bench.world.now());
        });
        pace.after = part.positions.back();
        bench.settle();
    }
    EXPECT_EQ(parts, 3);
    EXPECT_EQ(bench.calls, before + 20) << "each once, though all are dead again";
    EXPECT_EQ(bench.status().dead, 20);
}

TEST_F(Letters, ManyAreRedrivenInPartsThatAKillDoesNotUndo) {
    bench.start();
    for (int i = 1; i <= 50; ++i) bench.send(i, "bad " + std::to_string(i));
    bench.settle();
    mended = true;
    std::int64_t calls = 0;
    DeadLetterAct part;
    for (part.chosen = 1; part.remaining() > 0; ++calls) {
        act([&](DeadLetters& letters) {
            part = letters.redrive(all(), {.count_max = 8}, anna, bench.world.now());
        });
        if (calls % 2 == 0) bench.kill();
    }
    EXPECT_EQ(calls, 7);
    bench.settle();
    EXPECT_EQ(bench.handled().size(), 50U);
    EXPECT_EQ(audit().size(), 50U);
    expect_accounted();
}

}  // namespace
}  // namespace tidings
