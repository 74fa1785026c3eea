#include "engine/dispatcher.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tuple>

#include "aws/models/models.hpp"
#include "aws/sqs_query_model.hpp"
#include "engine/body_limits.hpp"
#include "services/lambda/api/invoke.hpp"
#include "store/blobs.hpp"
#include "store/store.hpp"
#include "support/forwarding_store.hpp"
#include "support/lambda_world.hpp"

namespace osbot_aws::engine {
namespace {

/// A store whose writes become durable when the test triggers it.
struct Late_Store final : test_support::Forwarding_Store {
    using Forwarding_Store::Forwarding_Store;
    void when_durable(std::uint64_t, std::function<void(Result<void>)> done) override { waiting = std::move(done); }

    std::function<void(Result<void>)> waiting;
};

struct Dispatcher_Test : testing::Test, test_support::Lambda_World {
    Late_Store late{*store};
    services::Context waiting_context{.loop = loop, .store = late};
    services::Sqs sqs{context};
    services::Event_Sources event_sources{context, sqs, functions.registry, invocations};
    services::Lambda_Api api{context, functions, invocations, event_sources, nullptr};
    Dispatcher dispatcher{waiting_context,
                          {.lambda = api, .models = {}},
                          {.health = [] { return std::string("{}"); },
                           .reset = [this] { late.put("kind", "key", "value"); },
                           .images = {},
                           .status = {},
                           .prune = {}}};
    std::optional<int> status;

