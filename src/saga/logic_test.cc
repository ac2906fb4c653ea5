// The saga's rules, on their own: every pair of state and event has a defined result.
#include "saga/facts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

namespace tidings {
namespace {

using namespace facts;
using Names = std::vector<std::string>;

/// Something that may happen to an instance.
struct Input {
    std::string name;
    std::function<SagaReaction(const SagaLogic&, SagaInstance&)> apply;
};

template <Event E>
Input event() {
    return {std::string{E::name.value}, [](const SagaLogic& logic, SagaInstance& instance) {
                const E happened{.id = "o1", .reason = "because"};
                return logic.happened(instance, E::name, &happened);
            }};
}

std::vector<Input> inputs() {
    return {
        event<payment::Completed>(),
        event<payment::Failed>(),
        event<payment::Refunded>(),
        event<inventory::Reserved>(),
        event<inventory::Rejected>(),
        event<inventory::Released>(),
        event<shipping::Created>(),
        event<shipping::Delivered>(),
        event<shipping::Cancelled>(),
        event<shipping::Returned>(),
        {"cancellation",
         [](const SagaLogic& logic, SagaInstance& instance) {
             const Cancellation cause;
             return logic.failed(instance, saga_cancellation, &cause);
         }},
        {"deadline",
         [](const SagaLogic& logic, SagaInstance& instance) {
             const DeadlineExceeded cause{"step"};
             return logic.failed(instance, saga_deadline, &cause);
         }},
        {"undo is overdue", [](const SagaLogic& logic,
                               SagaInstance& instance) { return logic.undo_is_overdue(instance); }},
        {"made good",
         [](const SagaLogic& logic, SagaInstance& instance) { return logic.made_good(instance); }}};
}

class Logic : public ::testing::Test {
protected:
    Logic() : instance(begin()) {}
    SagaInstance begin() const {
        const order::Created created{.id = "o1"};
        return logic.start(&created);
    }
    Names happen(const std::string& name) {
        for (const Input& input : all) {
            if (input.name != name) continue;
            Names published;
            for (const PublishedEvent& said : input.apply(logic, instance).publish) {
                published.emplace_back(said.name.value);
            }
            return published;
        }
        ADD_FAILURE() << name;
        return {};
    }
    Names happen(const Names& names) {
        Names published;
        for (const std::string& name : names) {
            const Names said = happen(name);
            published.insert(published.end(), said.begin(), said.end());
        }
        return published;
    }
    SagaInstance copy(const SagaInstance& of) const {
        SagaInstance copied = of;
        copied.state = definition->copy_state(of.state.get());
        return copied;
    }

    std::shared_ptr<SagaDefinition> definition = fulfilment().definition();
    SagaLogic logic{*definition};
    std::vector<Input> all = inputs();
    SagaInstance instance;
};

TEST_F(Logic, GoesFromStepToStepToItsEnd) {
    EXPECT_EQ(happen("payment.completed"), Names{"order.payment_completed"});
    EXPECT_EQ(happen("inventory.reserved"), Names{"order.ready_for_shipping"});
    EXPECT_EQ(happen("shipping.created"), Names{});
    EXPECT_EQ(happen("shipping.delivered"), Names{"order.completed"});
    EXPECT_EQ(instance.progress.status, SagaStatus::completed);
    EXPECT_EQ(happen("cancellation"), Names{}) << "what is over stays as it is";
    EXPECT_EQ(happen("shipping.returned"), Names{});
    EXPECT_EQ(instance.progress.status, SagaStatus::completed);
}

TEST_F(Logic, KeepsAnEarlyAnswerForItsStep) {
    EXPECT_EQ(happen("shipping.created"), Names{});
    EXPECT_EQ(happen("inventory.reserved"), Names{});
    EXPECT_EQ(happen("inventory.reserved"), Names{});
    EXPECT_EQ(happen("payment.completed"),
              (Names{"order.payment_completed", "order.ready_for_shipping"}));
    EXPECT_EQ(instance.progress.awaited(), 3U);
    EXPECT_TRUE(instance.early.empty());
}

TEST_F(Logic, UndoesInReverseOrderOneAtATime) {
    happen(Names{"payment.completed", "inventory.reserved", "shipping.created"});
    EXPECT_EQ(happen("cancellation"), Names{"order.shipping_revoked"});
    EXPECT_EQ(happen("shipping.delivered"), Names{}) << "it does not complete any more";
    EXPECT_EQ(happen("shipping.returned"), Names{"order.reservation_revoked"});
    EXPECT_EQ(happen("inventory.released"), Names{"order.payment_revoked"});
    EXPECT_EQ(happen("payment.refunded"), Names{"order.cancelled"});
    EXPECT_EQ(instance.progress.status, SagaStatus::compensated);
    EXPECT_EQ(happen(Names{"payment.refunded", "inventory.released", "deadline"}), Names{});
}

TEST_F(Logic, UndoesWhatCameEarlyAsWell) {
    happen(Names{"payment.completed", "shipping.created"});
    EXPECT_EQ(happen("inventory.rejected"), Names{"order.shipping_revoked"});
    EXPECT_EQ(happen("shipping.cancelled"), Names{"order.payment_revoked"});
}

TEST_F(Logic, UndoesALateAnswerEvenWhenItIsOver) {
    EXPECT_EQ(happen("deadline"), Names{"order.cancelled"});
    EXPECT_EQ(happen("payment.completed"), Names{"order.payment_revoked"});
    EXPECT_EQ(happen("inventory.reserved"), Names{}) << "one undo at a time";
    EXPECT_EQ(happen("payment.refunded"), Names{"order.reservation_revoked"});
    EXPECT_EQ(happen("inventory.released"), Names{}) << "the end was told";
    EXPECT_EQ(happen("payment.completed"), Names{}) << "seen before";
}

TEST_F(Logic, AFailureMayUndoItsOwnStep) {
    happen(Names{"payment.completed", "inventory.reserved", "shipping.created"});
    EXPECT_EQ(happen("shipping.cancelled"), Names{"order.reservation_revoked"});
    EXPECT_EQ(instance.progress.reason, "because");
    EXPECT_TRUE(instance.progress.was_done(2));
}

TEST_F(Logic, AFailureMayUndoAnAnswerThatCameEarly) {
    happen(Names{"payment.completed", "shipping.created"});
    EXPECT_EQ(happen("shipping.cancelled"), Names{"order.payment_revoked"});
    EXPECT_EQ(happen("payment.refunded"), Names{"order.cancelled"});
}

/// Walks all ways of things to happen, to a depth, and lets each come to its end.
class EveryWay : public Logic {
protected:
    struct Path {
        SagaInstance instance;
        int ends = 0;
    };

