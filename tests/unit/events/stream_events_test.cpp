// Events of streams: Kinesis and DynamoDB.
#include <gmock/gmock.h>

#include <stdexcept>

#include <osbot_aws/events/Dynamodb_Event.hpp>
#include <osbot_aws/events/Kinesis_Event.hpp>

#include "unit/events/samples.hpp"

namespace osbot_aws::events {
namespace {

using test::error_of;
using test::sample;
using testing::ElementsAre;
using testing::IsEmpty;

// ---- Kinesis ----

TEST(Kinesis_Event_Test, documented_event_is_read) {
    const Json json = test::kinesis_event();
    const auto event = json.get<Kinesis_Event>();
    ASSERT_EQ(event.Records.size(), 2u);
    const Kinesis_Record& record = event.Records[0];
    EXPECT_EQ(record.kinesis.data, "Hello, this is a test.");
    EXPECT_EQ(record.kinesis.partitionKey, "1");
    EXPECT_EQ(record.kinesis.sequenceNumber, "49590338271490256608559692538361571095921575989136588898");
    EXPECT_EQ(record.kinesis.approximateArrivalTimestamp, 1545084650.987);
    EXPECT_EQ(record.invokeIdentityArn, "arn:aws:iam::123456789012:role/lambda-role");
    EXPECT_EQ(record.eventSourceARN, "arn:aws:kinesis:us-east-2:123456789012:stream/lambda-stream");
    EXPECT_EQ(Json(event), json);
}

TEST(Kinesis_Event_Test, data_may_be_json_or_any_bytes) {
    EXPECT_EQ(sample("kinesis").get<Kinesis_Event>().Records.at(0).json().at("order_id"), "ORD-1");
    Kinesis_Record record{.kinesis = {.sequenceNumber = "7", .data = std::string("\0\xff", 2)}};
    EXPECT_EQ(Json(record)["kinesis"]["data"], "AP8=");
    EXPECT_EQ(Json(record).get<Kinesis_Record>(), record);
    record.kinesis.data = "plain";
    EXPECT_EQ(error_of([&] { record.json(); }),
              "InvalidBody: the data of record 7 is not JSON, or nested over 1000 levels: plain");
}

TEST(Kinesis_Event_Test, invalid_members_are_named) {
    Json json = test::kinesis_event();
    json["Records"][0]["kinesis"]["data"] = "?";
    EXPECT_EQ(error_of([&] { json.get<Kinesis_Event>(); }), "InvalidEvent: data is not base64");
    json["Records"][0]["kinesis"]["approximateArrivalTimestamp"] = "now";
    EXPECT_EQ(error_of([&] { json.get<Kinesis_Event>(); }),
              "InvalidEvent: approximateArrivalTimestamp is not a number");
    EXPECT_EQ(error_of([] { sample("dynamodb").get<Kinesis_Event>(); }),
              "InvalidEvent: expected an event of aws:kinesis, but eventSource is \"aws:dynamodb\"");
}

// ---- DynamoDB ----

TEST(Dynamodb_Event_Test, documented_event_is_read) {
    const Json json = test::dynamodb_event();
    const auto event = json.get<Dynamodb_Event>();
    ASSERT_EQ(event.Records.size(), 3u);
    const auto& [inserted, modified, removed] = std::tie(event.Records[0], event.Records[1], event.Records[2]);
    EXPECT_EQ(inserted.eventName, "INSERT");
    EXPECT_EQ(inserted.dynamodb.Keys.at("Id").integer(), 101);
    EXPECT_EQ(inserted.dynamodb.NewImage.at("Message").text(), "New item!");
    EXPECT_EQ(inserted.dynamodb.SequenceNumber, "4421584500000000017450439091");
    EXPECT_EQ(inserted.dynamodb.ApproximateCreationDateTime, 1428537600);
    EXPECT_EQ(inserted.userIdentity.at("principalId"), "dynamodb.amazonaws.com");
    EXPECT_EQ(modified.dynamodb.OldImage.plain(), Json({{"Id", 101}, {"Message", "New item!"}}));
    EXPECT_TRUE(removed.dynamodb.NewImage.empty());
    EXPECT_EQ(removed.dynamodb.SizeBytes, 38);
    EXPECT_EQ(Json(event).dump(), json.dump()) << "also 1428537600 without .0";
}

const Dynamodb_Item item{.attributes = Json{
                             {"text", {{"S", "a"}}},
                             {"whole", {{"N", "-7"}}},
                             {"fraction", {{"N", "1.5"}}},
                             {"precise", {{"N", "12345678901234567890.123456789012345678"}}},
                             {"large", {{"N", "1e400"}}},
                             {"bytes", {{"B", "AP8="}}},
                             {"flag", {{"BOOL", true}}},
                             {"nothing", {{"NULL", true}}},
                             {"list", {{"L", {{{"S", "x"}}, {{"N", "1"}}}}}},
                             {"map", {{"M", {{"inner", {{"S", "y"}}}}}}},
                             {"texts", {{"SS", {"p", "q"}}}},
                             {"numbers", {{"NS", {"1", "2.5"}}}},
                             {"blobs", {{"BS", {"AP8="}}}},
                         }};

TEST(Dynamodb_Item_Test, accessors_return_values_of_each_type) {
    EXPECT_EQ(item.at("text").text(), "a");
    EXPECT_EQ(item.at("whole").integer(), -7);
    EXPECT_EQ(item.at("fraction").number(), 1.5);
    EXPECT_EQ(item.at("precise").number_text(), "12345678901234567890.123456789012345678");
    EXPECT_EQ(item.at("bytes").bytes(), std::string("\0\xff", 2));
    EXPECT_TRUE(item.at("flag").boolean());
    EXPECT_TRUE(item.at("nothing").is_null());
    EXPECT_FALSE(item.at("flag").is_null());
    EXPECT_EQ(item.at("list").list().at(1).integer(), 1);
    EXPECT_EQ(item.at("map").map().at("inner").text(), "y");
    EXPECT_EQ(item.at("texts").list().at(1).text(), "q");
    EXPECT_EQ(item.at("numbers").list().at(1).number(), 2.5);
    EXPECT_EQ(item.at("blobs").list().at(0).bytes(), std::string("\0\xff", 2));
    EXPECT_EQ(item.at("numbers").type(), "NS");
    EXPECT_EQ(item.find("text")->text(), "a");
    EXPECT_FALSE(item.find("other").has_value());
}

TEST(Dynamodb_Item_Test, plain_json_has_natural_values) {
    EXPECT_EQ(item.plain(), Json({{"text", "a"},
                                  {"whole", -7},
                                  {"fraction", 1.5},
                                  {"precise", "12345678901234567890.123456789012345678"},
                                  {"large", "1e400"},
                                  {"bytes", "AP8="},
                                  {"flag", true},
                                  {"nothing", nullptr},
                                  {"list", {"x", 1}},
                                  {"map", {{"inner", "y"}}},
                                  {"texts", {"p", "q"}},
                                  {"numbers", {1, 2.5}},
                                  {"blobs", {"AP8="}}}));
    EXPECT_EQ(Dynamodb_Item().plain(), Json::object());
}

TEST(Dynamodb_Item_Test, wrong_type_names_the_attribute) {
    EXPECT_EQ(error_of([] { item.at("whole").text(); }), "InvalidEvent: attribute whole has the type N, not S");
    EXPECT_EQ(error_of([] { item.at("other"); }), "InvalidEvent: attribute other does not exist");
    EXPECT_EQ(error_of([] { item.at("fraction").integer(); }),
              "InvalidEvent: attribute fraction is not an integer of 64 bits: 1.5");
    EXPECT_EQ(error_of([] { item.at("large").number(); }),
              "InvalidEvent: attribute large is not a number that a double can represent: 1e400");
    EXPECT_EQ(error_of([] { item.at("list").list().at(0).number(); }),
              "InvalidEvent: attribute list[0] has the type S, not N");
    EXPECT_EQ(error_of([] { item.at("text").list(); }),
              "InvalidEvent: attribute text has the type S, not a list or set");
}

TEST(Dynamodb_Item_Test, malformed_attributes_are_errors) {
    for (const Json& value :
         {Json("a"), Json(nullptr), Json::object(), Json({{"S", "a"}, {"N", "1"}}), Json({{"Q", "a"}}),
          Json({{"S", 1}}), Json({{"N", "1x"}}), Json({{"N", nullptr}}), Json({{"BOOL", "yes"}}), Json({{"L", "a"}}),
          Json({{"L", {"a"}}}), Json({{"M", 1}}), Json({{"SS", {1}}}), Json({{"NS", {"inf"}}})}) {
        const Dynamodb_Item wrong{.attributes = {{"a", value}}};
        const std::string error = error_of([&] {
            wrong.plain();
            wrong.at("a").number();
        });
        EXPECT_THAT(error, testing::StartsWith("InvalidEvent: ")) << value;
    }
    EXPECT_EQ(error_of([] { Json::array().get<Dynamodb_Item>(); }),
              "InvalidEvent: expected the attributes of an item, got array");
}

// ---- batches ----

TEST(Stream_Batch_Test, first_failure_stops_the_batch) {
    std::vector<std::string> processed;
    testing::internal::CaptureStderr();
    const auto response =
        process_each(test::dynamodb_event().get<Dynamodb_Event>(), [&](const Dynamodb_Record& record) {
            processed.push_back(record.eventName);
            if (record.eventName == "MODIFY") throw std::runtime_error("not allowed");
        });
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "record 4421584500000000017450439092 failed: not allowed\n");
    EXPECT_THAT(processed, ElementsAre("INSERT", "MODIFY"));
    EXPECT_THAT(response.batchItemFailures, ElementsAre("4421584500000000017450439092"));
}

TEST(Stream_Batch_Test, batch_without_failures_returns_an_empty_list) {
    const auto response = process_each(test::kinesis_event().get<Kinesis_Event>(), [](const Kinesis_Record&) {});
    EXPECT_THAT(response.batchItemFailures, IsEmpty());
}

}  // namespace
}  // namespace osbot_aws::events
