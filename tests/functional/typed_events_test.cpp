// Handlers whose signatures have typed events, deployed and invoked on a real engine.
#include <gmock/gmock.h>

#include <stdexcept>

#include <osbot_aws/deploy/Deploy_Lambda.hpp>
#include <osbot_aws/events/Dynamodb_Event.hpp>
#include <osbot_aws/events/Http_Response.hpp>
#include <osbot_aws/events/Kinesis_Event.hpp>
#include <osbot_aws/events/S3_Event.hpp>
#include <osbot_aws/events/Sqs_Event.hpp>

namespace osbot_aws {
namespace {

using testing::HasSubstr;

events::Http_Response greet(const events::Http_Request& request) {
    return events::Http_Response::text("Hello, " + request.query("name").value_or("world"))
        .cookie("seen=yes")
        .to(request);
}

void greet_in_pieces(const events::Http_Request& request, Response_Writer& response) {
    response.http(201, {{"Content-Type", "text/plain"}});
    response.write("Hello, ");
    response.write(request.query("name").value_or("world"));
}

void reject_bad(std::string_view text) {
    if (text == "bad") throw std::runtime_error("it is bad");
}

events::Batch_Response place_orders(const events::Sqs_Event& event) {
    return events::process_each(event, [](const events::Sqs_Record& message) { reject_bad(message.body); });
}

events::Batch_Response read_stream(const events::Kinesis_Event& event) noexcept {
    return events::process_each(event, [](const events::Kinesis_Record& record) { reject_bad(record.kinesis.data); });
}

Json names_of_items(events::Dynamodb_Event event, const Context& context) {
    Json names = Json::array({context.function_name});
    for (const events::Dynamodb_Record& record : event.Records)
        names.push_back(record.dynamodb.NewImage.at("name").text());
    return names;
}

std::string first_key(const events::S3_Event& event) noexcept { return event.Records.at(0).s3.object.key; }

/// Deploys the handler on an engine of its own and invokes it.
Invoke_Result call(const Handler_Ref& handler, const Json& event) {
    Deploy_Lambda deploy(handler, {.session = Session::in_memory()});
    EXPECT_TRUE(deploy.deploy()) << deploy.last_error();
    return deploy.lambda_function().invoke_raw(event);
}

Json query_event(const char* name) {
    return events::Function_Url_Event{.version = "2.0", .rawPath = "/", .rawQueryString = std::string("name=") + name};
}

TEST(Typed_Events_Test, request_becomes_response_of_a_function_url) {
    EXPECT_EQ(call(handler<greet>, query_event("Ada")).value(),
              Json({{"statusCode", 200},
                    {"headers", {{"Content-Type", "text/plain; charset=utf-8"}}},
                    {"cookies", {"seen=yes"}},
                    {"body", "Hello, Ada"},
                    {"isBase64Encoded", false}}));
}

TEST(Typed_Events_Test, request_becomes_response_of_a_rest_api) {
    const events::Api_Gateway_Event event{
        .path = "/", .httpMethod = "GET", .multiValueQueryStringParameters = {{"name", {"Ada"}}}};
    const Json response = call(handler<greet>, event).value();
    EXPECT_EQ(response["body"], "Hello, Ada");
    EXPECT_EQ(response["multiValueHeaders"]["Set-Cookie"], Json::array({"seen=yes"}));
}

TEST(Typed_Events_Test, streaming_handler_receives_the_request) {
    const Json response = call(handler<greet_in_pieces>, query_event("Ada")).value();
    EXPECT_EQ(response["statusCode"], 201);
    EXPECT_EQ(response["body"], "Hello, Ada");
}

TEST(Typed_Events_Test, failed_messages_of_a_queue_are_returned) {
    const events::Sqs_Event batch{
        .Records = {{.messageId = "1", .body = "good"}, {.messageId = "2", .body = "bad"}, {.messageId = "3"}}};
    EXPECT_EQ(call(handler<place_orders>, batch).value(), Json({{"batchItemFailures", {{{"itemIdentifier", "2"}}}}}));
}

TEST(Typed_Events_Test, noexcept_handler_returns_first_failed_record_of_a_stream) {
    events::Kinesis_Event batch;
    for (const char* data : {"good", "bad", "bad"})
        batch.Records.push_back({.kinesis = {.sequenceNumber = std::to_string(batch.Records.size()), .data = data}});
    EXPECT_EQ(call(handler<read_stream>, batch).value(), Json({{"batchItemFailures", {{{"itemIdentifier", "1"}}}}}));
}

TEST(Typed_Events_Test, event_by_value_with_context) {
    events::Dynamodb_Event batch;
    batch.Records.push_back({.dynamodb = {.NewImage = {.attributes = {{"name", {{"S", "Ada"}}}}}}});
    EXPECT_EQ(call(handler<names_of_items>, batch).value(), Json({"osbot_aws_names_of_items", "Ada"}));
}

TEST(Typed_Events_Test, noexcept_handler_returns_text) {
    events::S3_Event event;
    event.Records.push_back({.s3 = {.object = {.key = "a b.txt"}}});
    EXPECT_EQ(call(handler<first_key>, event).value(), "a b.txt");
}

TEST(Typed_Events_Test, event_of_another_service_is_an_error_of_the_invocation) {
    const Invoke_Result result = call(handler<place_orders>, {{"Records", {{{"eventSource", "aws:s3"}}}}});
    EXPECT_EQ(result.function_error, "Unhandled");
    EXPECT_THAT(result.error, HasSubstr("InvalidEvent: expected an event of aws:sqs, but eventSource is \"aws:s3\""));
}

}  // namespace
}  // namespace osbot_aws