    void take(Path& path, const Input& input) {
        const SagaProgress before = path.instance.progress;
        const SagaReaction reaction = input.apply(logic, path.instance);
        const SagaProgress& after = path.instance.progress;
        const auto undoing =
            std::count(after.steps.begin(), after.steps.end(), SagaStepState::undoing);
        ASSERT_LE(undoing, 1) << "two undos in flight";
        const bool goes_on =
            after.status == SagaStatus::compensating || after.status == SagaStatus::needs_operator;
        ASSERT_TRUE(!goes_on || undoing == 1) << "nothing is awaited: it would never end";
        for (std::size_t i = 0; i < after.steps.size(); ++i) {
            if (after.steps[i] != SagaStepState::undoing || after.steps[i] == before.steps[i]) {
                continue;
            }
            const auto later = after.steps.begin() + static_cast<std::ptrdiff_t>(i) + 1;
            ASSERT_EQ(std::count(later, after.steps.end(), SagaStepState::done), 0)
                << "not in reverse order";
        }
        for (const PublishedEvent& said : reaction.publish) {
            path.ends +=
                said.name.value == "order.completed" || said.name.value == "order.cancelled";
        }
        ASSERT_TRUE(reaction.moved || reaction.publish.empty());
    }
    /// The others answer each undo.
    void finish(Path path) {
        for (std::size_t i = 0; i < answers.size(); ++i) {
            const auto& steps = path.instance.progress.steps;
            const auto undoing = std::find(steps.begin(), steps.end(), SagaStepState::undoing);
            if (undoing == steps.end()) break;
            take(path, answers.at(static_cast<std::size_t>(undoing - steps.begin())));
        }
        const SagaProgress& end = path.instance.progress;
        ASSERT_EQ(path.ends, end.status == SagaStatus::running ? 0 : 1) << "the end is told once";
        ASSERT_NE(end.status, SagaStatus::needs_operator) << "an answer that comes late is used";
        if (end.status != SagaStatus::compensated) return;
        ASSERT_EQ(std::count(end.steps.begin(), end.steps.end(), SagaStepState::done), 0);
    }
    void walk(const Path& path, int depth, const std::string& way) {
        for (const Input& input : all) {
            if (HasFatalFailure()) return;
            Path next{copy(path.instance), path.ends};
            const std::string so_far = way + ' ' + input.name;
            ++paths;
            take(next, input);
            if (!HasFatalFailure()) finish(Path{copy(next.instance), next.ends});
            if (HasFatalFailure()) {
                ADD_FAILURE() << "after" << so_far;
                return;
            }
            if (depth > 1) walk(next, depth - 1, so_far);
        }
    }

    const std::vector<Input> answers{event<payment::Refunded>(), event<inventory::Released>(),
                                     event<shipping::Returned>()};
    std::uint64_t paths = 0;
};

TEST_F(EveryWay, HasAResultForEveryPairOfStateAndEvent) {
    const Names ways[] = {{},
                          {"payment.completed", "inventory.reserved"},
                          {"payment.completed", "inventory.reserved", "shipping.created"}};
    for (const Names& way : ways) {
        instance = begin();
        happen(way);
        walk({copy(instance), 0}, 4, "");
    }
    EXPECT_EQ(paths, 3U * (14 + 14 * 14 + 14 * 14 * 14 + 14 * 14 * 14 * 14));
}

TEST(SagaDefinition, RefusesWhatCannotRun) {
    EXPECT_NE(saga<Fulfilment>("x").definition()->check().error().message.find("no start"),
              std::string::npos);
    const auto start = [](const order::Created& event) { return Fulfilment{event.id, {}}; };
    const auto pay = [](Fulfilment&, const payment::Completed&) {};
    EXPECT_FALSE(saga<Fulfilment>("x").start(start).definition()->check());
    EXPECT_TRUE(saga<Fulfilment>("x").start(start).step("a", 0s, pay).definition()->check());
    EXPECT_FALSE(saga<Fulfilment>("x").start(start).step("a", 1s, pay).definition()->check())
        << "nothing says what happens when the deadline passes";
    const auto twice =
        saga<Fulfilment>("x").start(start).step("a", 0s, pay).step("b", 0s, pay).definition();
    EXPECT_NE(twice->check().error().message.find("step b"), std::string::npos);
}

}  // namespace
}  // namespace tidings