    /// Sends a request as a program that reaches a listener.
    void send_as(Dispatcher::Caller caller, const char* method, const char* target) {
        wire::Request request{.method = method, .target = target, .headers = {{"Host", "localhost"}}, .body = {}};
        status.reset();
        const auto routed = dispatcher.route(request, caller);
        routed->handle(std::move(request), [this](const wire::Response& response) { status = response.status; });
    }
    void reset(std::shared_ptr<int> connection) {
        wire::Request request{
            .method = "POST", .target = "/_osbot/reset", .headers = {{"Host", "localhost"}}, .body = {}};
        dispatcher.handle(std::move(request), [this, connection = std::move(connection)](
                                                  const wire::Response& response) { status = response.status; });
        loop.run();
    }
};

TEST_F(Dispatcher_Test, response_waits_until_changes_are_durable) {
    reset(nullptr);
    EXPECT_FALSE(status);
    late.waiting({});
    EXPECT_FALSE(status) << "the store's thread does not send the response";
    loop.run();
    EXPECT_EQ(status, 200);
}

TEST_F(Dispatcher_Test, function_reaches_no_control_endpoint) {
    for (const char* target : {"/_osbot/reset", "/_osbot/health", "/_osbot/unknown", "/_osbot/images?reference=x"}) {
        send_as(Dispatcher::Caller::function, "POST", target);
        EXPECT_EQ(status, 403) << target;
    }
    EXPECT_FALSE(late.waiting) << "nothing was reset";
}

TEST_F(Dispatcher_Test, network_reaches_only_health_of_the_control_endpoints) {
    for (const auto& [method, target, expected] :
         {std::tuple{"GET", "/_osbot/health", 200}, std::tuple{"POST", "/_osbot/reset", 403},
          std::tuple{"POST", "/_osbot/images", 403}, std::tuple{"GET", "/_osbot/status", 403}}) {
        send_as(Dispatcher::Caller::network, method, target);
        EXPECT_EQ(status, expected) << target;
    }
    EXPECT_FALSE(late.waiting) << "nothing was reset";
}

// The path of another operation may contain or end with the name of one that takes code.
TEST(Dispatcher_Body_Limit_Test, limit_is_that_of_the_route) {
    const auto limit = [](const char* method, const char* target) {
        return body_limit_of(route_of({.method = method, .target = target, .headers = {}, .body = {}})).bytes_max;
    };
    const std::uint64_t code = 70'167'211, settings = 1 << 20;
    EXPECT_EQ(limit("POST", "/2015-03-31/functions"), code);
    EXPECT_EQ(limit("POST", "/2015-03-31/functions/"), code);
    EXPECT_EQ(limit("PUT", "/2015-03-31/functions/f/code"), code);
    EXPECT_EQ(limit("POST", "/2018-10-31/layers/l/versions"), code);
    EXPECT_EQ(limit("POST", "/2015-03-31/functions/f/invocations"), services::invoke_payload_bytes_max);

    EXPECT_EQ(limit("POST", "/2020-04-22/code-signing-configs/c/functions"), settings);
    EXPECT_EQ(limit("PUT", "/2015-03-31/functions/f/aliases/code"), settings);
    EXPECT_EQ(limit("POST", "/2018-10-31/layers/l/versions/1/policy"), settings);
    EXPECT_EQ(limit("PUT", "/2015-03-31/functions/f/invocations"), settings);
}

TEST(Dispatcher_Body_Limit_Test, link_to_code_has_the_limit_and_error_of_lambda) {
    const Request_Route route =
        route_of({.method = "GET", .target = "/_osbot/code/token", .headers = {{"Host", "localhost"}}, .body = {}});

    const wire::Response rejection = body_limit_of(route).rejection;

    EXPECT_EQ(rejection.headers["x-amzn-ErrorType"], "RequestEntityTooLargeException");
}

TEST_F(Dispatcher_Test, unknown_service_error_names_the_way_out) {
    wire::Request request{.method = "POST",
                          .target = "/",
                          .headers = {{"Host", "localhost"},
                                      {"Content-Type", "application/x-amz-json-1.0"},
                                      {"X-Amz-Target", "DynamoDB_20120810.ListTables"}},
                          .body = {}};
    wire::Response response;
    dispatcher.handle(std::move(request), [&](wire::Response sent) { response = std::move(sent); });
    EXPECT_EQ(response.status, 501);
    EXPECT_EQ(response.headers["Content-Type"], "application/x-amz-json-1.0");
    EXPECT_NE(response.body.bytes().find("--forward dynamodb=URL"), std::string::npos) << response.body.bytes();
}

TEST_F(Dispatcher_Test, failed_write_is_returned_as_error) {
    reset(nullptr);
    late.waiting(Error{"ServiceException", "the disk is full", 500});
    loop.run();
    EXPECT_EQ(status, 500);
}

/// An operation that writes a record.
Result<Json> write_record(store::Store& store, const services::Call&) {
    store.put("kind", "key", "value");
    return Json::object();
}

/// A service with one operation, and its error for a change that cannot be written.
struct Writing_Service {
    const aws::Service& model;
    const char* operation;
    wire::Request request;
    const char* error;
    const char* text;
};

wire::Request form(const char* text) {
    return {"POST", "/", {{"Content-Type", "application/x-www-form-urlencoded"}}, text};
}
wire::Request targeted(const char* target) { return {"POST", "/", {{"X-Amz-Target", target}}, "{}"}; }

std::vector<Writing_Service> writing_services() {
    return {
        {aws::iam_model(), "ListRoles", form("Action=ListRoles"), "<Code>ServiceFailure</Code>",
         "unknown error, exception or failure. the disk is full"},
        {aws::lambda_model(),
         "ListFunctions",
         {"GET", "/2015-03-31/functions", {}, {}},
         R"({"Message":"the disk is full","Type":"Service"})",
         "the disk is full"},
        {aws::logs_model(), "DescribeLogGroups", targeted("Logs_20140328.DescribeLogGroups"),
         R"("__type":"ServiceUnavailableException")", "complete the request. the disk is full"},
        {aws::s3_model(),
         "ListBuckets",
         {"GET", "/", {}, {}},
         "<Code>InternalError</Code>",
         "<Message>We encountered an internal error. Please try again. the disk is full</Message>"},
        {aws::sqs_model(), "ListQueues", targeted("AmazonSQS.ListQueues"),
         R"("__type":"com.amazonaws.sqs#InternalError")", "Please try again. the disk is full"},
        {aws::sts_model(), "GetCallerIdentity", form("Action=GetCallerIdentity"), "<Code>InternalFailure</Code>",
         "unknown error, exception or failure. the disk is full"},
    };
}

TEST_F(Dispatcher_Test, failed_write_is_the_internal_error_of_the_service) {
    for (Writing_Service& written : writing_services()) {
        services::Model_Api writing(
            loop, written.model,
            services::Operations(static_cast<store::Store&>(late), {{written.operation, &write_record}}));
        Dispatcher writers{waiting_context, {.lambda = api, .models = {&writing}}, {}};
        written.request.headers.add(
            "Authorization", fmt::format("Credential=AKIATEST/20260101/us-east-1/{}/aws4_request", written.model.name));
        wire::Response response;
        writers.handle(std::move(written.request), [&](wire::Response sent) { response = std::move(sent); });
        loop.run();
        late.waiting(Error{"ServiceException", "the disk is full", 500});
        loop.run();
        EXPECT_EQ(response.status, 500) << written.model.name;
        EXPECT_THAT(response.body.bytes(),
                    testing::AllOf(testing::HasSubstr(written.error), testing::HasSubstr(written.text)));
    }
}

TEST_F(Dispatcher_Test, form_is_checked_with_any_content_type) {
    services::Model_Api writing(
        loop, aws::sqs_query_model(),
        services::Operations(static_cast<store::Store&>(late), {{"SendMessage", &write_record}}));
    Dispatcher writers{waiting_context, {.lambda = api, .models = {&writing}}, {}};
    for (const char* type : {"text/plain", "APPLICATION/x-www-form-urlencoded"}) {
        const char* target = "/000000000000/orders?Action=SendMessage&QueueUrl=q";
        wire::Request request{"POST", target, {{"Content-Type", type}}, "MessageBody=%FF"};
        wire::Response response;
        writers.handle(std::move(request), [&](wire::Response sent) { response = std::move(sent); });
        EXPECT_EQ(response.status, 400) << type;
        EXPECT_THAT(response.body.bytes(), testing::HasSubstr("<Code>SerializationException</Code>"));
    }
    EXPECT_FALSE(late.waiting) << "nothing was written";
}

// The last owner of a reply closes its connection, which only the loop thread may use. The store's thread must
// therefore not be the last owner.
TEST_F(Dispatcher_Test, store_callback_releases_the_reply) {
    const auto connection = std::make_shared<int>();
    reset(connection);
    EXPECT_GT(connection.use_count(), 1);
    late.waiting({});
    loop.run();
    EXPECT_EQ(connection.use_count(), 1);
    EXPECT_TRUE(late.waiting) << "the callback still exists, as it may for a while on a busy host";
}

std::string named(const char* method, const char* target, wire::Headers headers, const char* body = "") {
    const wire::Request request{method, target, std::move(headers), body};
    Request_Route route = route_of(request);
    complete_route(route, request);
    return operation_of(route, request);
}

TEST(Operation_Of, names_service_and_operation_without_parameters) {
    EXPECT_EQ(named("POST", "/2015-03-31/functions/hello/invocations?x=secret", {}), "lambda Invoke");
    EXPECT_EQ(named("GET", "/2015-03-31/functions/hello", {}), "lambda GetFunction");
    EXPECT_EQ(named("GET", "/_osbot/code/secret-token", {}), "lambda download");
    EXPECT_EQ(named("POST", "/", {{"X-Amz-Target", "AmazonSQS.SendMessage"}}), "sqs SendMessage");
    EXPECT_EQ(named("POST", "/", {{"Content-Type", "application/x-www-form-urlencoded"}},
                    "Action=GetRole&RoleName=secret&Version=2010-05-08"),
              "iam GetRole");
    EXPECT_EQ(named("POST", "/", {{"Content-Type", "application/x-www-form-urlencoded"}},
                    "Action=GetCallerIdentity&Version=2011-06-15"),
              "sts GetCallerIdentity");
    EXPECT_EQ(named("POST", "/", {{"Content-Type", "application/x-www-form-urlencoded"}},
                    "Action=ListQueues&Version=2012-11-05"),
              "sqs ListQueues");
    EXPECT_EQ(named("POST", "/000000000000/orders", {{"Content-Type", "application/x-www-form-urlencoded"}},
                    "Action=SendMessage&MessageBody=secret"),
              "sqs SendMessage");
    EXPECT_EQ(named("GET", "/000000000000/orders?Action=ReceiveMessage", {}), "sqs ReceiveMessage");
    EXPECT_EQ(named("POST", "/000000000000/orders", {{"Content-Type", "Application/X-WWW-Form-Urlencoded"}},
                    "Action=SendMessage&MessageBody=secret"),
              "sqs SendMessage");
    EXPECT_EQ(named("PUT", "/000000000000/key", {{"Content-Type", "application/x-www-form-urlencoded"}}),
              "s3 PutObject")
        << "as curl --data-binary uploads";
    EXPECT_EQ(named("PUT", "/000000000000/key?Action=x", {}), "s3 PutObject");
    EXPECT_EQ(named("GET", "/000000000000/orders", {}), "s3 GetObject") << "a bucket may have the name of an account";
    EXPECT_EQ(named("PUT", "/bucket/key?tagging", {}), "s3 PutObjectTagging");
    EXPECT_EQ(named("PUT", "/bucket/invocations", {}), "s3 PutObject");
    EXPECT_EQ(named("GET", "/_osbot/health", {}), "/_osbot/health");
    EXPECT_EQ(named("GET", "/_osbot/\033[31m", {}), "/_osbot/?[31m");
}

// As moto, tests/test_sqs/test_server_with_query_protocol.py, and curl send them
TEST(Operation_Of, finds_service_of_unsigned_form_without_version) {
    const auto form_named = [](const char* body) {
        return named("POST", "/", {{"Content-Type", "application/x-www-form-urlencoded"}}, body);
    };
    EXPECT_EQ(form_named("Action=ListQueueTags&QueueUrl=orders"), "sqs ListQueueTags");
    EXPECT_EQ(form_named("Action=GetCallerIdentity"), "sts GetCallerIdentity");
    EXPECT_EQ(form_named("Action=GetRole&RoleName=orders"), "iam GetRole");
    EXPECT_EQ(form_named("Action=Unknown"), "iam Unknown");
    EXPECT_EQ(named("GET", "/?Action=ListQueues", {}), "sqs ListQueues");
    EXPECT_EQ(named("GET", "/?Action=GetCallerIdentity&Version=2011-06-15", {}), "sts GetCallerIdentity");
    EXPECT_EQ(named("GET", "/?Action=ListRoles", {}), "iam ListRoles");
    EXPECT_EQ(named("GET", "/?prefix=Action=ListQueues", {}), "s3 ListBuckets");
    EXPECT_EQ(named("GET", "/bucket?Action=ListQueues", {}), "s3 ListObjects");
}

}  // namespace
}  // namespace osbot_aws::engine
