#include <osbot_aws/events/Http_Request.hpp>

#include <gmock/gmock.h>

#include "unit/events/samples.hpp"

namespace osbot_aws::events {
namespace {

using test::sample;
using testing::ElementsAre;
using testing::Optional;

TEST(Http_Request_Test, reads_the_same_request_from_each_service) {
    for (const char* kind : {"url", "apigateway-v2", "apigateway"}) {
        const Json event =
            sample(kind, {{"method", "POST"}, {"path", "/orders"}, {"query", "name=Ada"}, {"body", "{}"}});
        const auto request = event.get<Http_Request>();
        EXPECT_EQ(request.method, "POST") << kind;
        EXPECT_EQ(request.path, "/orders") << kind;
        EXPECT_THAT(request.query("name"), Optional(std::string("Ada"))) << kind;
        EXPECT_THAT(request.header("USER-agent"), Optional(std::string("curl/8.0.0"))) << kind;
        EXPECT_EQ(request.json(), Json::object()) << kind;
        EXPECT_EQ(request.source_ip, "203.0.113.7") << kind;
        EXPECT_EQ(request.event, event) << kind;
        EXPECT_FALSE(request.header("missing"));
        EXPECT_FALSE(request.query("missing"));
    }
    EXPECT_EQ(sample("url").get<Http_Request>().format, Http_Format::function_url);
    EXPECT_EQ(sample("apigateway").get<Http_Request>().format, Http_Format::api_gateway);
}

TEST(Http_Request_Test, decodes_query_and_repeated_parameters) {
    Function_Url_Event event;
    event.rawQueryString = "tag=a%20b&tag=c+d&empty=&flag&%C3%A9=%26&&";
    const Http_Request request(event);
    EXPECT_THAT(request.query_values("tag"), ElementsAre("a b", "c d"));
    EXPECT_THAT(request.query("tag"), Optional(std::string("c d")));
    EXPECT_THAT(request.query("empty"), Optional(std::string()));
    EXPECT_THAT(request.query("flag"), Optional(std::string()));
    EXPECT_THAT(request.query("é"), Optional(std::string("&")));
    EXPECT_EQ(request.query_fields.size(), 5U);
}

TEST(Http_Request_Test, reads_cookies_of_each_service) {
    Function_Url_Event url;
    url.cookies = {"a=1", "b=x=y"};
    Function_Url_Event url_with_header;
    url_with_header.headers = {{"cookie", "a=1; b=x=y"}};
    Api_Gateway_Event api;
    api.multiValueHeaders = {{"Cookie", {"a=1", "b=x=y"}}};
    for (const Http_Request& request : {Http_Request(url), Http_Request(url_with_header), Http_Request(api)}) {
        EXPECT_THAT(request.cookie("a"), Optional(std::string("1")));
        EXPECT_THAT(request.cookie("b"), Optional(std::string("x=y")));
        EXPECT_FALSE(request.cookie("c"));
    }
}

TEST(Http_Request_Test, decodes_a_binary_body) {
    Function_Url_Event event;
    event.body = "AAH/";
    event.isBase64Encoded = true;
    EXPECT_EQ(Http_Request(event).body, std::string("\0\1\xff", 3));
    event.body = "not base64!";
    EXPECT_EQ(test::error_of([&] { Http_Request{event}; }),
              "InvalidEvent: isBase64Encoded is true, but the body is not base64");
}

TEST(Http_Request_Test, body_that_is_not_json_is_an_error) {
    Function_Url_Event event;
    event.body = "{";
    EXPECT_EQ(test::error_of([&] { Http_Request(event).json(); }),
              "InvalidBody: the body of the request is not JSON, or nested over 1000 levels: {");
    event.body = std::string(2000, '[') + std::string(2000, ']');
    EXPECT_THAT(test::error_of([&] { Http_Request(event).json(); }), testing::StartsWith("InvalidBody"));
}

TEST(Http_Request_Test, load_balancer_parameters_are_decoded) {
    const auto single = test::alb_event().get<Http_Request>();
    EXPECT_EQ(single.format, Http_Format::alb);
    EXPECT_THAT(single.query("name"), Optional(std::string("Ada L")));
    EXPECT_THAT(single.query("tag"), Optional(std::string("a+b c")));
    EXPECT_THAT(single.cookie("b"), Optional(std::string("2")));
    EXPECT_EQ(single.source_ip, "203.0.113.7") << "a client can write the other addresses itself";

    Json event = test::alb_event();
    event.erase("headers");
    event.erase("queryStringParameters");
    event["multiValueHeaders"] = {{"accept", {"text/html", "*/*"}}};
    event["multiValueQueryStringParameters"] = {{"tag", {"a%20b", "c"}}};
    const auto multiple = event.get<Http_Request>();
    EXPECT_EQ(multiple.format, Http_Format::alb_multi_value);
    EXPECT_THAT(multiple.query_values("tag"), ElementsAre("a b", "c"));
    EXPECT_THAT(multiple.header("Accept"), Optional(std::string("*/*")));
}

TEST(Http_Request_Test, rest_api_returns_all_values) {
    Json event = sample("apigateway");
    event["queryStringParameters"] = {{"tag", "b c"}};
    event["multiValueQueryStringParameters"] = {{"tag", {"a", "b c"}}};
    EXPECT_THAT(event.get<Http_Request>().query_values("tag"), ElementsAre("a", "b c"));
}

}  // namespace
}  // namespace osbot_aws::events
