#include <tidings/model/cloud_event.h>

#include <gtest/gtest.h>

#include <string>

namespace tidings {
namespace {

CarriedEvent sample_event() {
    CarriedEvent event;
    event.envelope.id = Uuid::parse("8fbd0e0c-6a5c-4a7e-9d1b-3f4f5a6b7c8d").value();
    event.envelope.type = "order.created";
    event.envelope.source = "order-service";
    event.envelope.data_version = {1, 2, 0};
    event.envelope.timestamp = parse_timestamp("2026-11-23T10:00:00.123Z").value();
    event.envelope.correlation_id = "flow 9, \"größer\" 100%";
    event.envelope.data = R"({"orderId":"o-1","total":"9.90"})";
    event.headers.type = "order.created";
    event.headers.source = "order-service";
    event.headers.key = "o-1";
    event.headers.causation_id = "c0ffee00-6a5c-4a7e-9d1b-3f4f5a6b7c8d";
    event.headers.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    return event;
}

void expect_equal(const Result<CarriedEvent>& read, const CarriedEvent& event) {
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->envelope, event.envelope);
    EXPECT_EQ(read->headers, event.headers);
}

/// The error of a CloudEvent whose text has `what` replaced.
std::string error_with(std::string_view what, std::string_view with,
                       const CloudEventOptions& options = {}) {
    std::string text = to_cloud_event(sample_event());
    const std::size_t at = text.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    text.replace(at, what.size(), with);
    const auto read = parse_cloud_event(text, options);
    return read ? "" : read.error().message;
}

TEST(CloudEvents, HaveAPlaceForEachPartOfAnEvent) {
    EXPECT_EQ(to_cloud_event(sample_event(), {.schema_prefix = "https://contracts.example/"}),
              R"({"specversion":"1.0","id":"8fbd0e0c-6a5c-4a7e-9d1b-3f4f5a6b7c8d",)"
              R"("source":"/order-service","type":"order.created",)"
              R"("time":"2026-11-23T10:00:00.123Z",)"
              R"("dataschema":"https://contracts.example/order/created.v1.data.schema.json",)"
              R"("subject":"o-1","dataversion":"1.2.0",)"
              R"("correlationid":"flow 9, \"größer\" 100%",)"
              R"("causationid":"c0ffee00-6a5c-4a7e-9d1b-3f4f5a6b7c8d","partitionkey":"o-1",)"
              R"("traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",)"
              R"("datacontenttype":"application/json","data":{"orderId":"o-1","total":"9.90"}})");
}

TEST(CloudEvents, ComeBackAsTheyWere) {
    const CarriedEvent event = sample_event();
    expect_equal(parse_cloud_event(to_cloud_event(event)), event);
    const CloudEventOptions urns{.source_prefix = "urn:example:"};
    expect_equal(parse_cloud_event(to_cloud_event(event, urns), urns), event);
}

TEST(CloudEvents, GoAsHeadersAndBodyToo) {
    const CarriedEvent event = sample_event();
    const CloudEventMessage message = to_cloud_event_message(event);
    EXPECT_EQ(message.body, event.envelope.data);
    bool found = false;
    for (const auto& [name, value] : message.headers) {
        found = found || (name == "ce-correlationid" &&
                          value == "flow%209,%20%22gr%C3%B6%C3%9Fer%22%20100%25");
    }
    EXPECT_TRUE(found) << "what is no plain ASCII is written by percent and digits";
    expect_equal(parse_cloud_event(message), event);
    expect_equal(parse_cloud_event(CloudEventMessage{
                     {{"content-type", "application/cloudevents+json; charset=utf-8"}},
                     to_cloud_event(event)}),
                 event);
}

TEST(CloudEvents, OfOthersNeedNotHaveWhatIsOptional) {
    const CloudEventOptions options{.foreign_source = "partner-service",
                                    .data_version = SchemaVersion{1, 0, 0}};
    const auto read = parse_cloud_event(
        R"({"specversion":"1.0","id":"8fbd0e0c-6a5c-4a7e-9d1b-3f4f5a6b7c8d",)"
        R"("source":"https://partner.example/orders","type":"order.created",)"
        R"("time":"2026-11-23T10:00:00Z","subject":"o-1","sampledrate":30,"other":"x",)"
        R"("data":{}})",
        options);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->envelope.source, "partner-service");
    EXPECT_EQ(read->envelope.data_version, (SchemaVersion{1, 0, 0}));
    EXPECT_EQ(read->envelope.correlation_id, "8fbd0e0c-6a5c-4a7e-9d1b-3f4f5a6b7c8d");
    EXPECT_EQ(read->headers.key, "o-1");
}

TEST(CloudEvents, ThatCannotBeEventsSayWhy) {
    EXPECT_EQ(error_with(R"("specversion":"1.0")", R"("specversion":"0.3")"),
              "field /specversion: must be 1.0, is \"0.3\"");
    EXPECT_EQ(error_with(R"("time":)", R"("when":)"), "field /time: is missing");
    EXPECT_EQ(error_with(R"("id":"8fbd)", R"("id":"x8fb)"),
              "field /id: must be a UUID, is \"x8fb0e0c-6a5c-4a7e-9d1b-3f4f5a6b7c8d\"");
    EXPECT_EQ(error_with("/order-service", "https://a.example"),
              "field /source: must be /<service>, is \"https://a.example\"");
    EXPECT_EQ(error_with(R"("dataversion")", R"("version")"), "field /dataversion: is missing");
    EXPECT_EQ(error_with("application/json", "text/xml"),
              "field /datacontenttype: must be JSON, is \"text/xml\"");
    EXPECT_EQ(error_with(R"("data":{"orderId":"o-1","total":"9.90"})", R"("data":7)"),
              "field /data: must be an object, is 7");
    EXPECT_EQ(error_with(R"("data":{"orderId":"o-1","total":"9.90"})", R"("data_base64":"AAA=")"),
              "field /data_base64: must be JSON, in data");
    EXPECT_NE(error_with("order.created", "com.example.created"), "") << "a name is ours";
    EXPECT_NE(error_with("{", "["), "");
}

}  // namespace
}  // namespace tidings
