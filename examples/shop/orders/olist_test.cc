#include "orders/olist.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>
#include <string>

namespace shop {
namespace {

/// The five files of a small, correct data set; a test breaks one of them.
struct Files {
    std::string customers =
        "customer_id,customer_unique_id,customer_city\n"
        "c1,anna,natal\n"
        "c2,bela,belem\n"
        "c3,anna,natal\n";
    std::string products =
        "product_id,product_category_name\n"
        "p1,artes\n"
        "p2,\n";
    std::string orders =
        "order_id,customer_id,order_status,order_purchase_timestamp,order_approved_at,"
        "order_delivered_carrier_date,order_delivered_customer_date\n"
        "o2,c2,shipped,2017-10-02 10:56:33,2017-10-02 11:07:15,2017-10-04 19:55:00,\n"
        "o1,c1,delivered,2017-10-02 10:56:33,,,\n"
        "o3,c3,canceled,2016-02-29 00:00:00,2016-03-01 00:00:00,,\n";
    std::string items =
        "order_id,order_item_id,product_id,price,freight_value\n"
        "o1,2,p2,0.00,0.00\n"
        "o1,1,p1,58.90,13.29\n"
        "o2,1,p1,58.90,0.10\n";
    std::string payments =
        "order_id,payment_sequential,payment_type,payment_installments,payment_value\n"
        "o1,2,voucher,1,10.00\n"
        "o1,1,credit_card,8,62.19\n"
        "o3,1,not_defined,0,0.00\n";
};

tidings::Result<OrderBook> read(const Files& files) {
    std::istringstream customers{files.customers};
    std::istringstream products{files.products};
    std::istringstream orders{files.orders};
    std::istringstream items{files.items};
    std::istringstream payments{files.payments};
    return read_olist(std::array<OlistFile, 5>{{{"customers", &customers},
                                                {"products", &products},
                                                {"orders", &orders},
                                                {"items", &items},
                                                {"payments", &payments}}});
}

/// Expects the refusal when `from` in `part` is replaced by `to`.
void expect_refused(std::string Files::*part, const std::string& from, const std::string& to,
                    const std::string& message) {
    Files files;
    auto& text = files.*part;
    const auto at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
    const auto book = read(files);
    ASSERT_FALSE(book.has_value()) << to;
    EXPECT_EQ(book.error().message, message);
    EXPECT_FALSE(book.error().hint.empty()) << "a refusal says what to do";
}

TEST(Olist, JoinsTheFilesIntoOrdersInPurchaseOrder) {
    const OrderBook book = read({}).value();
    ASSERT_EQ(book.orders.size(), 3u);
    EXPECT_EQ(book.orders[0].reference, "o3");
    EXPECT_EQ(book.orders[1].reference, "o1") << "of two in the same second, the lower id";
    EXPECT_EQ(book.orders[2].reference, "o2");

    const SourceOrder& order = book.orders[1];
    EXPECT_EQ(order.user_id, "anna");
    EXPECT_EQ(tidings::to_string(order.purchased_at), "2017-10-02T10:56:33.000Z");
    EXPECT_EQ(order.items, (std::vector<SourceItem>{{"p1", 1, {5890}, {1329}}, {"p2", 1, {}, {}}}));
    EXPECT_EQ(order.payments, (std::vector<SourcePayment>{{PaymentType::credit_card, 8, {6219}},
                                                          {PaymentType::voucher, 1, {1000}}}));
    EXPECT_EQ(item_rows(order), 2);
    EXPECT_EQ(order_total(order).cents, 7219);
    EXPECT_EQ(paid_amount(order).cents, 7219);
    EXPECT_EQ(book.orders[2].payments.size(), 0u);
}

TEST(Olist, GivesAnOrderWithoutItemsOneUnitOfTheUnlistedProduct) {
    const OrderBook book = read({}).value();
    const SourceOrder& order = book.orders[0];
    EXPECT_EQ(order.items, (std::vector<SourceItem>{{"unlisted", 1, {}, {}}}));
    EXPECT_EQ(item_rows(order), 0);
    EXPECT_EQ(item_units(order), 0);
    EXPECT_EQ(order.story, Story::cancelled_before_reservation);
}

TEST(Olist, ListsEachPersonAndProductOnce) {
    const OrderBook book = read({}).value();
    EXPECT_EQ(book.users, (std::vector<SourceUser>{{"anna"}, {"bela"}}));
    EXPECT_EQ(book.products,
              (std::vector<SourceProduct>{{"p1", 1000}, {"p2", 1000}, {"unlisted", std::nullopt}}));
}

TEST(Olist, NamesTheFilesReadWithTheirDigests) {
    const OrderBook book = read({}).value();
    ASSERT_EQ(book.files.size(), 5u);
    EXPECT_EQ(book.files[2].name, "olist_orders_dataset.csv");
    Files other;
    other.orders.replace(other.orders.find("shipped"), 7, "created");
    EXPECT_NE(read(other).value().files[2], book.files[2]);
    EXPECT_EQ(read(other).value().files[3], book.files[3]);
}

TEST(Olist, TellsAnOrdersStoryFromItsStatusAndTimes) {
    const std::string canceled = "canceled,2016-02-29 00:00:00,2016-03-01 00:00:00,,";
    const std::string item = "o3,1,p1,1.00,0.00\n";
    struct Case {
        std::string status;
        bool has_items;
        Story story;
    };
    for (const Case& given : std::vector<Case>{
             {"delivered,2016-02-29 00:00:00,,,", true, Story::delivered},
             {"shipped,2016-02-29 00:00:00,,,", false, Story::stays_in_transit},
             {"invoiced,2016-02-29 00:00:00,,,", true, Story::not_picked_up},
             {"processing,2016-02-29 00:00:00,,,", true, Story::not_picked_up},
             {"approved,2016-02-29 00:00:00,,,", true, Story::unanswered_by_warehouse},
             {"created,2016-02-29 00:00:00,,,", false, Story::unanswered_by_gateway},
             {"unavailable,2016-02-29 00:00:00,,,", false, Story::not_in_the_warehouse},
             {"canceled,2016-02-29 00:00:00,,,", true, Story::payment_declined},
             {canceled, false, Story::cancelled_before_reservation},
             {canceled, true, Story::cancelled_after_reservation},
             {"canceled,2016-02-29 00:00:00,2016-03-01 00:00:00,2016-03-02 00:00:00,", true,
              Story::cancelled_in_transit},
             {"canceled,2016-02-29 00:00:00,2016-03-01 00:00:00,2016-03-02 00:00:00,"
              "2016-03-03 00:00:00",
              true, Story::returned_after_delivery}}) {
        Files files;
        files.orders.replace(files.orders.find(canceled), canceled.size(), given.status);
        if (given.has_items) files.items += item;
        EXPECT_EQ(to_string(read(files).value().orders[0].story), to_string(given.story))
            << given.status;
    }
}

TEST(Olist, RefusesIdsThatAreNone) {
    expect_refused(&Files::customers, "c2,", ",",
                   R"(customers:3: column 'customer_id': "" is not an id)");
    expect_refused(&Files::customers, "bela", "be la",
                   R"(customers:3: column 'customer_unique_id': "be la" is not an id)");
    expect_refused(
        &Files::products, "p2", std::string(65, 'p'),
        "products:3: column 'product_id': \"" + std::string(65, 'p') + "\" is not an id");
    expect_refused(&Files::products, "p2", "unlisted",
                   R"(products:3: column 'product_id': "unlisted" is a reserved name)");
    expect_refused(&Files::orders, "o1", "o\t1",
                   R"(orders:3: column 'order_id': "o\t1" is not an id)");
}

TEST(Olist, RefusesWhatIsThereTwice) {
    expect_refused(&Files::customers, "c2", "c1",
                   R"(customers:3: column 'customer_id': "c1" is there twice)");
    expect_refused(&Files::products, "p2", "p1",
                   R"(products:3: column 'product_id': "p1" is there twice)");
    expect_refused(&Files::orders, "o1", "o2",
                   R"(orders:3: column 'order_id': "o2" is there twice)");
    expect_refused(&Files::items, "o1,2", "o1,1",
                   "items:3: the order has number 1 already, in line 2");
    expect_refused(&Files::payments, "o1,2", "o1,1",
                   "payments:3: the order has number 1 already, in line 2");
}

TEST(Olist, RefusesReferencesToWhatIsNotThere) {
    expect_refused(&Files::orders, "o2,c2", "o2,c9",
                   R"(orders:2: column 'customer_id': no customer "c9")");
    expect_refused(&Files::items, "o1,2", "o9,2", R"(items:2: column 'order_id': no order "o9")");
    expect_refused(&Files::items, "p2", "p9", R"(items:2: column 'product_id': no product "p9")");
    expect_refused(&Files::payments, "o3,", "\"\",",
                   R"(payments:4: column 'order_id': no order "")");
}

TEST(Olist, RefusesAmountsThatAreNone) {
    for (const std::string amount : {"", "-1.00", "1.5", "1,00", "1e3", " 1.00", "1.000", "NaN",
                                     "1000000.01", "99999999999999999999.00"}) {
        const std::string field = amount == "1,00" ? "\"1,00\"" : amount;
        expect_refused(&Files::items, "58.90,13.29", field + ",13.29",
                       "items:3: column 'price': \"" + amount + "\" is not an amount");
        expect_refused(&Files::items, "58.90,13.29", "58.90," + field,
                       "items:3: column 'freight_value': \"" + amount + "\" is not an amount");
        expect_refused(&Files::payments, "10.00", field,
                       "payments:2: column 'payment_value': \"" + amount + "\" is not an amount");
    }
}

TEST(Olist, RefusesNumbersThatAreNone) {
    for (const std::string number : {"", "x", "-1", "+1", "1.0", "99999999999", " 1", "0x1"}) {
        expect_refused(
            &Files::items, "o1,2", "o1," + number,
            "items:2: column 'order_item_id': \"" + number + "\" is not a number it can be");
        expect_refused(&Files::payments, "credit_card,8", "credit_card," + number,
                       "payments:3: column 'payment_installments': \"" + number +
                           "\" is not a number it can be");
    }
    expect_refused(&Files::items, "o1,2", "o1,0",
                   R"(items:2: column 'order_item_id': "0" is not a number it can be)");
}

TEST(Olist, RefusesTimesThatDoNotExist) {
    for (const std::string time :
         {"", "2017-10-02", "2017-10-02T10:56:33", "2017-02-29 10:56:33", "2017-13-01 10:56:33",
          "2017-10-00 10:56:33", "2017-10-02 24:00:00", "2017-10-02 10:60:33",
          "2017-10-02 10:56:60", "2017-10-02 10:56:33Z", "0x17-10-02 10:56:33"}) {
        expect_refused(
            &Files::orders, "2017-10-02 10:56:33", time,
            "orders:2: column 'order_purchase_timestamp': \"" + time + "\" is not a time");
    }
    expect_refused(&Files::orders, "2017-10-04 19:55:00", "soon",
                   R"(orders:2: column 'order_delivered_carrier_date': "soon" is not a time)");
}

TEST(Olist, RefusesUnknownStatusesAndPaymentTypes) {
    expect_refused(&Files::orders, "shipped", "lost",
                   R"(orders:2: column 'order_status': "lost" is no status)");
    expect_refused(&Files::payments, "voucher", "gold",
                   R"(payments:2: column 'payment_type': "gold" is no payment type)");
}

TEST(Olist, RefusesMoreRowsThanAnOrderMayHave) {
    Files files;
    for (int i = 2; i <= 1000; ++i) files.items += "o2," + std::to_string(i) + ",p1,1.00,0.00\n";
    EXPECT_EQ(read(files).value().orders[2].items.size(), 1000u);
    files.items += "o2,1001,p1,1.00,0.00\n";
    EXPECT_EQ(read(files).error().message, "items:1004: the order has more than 1000 rows");
}

TEST(Olist, RefusesEachFileWithoutAColumnItNeeds) {
    expect_refused(&Files::customers, "customer_unique_id", "x",
                   "customers:1: the column 'customer_unique_id' is missing");
    expect_refused(&Files::products, "product_id", "x",
                   "products:1: the column 'product_id' is missing");
    expect_refused(&Files::orders, "order_status", "x",
                   "orders:1: the column 'order_status' is missing");
    expect_refused(&Files::items, "freight_value", "x",
                   "items:1: the column 'freight_value' is missing");
    expect_refused(&Files::payments, "payment_type", "x",
                   "payments:1: the column 'payment_type' is missing");
}

TEST(Olist, NamesAMissingFileAndWhatIsNeeded) {
    const auto book = read_olist("/no/such/directory");
    ASSERT_FALSE(book.has_value());
    EXPECT_EQ(book.error().code, tidings::ErrorCode::not_found);
    EXPECT_EQ(book.error().message,
              "/no/such/directory/olist_customers_dataset.csv: there is no such file");
    EXPECT_NE(book.error().hint.find("olist_orders_dataset.csv"), std::string::npos);
}

TEST(OrderBook, KeepsItsReferencesWhenItIsMoved) {
    OrderBook book = read({}).value();
    const OrderBook moved = std::move(book);
    EXPECT_EQ(moved.orders[1].user_id.data(), moved.users[0].id.data());
    EXPECT_EQ(moved.orders[1].items[0].product_id.data(), moved.products[0].id.data());
}

TEST(OrderBook, MakesContactDataOutOfTheUsersId) {
    EXPECT_EQ(email_of("861eff4711a542e4b93843c6dd7febb0"),
              "861eff4711a542e4b93843c6dd7febb0@example.com");
    const std::string phone = phone_of("861eff4711a542e4b93843c6dd7febb0");
    EXPECT_EQ(phone.size(), 14u);
    EXPECT_TRUE(phone.starts_with("+55"));
    EXPECT_EQ(phone.find_first_not_of("0123456789", 1), std::string::npos);
    EXPECT_EQ(phone_of("861eff4711a542e4b93843c6dd7febb0"), phone);
    EXPECT_NE(phone_of("290c77bc529b7ac935b93aa66c333dc3"), phone);
}

}  // namespace
}  // namespace shop
