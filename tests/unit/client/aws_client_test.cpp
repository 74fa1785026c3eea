#include "client/aws_client.hpp"

#include <gmock/gmock.h>

#include <deque>

#include "base/time_text.hpp"
#include "support/fake_loop.hpp"

namespace osbot_aws::client {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

/// Returns the responses queued by the test, and records the requests.
class Fake_Transport final : public Transport {
public:
    Result<wire::Response> send(const wire::Request& request, const Send_Options& options) override {
        sent.push_back(request);
        urls.push_back(options.endpoint_url);
        repeatable.push_back(options.repeatable);
        if (!failures.empty()) {
            Error failed{failures.front(), "", 0};
            failures.pop_front();
            return failed;
        }
        wire::Response next;
        next.status = responses.front().first;
        next.body = responses.front().second;
        if (!date.empty()) next.headers.add("Date", date);
        responses.pop_front();
        return next;
    }
    std::deque<std::string> failures;  ///< error codes, returned before the responses
    std::deque<std::pair<int, std::string>> responses;
    std::string date;
    std::vector<wire::Request> sent;
    std::vector<std::string> urls;
    std::vector<bool> repeatable;
};

struct World {
    std::shared_ptr<Fake_Transport> transport = std::make_shared<Fake_Transport>();
    std::shared_ptr<Fake_Transport> s3_transport = std::make_shared<Fake_Transport>();
    test_support::Fake_Clock clock;
    Aws_Client client{{"",
                       "eu-west-1",
                       static_credentials({"AKID", "secret", "token", {}}),
                       transport,
                       {{"s3", {"http://minio:9000", s3_transport}}}},
                      Retry_Policy({.sleep = [](auto) {}, .random = [] { return 0.5; }}),
                      clock};
};

TEST(Aws_Client_Test, signs_and_sends_to_the_regional_endpoint) {
    World world;
    world.transport->responses = {{200, R"({"a": 1})"}};
    const auto response = world.client.json("lambda", "GET", "/2015-03-31/functions", nullptr, {{"Marker", "a b"}});
    ASSERT_TRUE(response);
    EXPECT_EQ(*response, Json({{"a", 1}}));
    const wire::Request& sent = world.transport->sent.at(0);
    EXPECT_EQ(world.transport->urls.at(0), "https://lambda.eu-west-1.amazonaws.com");
    EXPECT_EQ(sent.headers["Host"], "lambda.eu-west-1.amazonaws.com");
    EXPECT_EQ(sent.target, "/2015-03-31/functions?Marker=a%20b");
    EXPECT_EQ(sent.headers["X-Amz-Security-Token"], "token");
    EXPECT_THAT(std::string(sent.headers["Authorization"]), HasSubstr("/eu-west-1/lambda/aws4_request"));
}

TEST(Aws_Client_Test, host_prefix_applies_only_to_aws_endpoints) {
    World world;
    world.transport->responses = {{200, "{}"}};
    ASSERT_TRUE(world.client.send({.service = "logs", .host_prefix = "streaming-"}));
    EXPECT_EQ(world.transport->urls.at(0), "https://streaming-logs.eu-west-1.amazonaws.com");
    EXPECT_EQ(world.transport->sent.at(0).headers["Host"], "streaming-logs.eu-west-1.amazonaws.com");
    EXPECT_THAT(std::string(world.transport->sent.at(0).headers["Authorization"]),
                HasSubstr("/eu-west-1/logs/aws4_request"));

    world.s3_transport->responses = {{200, "{}"}};  // a configured endpoint has only one host
    ASSERT_TRUE(world.client.send({.service = "s3", .host_prefix = "streaming-"}));
    EXPECT_EQ(world.s3_transport->urls.at(0), "http://minio:9000");
    EXPECT_EQ(world.s3_transport->sent.at(0).headers["Host"], "minio:9000");
}

TEST(Aws_Client_Test, iam_uses_the_global_endpoint_and_xml_becomes_json) {
    World world;
    world.transport->responses = {
        {200,
         "<?xml version='1.0'?><ListRolesResponse><ListRolesResult><Roles><member><RoleName>a"
         "</RoleName></member><member><RoleName>b</RoleName></member></Roles></ListRolesResult>"
         "</ListRolesResponse>"}};
    const auto response = world.client.query("iam", "ListRoles", {{"PathPrefix", "/x y/"}});
    ASSERT_TRUE(response);
    EXPECT_EQ((*response)["Roles"][1]["RoleName"], "b");
    const wire::Request& sent = world.transport->sent.at(0);
    EXPECT_EQ(world.transport->urls.at(0), "https://iam.amazonaws.com");
    EXPECT_EQ(sent.body.bytes(), "Action=ListRoles&Version=2010-05-08&PathPrefix=%2Fx%20y%2F");
    EXPECT_THAT(std::string(sent.headers["Authorization"]), HasSubstr("/us-east-1/iam/aws4_request"));
}

TEST(Aws_Client_Test, parses_error_codes_and_messages_of_all_protocols) {
    World world;
    const auto error = [&](std::string body) {
        world.transport->responses = {{404, std::move(body)}};
        const Error failed = world.client.json("lambda", "GET", "/").error();
        return failed.code + "|" + failed.message;
    };
    EXPECT_EQ(error(R"({"__type": "com.amazonaws.logs#ResourceNotFoundException", "message": "no group"})"),
              "ResourceNotFoundException|no group");
    EXPECT_EQ(
        error("<ErrorResponse><Error><Code>NoSuchEntity</Code><Message>no role</Message></Error></ErrorResponse>"),
        "NoSuchEntity|no role");
    EXPECT_EQ(
        error("\n<ErrorResponse><Errors><Error><Code>EntityAlreadyExists</Code><Message><![CDATA[a role]]></Message>"
              "</Error></Errors></ErrorResponse>"),
        "EntityAlreadyExists|a role");
    EXPECT_EQ(error("<?xml version='1.0'?><Error><Code>NoSuchKey</Code><Message>no key</Message></Error>"),
              "NoSuchKey|no key");
    EXPECT_EQ(error("not json"), "404|the service returned status 404");
    EXPECT_EQ(error(""), "404|the service returned status 404");
}

TEST(Aws_Client_Test, retries_only_transient_errors) {
    World world;
    world.transport->responses = {{503, ""}, {200, "{}"}};
    EXPECT_TRUE(world.client.json("lambda", "GET", "/"));
    ASSERT_EQ(world.transport->sent.size(), 2U);
    EXPECT_EQ(world.transport->sent[0].headers["amz-sdk-invocation-id"],
              world.transport->sent[1].headers["amz-sdk-invocation-id"]);
    world.transport->responses = {{404, ""}};
    EXPECT_FALSE(world.client.json("lambda", "GET", "/"));
    EXPECT_EQ(world.transport->sent.size(), 3U);
}

TEST(Aws_Client_Test, retries_unrepeatable_calls_only_if_they_cannot_have_run) {
    struct Case {
        const char* failure;
        bool repeatable;
        std::size_t sent;
    };
    for (const Case& c : {Case{"ConnectionClosedError", false, 1}, Case{"ReadTimeoutError", false, 1},
                          Case{"EndpointConnectionError", false, 2}, Case{"ConnectTimeoutError", false, 2},
                          Case{"ProxyConnectionError", false, 2}, Case{"ConnectionClosedError", true, 2},
                          Case{"ReadTimeoutError", true, 2}}) {
        World world;
        world.transport->failures = {c.failure};
        world.transport->responses = {{200, "{}"}};
        const auto response = world.client.send({.service = "lambda", .repeatable = c.repeatable});
        EXPECT_EQ(world.transport->sent.size(), c.sent) << c.failure << c.repeatable;
        EXPECT_EQ(response.has_value(), c.sent == 2) << c.failure << c.repeatable;
        EXPECT_EQ(world.transport->repeatable.at(0), c.repeatable);
    }
}

TEST(Aws_Client_Test, service_endpoint_overrides_the_target) {
    World world;
    world.s3_transport->responses = {{200, "{}"}};
    ASSERT_TRUE(world.client.json("s3", "GET", "/bucket"));
    EXPECT_EQ(world.s3_transport->urls.at(0), "http://minio:9000");
    EXPECT_EQ(world.s3_transport->sent.at(0).headers["Host"], "minio:9000");
    EXPECT_TRUE(world.transport->sent.empty());
}

TEST(Aws_Client_Test, wrong_clock_is_corrected_for_all_later_requests) {
    World world;
    world.transport->date = base::http_date(world.clock.time + std::chrono::hours(3));
    world.transport->responses = {{403, R"({"__type": "InvalidSignatureException"})"}, {200, "{}"}, {200, "{}"}};
    ASSERT_TRUE(world.client.json("lambda", "GET", "/"));
    ASSERT_TRUE(world.client.json("lambda", "GET", "/"));
    const auto& sent = world.transport->sent;
    ASSERT_EQ(sent.size(), 3U);
    EXPECT_EQ(sent[0].headers["X-Amz-Date"], base::sigv4_date(world.clock.time));
    EXPECT_EQ(sent[1].headers["X-Amz-Date"], base::sigv4_date(world.clock.time + std::chrono::hours(3)));
    EXPECT_EQ(sent[2].headers["X-Amz-Date"], base::sigv4_date(world.clock.time + std::chrono::hours(3)));
}

TEST(Aws_Client_Test, rejected_signature_with_correct_clock_is_an_error) {
    World world;
    for (const std::string& date :
         {base::http_date(world.clock.time + std::chrono::minutes(3)), std::string("yesterday"), std::string()}) {
        world.transport->date = date;
        world.transport->responses = {{403, R"({"__type": "InvalidSignatureException"})"}};
        EXPECT_EQ(world.client.json("lambda", "GET", "/").error().code, "InvalidSignatureException") << date;
    }
    world.transport->date = base::http_date(world.clock.time + std::chrono::hours(3));
    world.transport->responses = {{403, R"({"__type": "AccessDeniedException"})"}};
    EXPECT_EQ(world.client.json("lambda", "GET", "/").error().code, "AccessDeniedException");
    EXPECT_EQ(world.transport->sent.size(), 4U);
}

TEST(Aws_Client_Test, non_json_response_is_an_error) {
    World world;
    world.transport->responses = {{200, "<html>"}};
    const auto response = world.client.json("lambda", "GET", "/");
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code, "ResponseParserError");
}

}  // namespace
}  // namespace osbot_aws::client
