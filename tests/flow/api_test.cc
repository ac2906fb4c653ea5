// The shop's HTTP API: what it promises to clients, and what it answers to bad input.
#include "shop_api.h"

#include <set>
#include <sstream>

namespace shop::testing {
namespace {

// ------------------------------------------------------------------------------------- happy path

TEST_F(ShopApi, TakesAnOrderFromAClientToItsCompletion) {
    const json user{{"userId", "rosa"}, {"email", "rosa@example.com"}, {"phone", "+5511999990000"}};
    const HttpResponse made = post("/users", user);
    EXPECT_EQ(made.status, 202) << made.body;
    EXPECT_EQ(made.headers.at("location"), "/users/rosa");
    EXPECT_EQ(api().json("/users/rosa"), user);
    EXPECT_EQ(post("/products", {{"productId", "lamp"}, {"title", "Lamp"}}).status, 202);
    EXPECT_EQ(api().send("PUT", "/stock/lamp", R"({"quantity":5})").status, 200);
    await_quiet();

    json wanted = order("mine", {item("lamp", 3)}, {payment("credit_card", 2, "64.70")});
    wanted["userId"] = "rosa";
    wanted["purchasedAt"] = "2026-11-23T10:00:00.000Z";
    const HttpResponse answer = post("/orders", wanted);
    ASSERT_EQ(answer.status, 202) << answer.body;
    const json summary = json::parse(answer.body);
    EXPECT_EQ(summary.at("status"), "PENDING_VALIDATION");
    EXPECT_EQ(answer.headers.at("location"), "/orders/" + summary.at("id").get<std::string>());

    const json done = await(answer.headers.at("location"), "COMPLETED");
    for (const auto& [name, value] : wanted.items()) EXPECT_EQ(done.at(name), value) << name;
    EXPECT_EQ(done.at("total"), "64.70");
    EXPECT_EQ(done.at("email"), "rosa@example.com");
    EXPECT_EQ(done.at("phone"), "+5511999990000");
    EXPECT_EQ(api().json("/orders?reference=mine"), done);
    await_quiet();
    const json stock = api().json("/stock/lamp");
    EXPECT_EQ(stock.at("available"), 2) << stock;
    EXPECT_EQ(stock.at("reserved"), 0) << stock;
    EXPECT_EQ(stock.at("shipped"), 3) << stock;
    stop();
    expect_invariants(data());
}

TEST_F(ShopApi, RejectsAnOrderOfAnUnknownProductByEvent) {
    const HttpResponse answer =
        post("/orders",
             order("odd", {item("p1", 1), item("nothing", 1), item("nowhere", 2)}, json::array()));
    ASSERT_EQ(answer.status, 202) << answer.body;
    const json rejected = await(answer.headers.at("location"), "REJECTED");
    EXPECT_EQ(rejected.at("reason"), "INVALID_PRODUCTS");
    EXPECT_EQ(rejected.at("invalidItems"), json({"nothing", "nowhere"}));
    EXPECT_EQ(post("/orders/" + rejected.at("id").get<std::string>() + "/cancellation", {}).status,
              409);
    stop();
    expect_invariants(data());
}

TEST_F(ShopApi, CancelsAnOrderThatStockDoesNotLastFor) {
    EXPECT_EQ(api().send("PUT", "/stock/p2", R"({"quantity":5})").status, 200);
    const HttpResponse answer =
        post("/orders", order("", {item("p2", 3), item("p2", 3)}, {payment("boleto", 1, "1.00")}));
    const json cancelled = await(answer.headers.at("location"), "CANCELLED");
    EXPECT_EQ(cancelled.at("reason"), "INVENTORY_REJECTED");
    await_quiet();
    EXPECT_EQ(api().json("/stock/p2").at("available"), 5);
    stop();
    expect_invariants(data());
}

TEST_F(ShopApi, TakesWhatRealOrdersHold) {
    const std::vector<json> odd{
        order("unpaid", {item("p1", 1)}, json::array()),
        order("free", {item("p1", 1)}, {payment("voucher", 1, "0.00")}),
        order("undefined", {item("p1", 1)}, {payment("not_defined", 1, "0.00")}),
        order("no-installments", {item("p1", 1)}, {payment("credit_card", 0, "24.90")}),
        order("one-centavo", {item("p1", 1)}, {payment("boleto", 1, "0.01")}),
        order("a-thousand-lines", json(1000, item("p1", 1)), {payment("boleto", 1, "24900.00")}),
    };
    EXPECT_EQ(api().send("PUT", "/stock/p1", R"({"unlimited":true})").status, 200);
    for (const json& each : odd) {
        const HttpResponse answer = post("/orders", each);
        ASSERT_EQ(answer.status, 202) << answer.body;
        const json done = await(answer.headers.at("location"), "COMPLETED");
        EXPECT_EQ(done.at("payments"), each.at("payments"));
        EXPECT_EQ(done.at("items"), each.at("items"));
    }
    json unpaid = plain_order("unpaid-too");
    unpaid.erase("payments");
    EXPECT_EQ(order_at(post("/orders", unpaid)).at("total"), "0.00");
}

// ----------------------------------------------------------------------------------- again the
// same

TEST_F(ShopApi, AnswersTheSameAgainAsTheFirstTime) {
    const json wanted = plain_order("once");
    const HttpResponse by_reference = post("/orders", wanted);
    const HttpResponse by_key =
        post("/orders", plain_order(""), {{"idempotency-key", "the key; with \"signs\""}});
    ASSERT_EQ(by_reference.status, 202);
    ASSERT_EQ(by_key.status, 202);
    EXPECT_NE(by_reference.body, by_key.body);
    const auto expect_same = [&] {
        for (int i = 0; i < 3; ++i) {
            const HttpResponse reference = post("/orders", wanted);
            EXPECT_EQ(reference.status, 202);
            EXPECT_EQ(reference.headers.at("location"), by_reference.headers.at("location"));
            EXPECT_EQ(reference.body, by_reference.body);
            const HttpResponse key =
                post("/orders", plain_order(""), {{"idempotency-key", "the key; with \"signs\""}});
            EXPECT_EQ(key.status, 202);
            EXPECT_EQ(key.headers.at("location"), by_key.headers.at("location"));
            EXPECT_EQ(key.body, by_key.body);
        }
        // Written otherwise, it is the same order.
        const HttpResponse spaced = api().send("POST", "/orders", wanted.dump(4));
        EXPECT_EQ(spaced.headers.at("location"), by_reference.headers.at("location"));
    };
    expect_same();
    await(by_reference.headers.at("location"), "COMPLETED");
    expect_same();
    stop();
    start();
    expect_same();
    process().end(SIGKILL);
    start();
    expect_same();
    await_quiet();
    stop();
    expect_invariants(data());
}

TEST_F(ShopApi, RefusesOtherContentUnderAKnownKeyOrReference) {
    ASSERT_EQ(post("/orders", plain_order("taken"), {{"idempotency-key", "k"}}).status, 202);
    const json before = await_quiet();
    const auto refused = [this](const json& body, const std::string& key, int status,
                                std::string_view says) {
        tidings::io::HttpHeaders headers;
        if (!key.empty()) headers["idempotency-key"] = key;
        const HttpResponse answer = post("/orders", body, headers);
        EXPECT_EQ(answer.status, status) << answer.body;
        EXPECT_EQ(answer.content_type, "application/problem+json");
        EXPECT_NE(answer.body.find(says), std::string::npos) << answer.body;
    };
    json other = plain_order("taken");
    other["items"][0]["quantity"] = 2;
    refused(other, "", 409, "the reference taken");
    refused(other, "k", 422, "Idempotency-Key");
    refused(other, "k2", 409, "the reference taken");
    refused(plain_order("not-taken"), "k", 422, "Idempotency-Key");
    json later = plain_order("taken");
    later["purchasedAt"] = "2026-11-23T10:00:00.000Z";
    refused(later, "", 409, "the reference taken");
    EXPECT_EQ(api().status_of("not-taken"), "");
    EXPECT_EQ(await_quiet().at("order-service").at("published"),
              before.at("order-service").at("published"));

    const json user{
        {"userId", "anna"}, {"email", "other@example.com"}, {"phone", "+5511999990000"}};
    EXPECT_EQ(post("/users", user).status, 409) << "of an import anna is there, and differs";
    EXPECT_EQ(
        post("/orders", plain_order("x"), {{"idempotency-key", std::string(256, 'k')}}).status,
        400);
}

// -------------------------------------------------------------------------------------
// cancellation

TEST_F(ShopApi, CancelsWhatIsOpenAndMakesGoodWhatWasDone) {
    struct Open {
        const char* reference;
        const char* status;
    };
    for (const Open& open : {Open{"created", "VALIDATED"}, Open{"approved", "PAID"},
                             Open{"invoiced", "RESERVED"}, Open{"shipped", "IN_TRANSIT"}}) {
        const json before = api().json("/orders?reference=" + std::string{open.reference});
        ASSERT_EQ(before.at("status"), open.status) << open.reference;
        const std::string location = "/orders/" + before.at("id").get<std::string>();
        const HttpResponse answer = api().send("POST", location + "/cancellation");
        EXPECT_EQ(answer.status, 202) << answer.body;
        EXPECT_EQ(answer.headers.at("location"), location);
        EXPECT_EQ(api().send("POST", location + "/cancellation").status, 202);
        const json cancelled = await(location, "CANCELLED");
        EXPECT_EQ(cancelled.at("reason"), "CANCELLED_BY_CUSTOMER");
        const HttpResponse again = api().send("POST", location + "/cancellation");
        EXPECT_EQ(again.status, 202) << "cancelled it was to be, and is";
        EXPECT_EQ(json::parse(again.body).at("status"), "CANCELLED");
    }
    await_quiet();
    const json stock = api().json("/stock/p1");
    EXPECT_EQ(stock.at("reserved"), 0) << stock;
    EXPECT_EQ(stock.at("available"), 999) << "one was delivered: " << stock;
    stop();
    expect_invariants(data());
}

TEST_F(ShopApi, RefusesToCancelWhatIsUnknownOrOver) {
    const json delivered = api().json("/orders?reference=delivered");
    ASSERT_EQ(delivered.at("status"), "COMPLETED");
    const HttpResponse late =
        api().send("POST", "/orders/" + delivered.at("id").get<std::string>() + "/cancellation");
    EXPECT_EQ(late.status, 409) << late.body;
    EXPECT_EQ(late.content_type, "application/problem+json");
    EXPECT_NE(late.body.find("COMPLETED"), std::string::npos) << late.body;
    EXPECT_EQ(api().json("/orders?reference=delivered"), delivered);

    for (const std::string id :
         {"00000000-0000-4000-8000-000000000000", "delivered", "%00", "%27"}) {
        const HttpResponse unknown = api().send("POST", "/orders/" + id + "/cancellation");
        EXPECT_TRUE(unknown.status == 404 || (id == "%00" && unknown.status == 400))
            << id << ": " << unknown.status << ' ' << unknown.body;
        EXPECT_EQ(unknown.content_type, "application/problem+json");
    }
}

// ------------------------------------------------------------------------------------------- users

TEST_F(ShopApi, BringsANewContactToOpenOrdersAlone) {
    ASSERT_EQ(api().json("/orders?reference=shipped").at("email"), "anna@example.com");
    const HttpResponse changed =
        api().send("PATCH", "/users/anna", R"({"email":"anna@new.example.com"})");
    EXPECT_EQ(changed.status, 202) << changed.body;
    await_quiet();
    for (const char* open : {"created", "approved", "invoiced", "shipped"}) {
        const json order = api().json("/orders?reference=" + std::string{open});
        EXPECT_EQ(order.at("email"), "anna@new.example.com") << open;
        EXPECT_FALSE(order.at("phone").get<std::string>().empty()) << "what is left out stays";
    }
    for (const char* over : {"delivered", "recalled"}) {
        EXPECT_EQ(api().json("/orders?reference=" + std::string{over}).at("email"),
                  "anna@example.com");
    }
    EXPECT_EQ(api().json("/users/anna").at("email"), "anna@new.example.com");
    EXPECT_EQ(api().send("PATCH", "/users/nobody", R"({"email":"a@example.com"})").status, 404);
}

// --------------------------------------------------------------------------------- looking after
// it

TEST_F(ShopApi, ShowsHealthAndMetrics) {
    EXPECT_EQ(api().json("/health/live"), json({{"live", true}}));
    const json ready = api().json("/health/ready");
    EXPECT_EQ(ready.at("ready"), true);
    EXPECT_EQ(ready.at("services").size(), 7u);
    for (const json& service : ready.at("services")) EXPECT_EQ(service.at("status"), "up");

    const HttpResponse metrics = api().get("/metrics");
    EXPECT_EQ(metrics.status, 200);
    EXPECT_EQ(metrics.content_type.rfind("text/plain", 0), 0u) << metrics.content_type;
    std::istringstream lines{metrics.body};
    std::set<std::string> typed;
    std::set<std::string> series;
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words{line};
        std::string first;
        words >> first;
        if (first == "#") {
            std::string kind;
            std::string name;
            words >> kind >> name;
            EXPECT_TRUE(kind == "HELP" || kind == "TYPE") << line;
            EXPECT_TRUE(kind != "TYPE" || typed.insert(name).second) << "twice: " << line;
            continue;
        }
        const std::size_t end = line.rfind(' ');
        ASSERT_NE(end, std::string::npos) << line;
        EXPECT_TRUE(series.insert(line.substr(0, end)).second) << "twice: " << line;
        std::size_t read = 0;
        EXPECT_NO_THROW(std::stod(line.substr(end + 1), &read)) << line;
        EXPECT_EQ(read, line.size() - end - 1) << line;
    }
    EXPECT_TRUE(series.contains("tidings_unaccounted_events{service=\"order-service\"}"))
        << metrics.body;
    EXPECT_GT(typed.size(), 10u);
}

TEST_F(ShopApi, TakesTheCorrelationIdOverIntoEveryEventOfTheFlow) {
    const std::string correlation = "11111111-2222-4333-8444-555555555555";
    const HttpResponse answer =
        post("/orders", plain_order("traced"), {{"x-correlation-id", correlation}});
    ASSERT_EQ(answer.status, 202);
    await(answer.headers.at("location"), "COMPLETED");
    await_quiet();
    const Ran log =
        run({tidings_program, "log", "--data", data(), "--correlation", correlation, "--json"});
    EXPECT_EQ(log.status, 0) << log.err;
    std::multiset<std::string> types;
    std::istringstream lines{log.out};
    for (std::string line; std::getline(lines, line);) {
        const json event = json::parse(line);
        EXPECT_EQ(event.at("envelope").at("correlationId"), correlation) << line;
        if (event.contains("downcast")) continue;  // The same event in older words.
        types.insert(event.at("envelope").at("type").get<std::string>());
    }
    EXPECT_EQ(types, (std::multiset<std::string>{
                         "order.pending_validation", "product.validation_completed",
                         "order.created", "payment.completed", "order.payment_completed",
                         "inventory.reserved", "order.ready_for_shipping", "shipping.created",
                         "shipping.delivered", "order.completed"}));
}

}  // namespace
}  // namespace shop::testing
