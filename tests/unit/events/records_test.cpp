#include <gmock/gmock.h>

#include <stdexcept>

#include <osbot_aws/events/S3_Event.hpp>
#include <osbot_aws/events/Sqs_Event.hpp>

#include "unit/events/samples.hpp"

namespace osbot_aws::events {
namespace {

using test::sample;
using testing::ElementsAre;
using testing::IsEmpty;

// ---- S3 ----

TEST(S3_Event_Test, keys_are_decoded) {
    for (const std::string key : {"red flower.jpg", "a+b.txt", "folder/50%.txt", "ünï.txt", "a&b=c.txt"}) {
        const Json json = sample("s3", {{"key", key}, {"bucket", "photos"}});
        const auto event = json.get<S3_Event>();
        EXPECT_EQ(event.Records.at(0).s3.object.key, key);
        EXPECT_EQ(event.Records.at(0).s3.bucket.name, "photos");
        EXPECT_EQ(event.Records.at(0).s3.object.size, 1024);
        EXPECT_EQ(Json(event), json) << "the encoded key is retained";
    }
}

TEST(S3_Event_Test, changed_key_is_encoded) {
    auto event = sample("s3").get<S3_Event>();
    event.Records.at(0).s3.object.key = "a b+c.txt";
    const Json json = event;
    EXPECT_EQ(json["Records"][0]["s3"]["object"]["key"], "a%20b%2Bc.txt");
    EXPECT_EQ(json.get<S3_Event>().Records.at(0).s3.object.key, "a b+c.txt");
}

TEST(S3_Event_Test, test_event_of_s3_has_no_records) {
    const Json json{{"Service", "Amazon S3"}, {"Event", "s3:TestEvent"}, {"Bucket", "photos"}};
    EXPECT_THAT(json.get<S3_Event>().Records, IsEmpty());
    EXPECT_EQ(Json(json.get<S3_Event>()), json);
}

TEST(S3_Event_Test, notification_in_a_message_of_a_queue_is_readable) {
    Sqs_Event event;
    event.Records.push_back({.messageId = "1", .body = sample("s3", {{"key", "a b"}}).dump()});
    EXPECT_EQ(event.Records[0].json().get<S3_Event>().Records.at(0).s3.object.key, "a b");
}

// ---- SQS ----

Sqs_Event batch(const std::string& queue_arn) {
    Sqs_Event event;
    for (const char* id : {"1", "2", "3"})
        event.Records.push_back({.messageId = id, .body = id, .eventSourceARN = queue_arn});
    return event;
}

void fail_on_2(const Sqs_Record& record) {
    if (record.body == "2") throw std::runtime_error("two");
}

TEST(Sqs_Event_Test, process_each_returns_failed_messages) {
    testing::internal::CaptureStderr();
    const Sqs_Batch_Response response = process_each(batch("arn:aws:sqs:us-east-1:1:queue"), fail_on_2);
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "message 2 failed: two\n");
    EXPECT_EQ(Json(response), Json({{"batchItemFailures", {{{"itemIdentifier", "2"}}}}}));
    EXPECT_EQ(Json(response).get<Sqs_Batch_Response>().batchItemFailures, response.batchItemFailures);
}

TEST(Sqs_Event_Test, process_each_without_failures_returns_an_empty_list) {
    const Json response = process_each(batch("arn:aws:sqs:us-east-1:1:queue"), [](const Sqs_Record&) {});
    EXPECT_EQ(response, Json({{"batchItemFailures", Json::array()}}));
}

TEST(Sqs_Event_Test, process_each_stops_in_a_fifo_queue) {
    std::vector<std::string> processed;
    const auto response = process_each(batch("arn:aws:sqs:us-east-1:1:queue.fifo"), [&](const Sqs_Record& record) {
        processed.push_back(record.messageId);
        fail_on_2(record);
    });
    EXPECT_THAT(processed, ElementsAre("1", "2"));
    EXPECT_THAT(response.batchItemFailures, ElementsAre("2", "3"));
}

TEST(Sqs_Event_Test, body_that_is_not_json_names_the_message) {
    const Sqs_Record record{.messageId = "id-1", .body = "plain"};
    EXPECT_EQ(test::error_of([&] { record.json(); }),
              "InvalidBody: the body of message id-1 is not JSON, or nested over 1000 levels: plain");
}

}  // namespace
}  // namespace osbot_aws::events
