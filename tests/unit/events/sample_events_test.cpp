// Reads each event of `osbot event` into its type and writes it again.
#include <gmock/gmock.h>

#include <osbot_aws/events/Dynamodb_Event.hpp>
#include <osbot_aws/events/Event_Bridge_Event.hpp>
#include <osbot_aws/events/Http_Request.hpp>
#include <osbot_aws/events/Kinesis_Event.hpp>
#include <osbot_aws/events/Logs_Event.hpp>
#include <osbot_aws/events/S3_Event.hpp>
#include <osbot_aws/events/Sns_Event.hpp>
#include <osbot_aws/events/Sqs_Event.hpp>

#include "unit/events/samples.hpp"

namespace osbot_aws::events {
namespace {

using test::sample;

/// Adds an unknown member at each level of the event, and members with default values.
Json with_unknown_members(Json event) {
    if (event.is_array()) {
        for (Json& item : event) item = with_unknown_members(item);
    } else if (event.is_object()) {
        for (auto& [name, member] : event.items()) member = with_unknown_members(member);
        event["future member"] = "value";
        event["future list"] = Json::array();
        event["future null"] = nullptr;
    }
    return event;
}

template <class Event>
void expect_round_trip(const Json& json) {
    const Event event = json.get<Event>();
    EXPECT_EQ(Json(event), json);
    EXPECT_EQ(Json(event).get<Event>(), event);
    EXPECT_EQ(Json(Event()), Json::object()) << "members with default values are not written";
}

TEST(Sample_Events_Test, events_keep_their_json) {
    expect_round_trip<Function_Url_Event>(sample("url"));
    expect_round_trip<Api_Gateway_V2_Event>(sample("apigateway-v2", {{"method", "POST"}, {"body", "text"}}));
    expect_round_trip<Api_Gateway_Event>(sample("apigateway"));
    expect_round_trip<Sqs_Event>(sample("sqs"));
    expect_round_trip<S3_Event>(sample("s3", {{"key", "a b+c.txt"}}));
    expect_round_trip<Sns_Event>(sample("sns"));
    expect_round_trip<Event_Bridge_Event>(sample("eventbridge"));
    expect_round_trip<Schedule_Event>(sample("schedule"));
    expect_round_trip<Alb_Event>(test::alb_event());
    expect_round_trip<Kinesis_Event>(sample("kinesis"));
    expect_round_trip<Dynamodb_Event>(sample("dynamodb"));
}

TEST(Sample_Events_Test, unknown_members_survive) {
    expect_round_trip<Sqs_Event>(with_unknown_members(sample("sqs")));
    expect_round_trip<S3_Event>(with_unknown_members(sample("s3")));
    expect_round_trip<Sns_Event>(with_unknown_members(sample("sns")));
    expect_round_trip<Event_Bridge_Event>(with_unknown_members(sample("eventbridge")));
    expect_round_trip<Kinesis_Event>(with_unknown_members(sample("kinesis")));
    expect_round_trip<Dynamodb_Event>(with_unknown_members(sample("dynamodb")));
}

TEST(Sample_Events_Test, members_have_the_values_of_the_event) {
    const auto sqs = sample("sqs", {{"body", R"({"id": 7})"}}).get<Sqs_Event>();
    EXPECT_EQ(sqs.Records.at(0).json().at("id"), 7);
    EXPECT_EQ(sqs.Records.at(0).eventSourceARN, "arn:aws:sqs:us-east-1:123456789012:my-queue");
    const auto sns = sample("sns", {{"subject", "a subject"}}).get<Sns_Event>();
    EXPECT_EQ(sns.Records.at(0).Sns.Subject, "a subject");
    EXPECT_EQ(sns.Records.at(0).Sns.json().at("order_id"), "ORD-1");
    const auto bridge = sample("eventbridge").get<Event_Bridge_Event>();
    EXPECT_EQ(bridge.detail_type, "Order placed");
    EXPECT_EQ(bridge.detail.at("order_id"), "ORD-1");
    EXPECT_EQ(sample("schedule").get<Schedule_Event>().source, "aws.events");
}

TEST(Sample_Events_Test, event_of_another_service_is_an_error) {
    EXPECT_EQ(test::error_of([] { sample("s3").get<Sqs_Event>(); }),
              "InvalidEvent: expected an event of aws:sqs, but eventSource is \"aws:s3\"");
    EXPECT_EQ(test::error_of([] { sample("sns").get<S3_Event>(); }),
              "InvalidEvent: expected an event of aws:s3, but EventSource is \"aws:sns\"");
    EXPECT_THAT(test::error_of([] { sample("apigateway").get<Function_Url_Event>(); }),
                testing::HasSubstr("use Api_Gateway_Event"));
    EXPECT_THAT(test::error_of([] { sample("url").get<Api_Gateway_Event>(); }),
                testing::HasSubstr("use Function_Url_Event"));
    EXPECT_THAT(test::error_of([] { sample("url").get<Alb_Event>(); }), testing::HasSubstr("use Function_Url_Event"));
    EXPECT_THAT(test::error_of([] { sample("sqs").get<Event_Bridge_Event>(); }), testing::HasSubstr("it has Records"));
    EXPECT_THAT(test::error_of([] { sample("sqs").get<Http_Request>(); }), testing::HasSubstr("neither rawPath"));
}

TEST(Sample_Events_Test, event_without_records_is_an_error_unless_empty) {
    for (const char* kind : {"logs", "eventbridge", "schedule", "url"}) {
        const Json event = sample(kind);
        EXPECT_EQ(test::error_of([&] { event.get<Sqs_Event>(); }),
                  "InvalidEvent: expected an event of aws:sqs, but it has no Records");
        EXPECT_EQ(test::error_of([&] { event.get<S3_Event>(); }),
                  "InvalidEvent: expected an event of aws:s3, but it has no Records");
        EXPECT_EQ(test::error_of([&] { event.get<Sns_Event>(); }),
                  "InvalidEvent: expected an event of aws:sns, but it has no Records");
    }
    EXPECT_EQ(Json::object().get<Sqs_Event>(), Sqs_Event()) << "the JSON of an event without messages";
}

TEST(Sample_Events_Test, wrong_type_names_the_member) {
    Json event = sample("sqs");
    event["Records"][0]["body"] = 7;
    EXPECT_EQ(test::error_of([&] { event.get<Sqs_Event>(); }), "InvalidEvent: body is not a text");
    event["Records"] = "none";
    EXPECT_EQ(test::error_of([&] { event.get<Sqs_Event>(); }), "InvalidEvent: Records is not a list");
    EXPECT_EQ(test::error_of([] { Json("text").get<Sqs_Event>(); }), "InvalidEvent: expected an object, got string");
    EXPECT_EQ(test::error_of([] {
                  Json{{"Records", {1}}}.get<S3_Event>();
              }),
              "InvalidEvent: a record is not an object");
}

}  // namespace
}  // namespace osbot_aws::events
