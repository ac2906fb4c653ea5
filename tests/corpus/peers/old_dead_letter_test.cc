// Dead letters that are read with today's schema.
//
// gojek/ziggurat#133: what version 2 had put into its dead set, version 3 could not replay: the
// form in which messages are wrapped had changed meanwhile. AxonIQ/AxonFramework PR#3126: to become
// a dead letter an event was read and written anew, which is what had failed with it.
//
// Not here: a dead letter is kept as the bytes that came, and read again by the version that its
// own envelope names, with whatever the present build knows of that version.
#include "peers.h"

namespace tidings::peers {
namespace {

/// The event of tomorrow: what was `id` and `reason` is one field.
struct CreatedTomorrow {
    static constexpr EventName name{"order.created", 2};
    static constexpr std::string_view version = "2.0.0";
    std::string order{};

    friend std::string key_of(const CreatedTomorrow& event) { return event.order; }
    friend Result<void> validate(const CreatedTomorrow&) { return {}; }
    friend void write_data(json::Writer& writer, const CreatedTomorrow& event) {
        writer.begin_object();
        writer.name("order");
        writer.text(event.order);
        writer.end_object();
    }
    friend Result<void> read_data(json::Reader& reader, CreatedTomorrow& event) {
        std::string_view field;
        reader.begin_object();
        while (reader.next_field(field)) {
            if (field == "order") event.order = reader.text();
        }
        if (event.order.empty()) reader.missing("order");
        if (reader.failed()) return reader.error();
        return {};
    }
};

/// Version 1 of the service knows version 1 of the event; version 2 knows both.
class PaymentsOfTwoVersions : public PaymentService {
public:
    PaymentsOfTwoVersions(int build, const HandleOrder& handle) : PaymentService(handle) {
        if (build > 1) service.on<CreatedTomorrow>(*this);
    }
    using PaymentService::on;
    void on(const CreatedTomorrow& event, Transaction& tx) {
        on(order::Created{event.order, "of tomorrow"}, tx);
    }
};

TEST(Peers, ReadADeadLetterByItsOwnVersion) {
    Flow flow;
    auto build = std::make_shared<int>(1);
    auto handle = std::make_shared<HandleOrder>([](const order::Created& event, Transaction&) {
        if (event.reason == "old") throw Failure{{ErrorCode::not_found, "a bug of build 1"}};
    });
    flow.service("payment-service", [build, handle] {
        return whole(std::make_shared<PaymentsOfTwoVersions>(*build, *handle));
    });
    flow.publish(order::Created{"o1", "old"});
    flow.publish(CreatedTomorrow{"o2"});
    EXPECT_TRUE(
        flow.then(in("payment-service", dead_letter<order::Created>(ErrorCode::not_found)),
                  in("payment-service", dead_letter<CreatedTomorrow>(ErrorCode::unsupported))));

    flow.pass(24h * 90);
    flow.kill("payment-service");
    *build = 2;
    *handle = nullptr;
    flow.start("payment-service");
    flow.redrive("payment-service");
    flow.pass(1min);

    EXPECT_TRUE(flow.then(published(payment::Completed{"o1", "old"}),
                          published(payment::Completed{"o2", "of tomorrow"})));
    EXPECT_TRUE(flow.then_all_is_done());
}

}  // namespace
}  // namespace tidings::peers
