#include <gtest/gtest.h>

#include <osbot_aws/core/Json.hpp>

#include "support/printers.hpp"
#include "wire/json_text.hpp"
#include "wire/lambda_url.hpp"

namespace osbot_aws::wire {
namespace {

TEST(Json_Text_Test, accepts_the_same_texts_as_a_full_parser) {
    for (const char* text : {"{}",
                             "[]",
                             "null",
                             "true",
                             "false",
                             "0",
                             "-0",
                             "1.5e-7",
                             "1E+2",
                             "\"\"",
                             "\"a\\u00e9\\n\\\\\"",
                             " {\"a\" : [1, {\"b\": null}, []]} \n",
                             "\"12345678\\\"90 more than eight bytes\"",
                             "{\"a\":1,\"a\":2}",
                             "",
                             " ",
                             "{",
                             "}",
                             "[1,]",
                             "{\"a\":}",
                             "{\"a\" 1}",
                             "{a:1}",
                             "[1 2]",
                             "nul",
                             "nulls",
                             "01",
                             "-",
                             "1.",
                             ".5",
                             "1e",
                             "+1",
                             "\"abc",
                             "\"\\x\"",
                             "\"\\u12g4\"",
                             "\"a\tb\"",
                             "\"12345678\n\"",
                             "[[[",
                             "1 2",
                             "{\"a\":1,}",
                             "'a'",
                             "[1}",
                             "truefalse"}) {
        EXPECT_EQ(!json_fault(text), Json::accept(text)) << text;
    }
}

TEST(Json_Text_Test, rejects_every_prefix_without_reading_past_it) {
    const std::string text =
        R"({"order": ["ORD-1", -1.5e3, true, null, "\u00e9\\ and text that is longer than a word"], "x": {}})";
    for (std::size_t length = 0; length < text.size(); ++length) {
        const std::string prefix = text.substr(0, length);  // a copy, so that sanitizers detect reads past its end
        EXPECT_TRUE(json_fault(prefix)) << prefix;
    }
    EXPECT_FALSE(json_fault(text));
}

TEST(Json_Text_Test, returns_the_error_message_of_the_service) {
    EXPECT_EQ(json_fault("not json"),
              "Unrecognized token 'not': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or "
              "'false')\n"
              " at [Source: (byte[])\"not json\"; line: 1, column: 4]");
}

TEST(Json_Text_Test, rejects_deep_nesting_without_recursion) {
    EXPECT_TRUE(json_fault(std::string(1'000'000, '[')));
    EXPECT_FALSE(json_fault(std::string(500, '[') + std::string(500, ']')));
}

TEST(Function_Url_Test, host_has_url_id_and_region) {
    const auto host = parse_function_url_host("abc.lambda-url.us-east-1.localhost:4566");
    EXPECT_EQ(host.id, "abc");
    EXPECT_EQ(host.region, "us-east-1");
    EXPECT_EQ(host.domain, "abc.lambda-url.us-east-1.localhost");
    EXPECT_EQ(parse_function_url_host("127.0.0.1:4566").id, "");
}

TEST(Function_Url_Test, request_is_converted_to_event_format_2_0) {
    Request request{.method = "POST", .target = "/a%20b?x=1&x=2&y=", .headers = {}, .body = {}};
    request.headers = {{"Host", "abc.lambda-url.us-east-1.localhost:4566"},
                       {"Content-Type", "text/plain"},
                       {"Cookie", "a=1; b=2"},
                       {"X-A", "1"},
                       {"x-a", "2"}};
    request.body = "hi";
    const Json event = Json::parse(function_url_event(
        request, {.host = parse_function_url_host(request.headers["Host"]), .request_id = "r", .time = {}}));
    EXPECT_EQ(event["version"], "2.0");
    EXPECT_EQ(event["rawPath"], "/a%20b");
    EXPECT_EQ(event["rawQueryString"], "x=1&x=2&y=");
    EXPECT_EQ(event["queryStringParameters"], Json({{"x", "1,2"}, {"y", ""}}));
    EXPECT_EQ(event["cookies"], Json({"a=1", "b=2"}));
    EXPECT_EQ(event["headers"]["x-a"], "1,2");
    EXPECT_FALSE(event["headers"].contains("cookie"));
    EXPECT_EQ(event["body"], "hi");
    EXPECT_EQ(event["isBase64Encoded"], false);
    EXPECT_EQ(event["requestContext"]["http"]["method"], "POST");
    EXPECT_EQ(event["requestContext"]["apiId"], "abc");
    EXPECT_EQ(event["requestContext"]["time"], "01/Jan/1970:00:00:00 +0000");
    EXPECT_FALSE(event["headers"].contains("x-amzn-trace-id"));
}

TEST(Function_Url_Test, fields_of_the_connection_are_not_passed_on) {
    Request request;
    Json result{{"statusCode", 200}, {"headers", Json::object()}};
    for (const char* name :
         {"Connection", "keep-alive", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade"}) {
        request.headers.add(name, "x");
        result["headers"][name] = "x";
    }
    request.headers.add("Content-Length", "0");
    result["headers"]["Content-Length"] = "7";
    result["headers"]["Teapot"] = "short";
    const Json received = Json::parse(function_url_event(request, {}))["headers"];
    EXPECT_EQ(received.value("content-length", ""), "0") << "AWS passes the length on";
    EXPECT_THAT(received, testing::Not(testing::Contains("x")));
    const Response response = function_url_response(result.dump());
    EXPECT_EQ(response.headers["Teapot"], "short");
    EXPECT_EQ(response.headers.size(), 2u) << "with Content-Type";
}

TEST(Function_Url_Test, binary_body_is_base64_in_the_event) {
    Request request;
    request.headers = {{"Content-Type", "application/octet-stream"}};
    request.body = std::string("\xff\x00\x01", 3);
    const Json event = Json::parse(function_url_event(request, {}));
    EXPECT_EQ(event["body"], "/wAB");
    EXPECT_EQ(event["isBase64Encoded"], true);
}

TEST(Function_Url_Test, response_format_is_converted_to_http) {
    const Response response = function_url_response(
        R"({"statusCode": 201, "headers": {"X-Who": "ada", "content-type": "text/html", "X-N": 5}, "cookies": ["a=1", "b=2"], "body": "/wAB", "isBase64Encoded": true})");
    EXPECT_EQ(response.status, 201);
    EXPECT_EQ(response.headers["Content-Type"], "text/html");
    EXPECT_EQ(response.headers["X-Who"], "ada");
    EXPECT_EQ(response.headers["X-N"], "5");
    EXPECT_EQ(response.headers["Set-Cookie"], "a=1");
    EXPECT_EQ(response.body.bytes(), std::string("\xff\x00\x01", 3));
}

TEST(Function_Url_Test, other_json_is_the_body_of_a_200) {
    EXPECT_EQ(function_url_response(R"({"total": 5, "a b": [1, 2.50, 12345678901234567890]})").body.bytes(),
              R"({"total":5,"a b":[1,2.50,12345678901234567890]})");
    EXPECT_EQ(function_url_response(R"({ "text" : "a \" : \\" , "n" : null })").body.bytes(),
              R"({"text":"a \" : \\","n":null})");
    EXPECT_EQ(function_url_response("not { json").body.bytes(), "not { json");
    EXPECT_EQ(function_url_response(R"({"total": 5})").headers["Content-Type"], "application/json");
    EXPECT_EQ(function_url_response(R"("hello")").body.bytes(), "hello");
    EXPECT_EQ(function_url_response("[1]").body.bytes(), "[1]");
}

TEST(Function_Url_Test, invalid_response_is_502) {
    for (const char* payload :
         {R"({"statusCode": "abc"})", R"({"statusCode": 1000})", R"({"statusCode": null})",
          R"({"statusCode": 200, "headers": []})", R"({"statusCode": 200, "headers": {"a": {}}})",
          R"({"statusCode": 200, "headers": {"a": "b\r\nx: y"}})", R"({"statusCode": 200, "cookies": "a"})",
          R"({"statusCode": 200, "body": "%", "isBase64Encoded": true})"}) {
        EXPECT_EQ(function_url_response(payload).status, 502) << payload;
    }
}

}  // namespace
}  // namespace osbot_aws::wire
