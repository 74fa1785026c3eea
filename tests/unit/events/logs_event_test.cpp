#include <osbot_aws/events/Logs_Event.hpp>

#include <gmock/gmock.h>

#include "base/encoding.hpp"
#include "unit/events/samples.hpp"

namespace osbot_aws::events {
namespace {

using test::sample;

TEST(Logs_Event_Test, data_is_unzipped) {
    const auto event = sample("logs", {{"message", "[ERROR] é"}, {"group", "/aws/lambda/f"}}).get<Logs_Event>();
    EXPECT_EQ(event.awslogs.data.messageType, "DATA_MESSAGE");
    EXPECT_EQ(event.awslogs.data.logGroup, "/aws/lambda/f");
    ASSERT_EQ(event.awslogs.data.logEvents.size(), 1U);
    EXPECT_EQ(event.awslogs.data.logEvents[0].message, "[ERROR] é");
    EXPECT_EQ(event.awslogs.data.logEvents[0].timestamp, 1767268800000);
}

TEST(Logs_Event_Test, event_keeps_its_json) {
    Json json = sample("logs");
    json["future member"] = 1;
    json["awslogs"]["future member"] = 2;
    EXPECT_EQ(Json(json.get<Logs_Event>()), json);
}

TEST(Logs_Event_Test, changed_data_is_zipped_again) {
    auto event = sample("logs").get<Logs_Event>();
    event.awslogs.data.logEvents[0].message = "changed";
    EXPECT_EQ(Json(event).get<Logs_Event>().awslogs.data, event.awslogs.data);

    Logs_Event by_hand;
    by_hand.awslogs.data.logGroup = "/aws/lambda/f";
    EXPECT_EQ(Json(by_hand).get<Logs_Event>().awslogs.data, by_hand.awslogs.data);
}

TEST(Logs_Event_Test, content_over_the_limit_is_an_error) {
    Logs_Event event;
    event.awslogs.data.logEvents = {{.message = std::string(17 << 20, 'x')}};
    const Json json = event;
    EXPECT_EQ(test::error_of([&] { json.get<Logs_Event>(); }),
              "InvalidEvent: awslogs.data: more than 16777216 bytes unzipped");
}

TEST(Logs_Event_Test, broken_data_is_an_error) {
    const auto error_with_data = [](const Json& data) {
        return test::error_of([&] { Json{{"awslogs", {{"data", data}}}}.get<Logs_Event>(); });
    };
    EXPECT_EQ(error_with_data("not base64!"), "InvalidEvent: awslogs.data is not base64");
    EXPECT_EQ(error_with_data(base::base64_encode("not gzip")), "InvalidEvent: awslogs.data: not a gzip file");
    EXPECT_EQ(error_with_data(7), "InvalidEvent: expected an event of CloudWatch Logs, but awslogs.data is not a text");
    EXPECT_THAT(test::error_of([] { sample("sqs").get<Logs_Event>(); }), testing::HasSubstr("CloudWatch Logs"));
}

}  // namespace
}  // namespace osbot_aws::events
