/// The payment service of the command line's tests as its next build has it: a table more, and
/// taking what the one of platform.cc refuses, but for one.
#include <tidings/service/service.h>

#include <array>
#include <contracts/all.h>

namespace {

struct Payments {
    void on(const sample::order::Created& order, tidings::Transaction& tx) {
        if (order.order_id == "bad-2") {
            throw tidings::Failure{
                {tidings::ErrorCode::invalid_argument, "the card is still refused"}, true};
        }
        tx.execute("INSERT INTO captured (order_id, quantity) VALUES ($1, $2)", order.order_id,
                   order.quantity);
        tx.publish(sample::payment::Completed{.order_id = order.order_id});
    }
};

}  // namespace

int main(int argc, char** argv) {
    static constexpr std::array schema{tidings::Migration{
        1, "captured",
        "CREATE TABLE captured (order_id TEXT PRIMARY KEY, quantity BIGINT NOT NULL);"}};
    tidings::Service service{"payment-service", argc, argv};
    Payments payments;
    service.schema(schema);
    service.contracts(sample::contracts(), sample::contracts_json());
    service.on<sample::order::Created>(payments);
    return service.run();
}
