// Bad input over HTTP: an answer of the 4xx family that says what and where; nothing stored,
// nothing published.
#include "shop_api.h"

namespace shop::testing {
namespace {

struct Bad {
    std::string what;
    int status;
    std::string says;  ///< A part of the answer.
    std::string body;
    std::string method = "POST";
    std::string target = "/orders";
};

/// An order whose text is changed at one place.
std::string changed(const std::string& from, const std::string& to) {
    std::string text =
        R"({"reference":"bad","userId":"anna","items":[{"productId":"p1","quantity":1,)"
        R"("unitPrice":"19.90","freight":"5.00"}],)"
        R"("payments":[{"type":"boleto","installments":1,"amount":"24.90"}]})";
    const std::size_t at = text.find(from);
    if (at == std::string::npos) {
        ADD_FAILURE() << from;
        return text;
    }
    return text.replace(at, from.size(), to);
}

std::string with_items(std::size_t count) {
    const std::string one =
        R"({"productId":"p1","quantity":1,"unitPrice":"1.00","freight":"0.00"})";
    std::string items = one;
    for (std::size_t i = 1; i < count; ++i) items += ',' + one;
    return R"({"reference":"bad","userId":"anna","items":[)" + items + "]}";
}

std::string nested(int depth) {
    const auto count = static_cast<std::size_t>(depth);
    return changed("\"boleto\"", std::string(count, '[') + std::string(count, ']'));
}

std::vector<Bad> broken_text() {
    return {
        {"nothing", 400, "", ""},
        {"no JSON", 400, "", "order me a lamp"},
        {"cut", 400, "", changed("}]}", "")},
        {"more after it", 400, "", changed("}]}", "}]} {}")},
        {"an array", 400, "object", "[]"},
        {"null", 400, "object", "null"},
        {"a comma too many", 400, "", changed("\"anna\",", "\"anna\",,")},
        {"a lone surrogate", 400, "", changed("\"anna\"", R"("\ud800")")},
        {"a control character", 400, "", changed("anna", "an\nna")},
        {"no UTF-8", 400, "UTF-8", changed("anna", "ann\xff")},
        {"UTF-8 of a surrogate", 400, "UTF-8", changed("anna", "ann\xed\xa0\x80")},
        {"UTF-8 too long", 400, "UTF-8", changed("anna", "ann\xc0\xaf")},
        {"a name twice", 400, "userId", changed("\"userId\"", "\"userId\":\"b\",\"userId\"")},
        {"nested deeply", 400, "nest", nested(100)},
        {"nested very deeply", 400, "nest", nested(100'000)},
        {"nested deeply in a field nobody knows", 400, "nest",
         changed("\"anna\"", "\"anna\",\"x\":" + std::string(90, '[') + std::string(90, ']'))},
    };
}

std::vector<Bad> broken_values() {
    return {
        {"no user", 400, "/userId", changed("\"userId\":\"anna\",", "")},
        {"no items at all", 400, "/items", R"({"reference":"bad","userId":"anna"})"},
        {"an empty order", 400, "/items", R"({"reference":"bad","userId":"anna","items":[]})"},
        {"1,001 lines", 400, "/items", with_items(1001)},
        {"100,000 lines", 413, "", with_items(100'000)},
        {"100,000 lines that are none", 400, "/items/0",
         R"({"reference":"bad","userId":"anna","items":[1)" +
             [] {
                 std::string ones;
                 for (int i = 1; i < 100'000; ++i) ones += ",1";
                 return ones;
             }() +
             "]}"},
        {"a body over the limit", 413, "", changed("anna", std::string(1'200'000, 'a'))},
        {"a number as user", 400, "/userId", changed("\"anna\"", "7")},
        {"an object as items", 400, "/items", changed("[{\"productId\"", "{\"x\":[{\"productId\"")},
        {"a line that is none", 400, "/items/0", R"({"userId":"anna","items":["p1"]})"},
        {"a number as money", 400, "/items/0/unitPrice", changed("\"19.90\"", "19.90")},
        {"an integer as money", 400, "/payments/0/amount", changed("\"24.90\"", "2490")},
        {"a negative price", 400, "/items/0/unitPrice", changed("19.90", "-19.90")},
        {"a negative freight", 400, "/items/0/freight", changed("5.00", "-5.00")},
        {"a negative payment", 400, "/payments/0/amount", changed("24.90", "-0.01")},
        {"three places", 400, "/items/0/unitPrice", changed("19.90", "19.900")},
        {"one place", 400, "/items/0/unitPrice", changed("19.90", "19.9")},
        {"a comma", 400, "/items/0/unitPrice", changed("19.90", "19,90")},
        {"an exponent", 400, "/items/0/unitPrice", changed("19.90", "1e2")},
        {"not a number", 400, "/items/0/unitPrice", changed("19.90", "NaN")},
        {"more than 64 bits of money", 400, "/items/0/unitPrice",
         changed("19.90", "99999999999999999999999.00")},
        {"no units", 400, "/items/0/quantity", changed("\"quantity\":1", "\"quantity\":0")},
        {"negative units", 400, "/items/0/quantity", changed("\"quantity\":1", "\"quantity\":-1")},
        {"half a unit", 400, "/items/0/quantity", changed("\"quantity\":1", "\"quantity\":0.5")},
        {"units as text", 400, "/items/0/quantity",
         changed("\"quantity\":1", "\"quantity\":\"1\"")},
        {"more than 64 bits of units", 400, "/items/0/quantity",
         changed("\"quantity\":1", "\"quantity\":18446744073709551617")},
        {"negative installments", 400, "/payments/0/installments",
         changed("\"installments\":1", "\"installments\":-1")},
        {"a day that never was", 400, "/purchasedAt",
         changed("\"anna\"", "\"anna\",\"purchasedAt\":\"2017-02-30T00:00:00.000Z\"")},
        {"a reference too long", 400, "/reference",
         changed("\"bad\"", '"' + std::string(65, 'b') + '"')},
        {"a reference with a blank", 400, "/reference", changed("\"bad\"", "\"b d\"")},
        {"null as reference", 400, "/reference", changed("\"bad\"", "null")},
        {"a line with a field nobody knows", 400, "/items/0/colour",
         changed("\"quantity\":1", "\"quantity\":1,\"colour\":\"red\"")},
    };
}

std::vector<Bad> broken_otherwise() {
    return {
        {"an unknown path", 404, "/nowhere", "{}", "POST", "/nowhere"},
        {"an unknown path to read", 404, "/orders/a/b", "", "GET", "/orders/a/b"},
        {"a path that leads out", 404, "", "", "GET", "/../../etc/passwd"},
        {"a path that leads out, encoded", 400, "", "", "GET", "/orders/..%2f..%2fetc"},
        {"a path that is no UTF-8", 400, "", "", "GET", "/orders/%ff"},
        {"a wrong method", 405, "POST", "", "DELETE", "/orders"},
        {"a wrong method on one", 405, "GET", "{}", "PUT", "/orders/x"},
        {"a method nobody knows", 501, "BREW", "", "BREW", "/orders"},  // As RFC 9110 has it.
        {"an unknown order", 404, "x", "", "GET", "/orders/x"},
        {"an unknown reference", 404, "nope", "", "GET", "/orders?reference=nope"},
        {"no reference", 400, "reference", "", "GET", "/orders"},
        {"an injection", 404, "", "", "GET", "/orders?reference=%27%20OR%201=1--"},
        {"a user without a mail address", 400, "/email", R"({"phone":"+5511999990000"})", "POST",
         "/users"},
        {"a mail address that is none", 400, "/email",
         R"({"email":"at home","phone":"+5511999990000"})", "POST", "/users"},
        {"a phone number that is none", 400, "/phone",
         R"({"email":"a@example.com","phone":"call me"})", "POST", "/users"},
        {"a change to no phone number", 400, "/phone", R"({"phone":""})", "PATCH", "/users/anna"},
        {"a product without an id", 400, "/productId", "{}", "POST", "/products"},
        {"negative stock", 400, "/quantity", R"({"quantity":-1})", "PUT", "/stock/p1"},
        {"stock as text", 400, "/quantity", R"({"quantity":"5"})", "PUT", "/stock/p1"},
        {"an event nobody owns", 404, "/type", R"({"type":"moon.rose","data":{}})", "POST",
         "/events"},
        {"an event that breaks its contract", 400, "/orderId",
         R"({"type":"order.completed","data":{"orderId":7}})", "POST", "/events"},
    };
}

class BadInput : public ShopApi {
protected:
    /// What would change if something was stored or published.
    json counters() {
        json counters;
        const json status = await_quiet();
        for (const auto& [name, service] : status.items()) {
            for (const char* counter : {"published", "accepted", "done", "dead", "effectsOpen"}) {
                counters[name][counter] = service.at(counter);
            }
        }
        return counters;
    }

    void expect_refused(const std::vector<Bad>& table) {
        const json before = counters();
        for (const Bad& bad : table) {
            const HttpResponse answer = api().send(bad.method, bad.target, bad.body);
            EXPECT_EQ(answer.status, bad.status) << bad.what << ": " << answer.body;
            EXPECT_EQ(answer.content_type, "application/problem+json") << bad.what;
            const json problem = json::parse(answer.body, nullptr, false);
            ASSERT_TRUE(problem.is_object()) << bad.what << ": " << answer.body;
            EXPECT_EQ(problem.value("status", 0), answer.status) << bad.what;
            EXPECT_FALSE(problem.value("title", "").empty()) << bad.what;
            EXPECT_FALSE(problem.value("detail", "").empty()) << bad.what;
            EXPECT_LT(answer.body.size(), 2000u)
                << bad.what << ": what is hostile is quoted in part";
            if (bad.says.rfind('/', 0) == 0 && bad.status == 400) {
                EXPECT_EQ(problem.value("pointer", ""), bad.says)
                    << bad.what << ": " << answer.body;
            }
            EXPECT_NE(answer.body.find(bad.says), std::string::npos)
                << bad.what << ": " << answer.body;
        }
        EXPECT_EQ(counters(), before);
        EXPECT_EQ(api().status_of("bad"), "");
        // It is as well as before.
        EXPECT_EQ(api().json("/health/ready").at("ready"), true);
        await(post("/orders", plain_order("good")).headers.at("location"), "COMPLETED");
        stop();
        expect_invariants(data());
    }
};

TEST_F(BadInput, ThatIsBrokenText) { expect_refused(broken_text()); }

TEST_F(BadInput, OfWrongValues) { expect_refused(broken_values()); }

TEST_F(BadInput, ElsewhereThanInOrders) { expect_refused(broken_otherwise()); }

}  // namespace
}  // namespace shop::testing
