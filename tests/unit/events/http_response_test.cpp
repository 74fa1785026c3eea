#include <osbot_aws/events/Http_Response.hpp>

#include <gmock/gmock.h>

#include "unit/events/samples.hpp"

namespace osbot_aws::events {
namespace {

TEST(Http_Response_Test, text_and_json_have_content_types) {
    EXPECT_EQ(Http_Response::text("hello").to_json(),
              Json({{"statusCode", 200},
                    {"headers", {{"Content-Type", "text/plain; charset=utf-8"}}},
                    {"body", "hello"},
                    {"isBase64Encoded", false}}));
    const Json created = Http_Response::json({{"id", 7}}, 201);
    EXPECT_EQ(created.at("statusCode"), 201);
    EXPECT_EQ(created.at("body"), R"({"id":7})");
    EXPECT_EQ(created.at("headers").at("Content-Type"), "application/json");
    EXPECT_EQ(Http_Response::html("<p>").to_json().at("headers").at("Content-Type"), "text/html; charset=utf-8");
}

TEST(Http_Response_Test, bytes_are_base64) {
    const Json json = Http_Response::bytes(std::string("\0\1\xff", 3), "image/png");
    EXPECT_EQ(json.at("body"), "AAH/");
    EXPECT_EQ(json.at("isBase64Encoded"), true);
}

TEST(Http_Response_Test, redirect_and_status_have_no_body) {
    const Json redirect = Http_Response::redirect("/login");
    EXPECT_EQ(redirect.at("statusCode"), 302);
    EXPECT_EQ(redirect.at("headers"), Json({{"Location", "/login"}}));
    EXPECT_EQ(Http_Response::status(204).to_json().at("body"), "");
}

TEST(Http_Response_Test, cookies_have_the_form_of_the_service) {
    Http_Response response = Http_Response::status(200).cookie("a=1").cookie("b=2");
    const Json cookies{"a=1", "b=2"};
    EXPECT_EQ(response.to_json().at("cookies"), cookies);
    const Json rest = response.to(Http_Format::api_gateway).to_json();
    EXPECT_EQ(rest.at("multiValueHeaders"), Json({{"Set-Cookie", cookies}}));
    EXPECT_FALSE(rest.contains("cookies")) << "a REST API rejects unknown members";
    const Json multi = response.to(Http_Format::alb_multi_value).to_json();
    EXPECT_EQ(multi.at("multiValueHeaders").at("Set-Cookie"), cookies);
    EXPECT_FALSE(multi.contains("headers"));
    EXPECT_THAT(test::error_of([&] { response.to(Http_Format::alb).to_json(); }),
                testing::HasSubstr("lambda.multi_value_headers.enabled"));
    EXPECT_EQ(Http_Response::status(200).cookie("a=1").to(Http_Format::alb).to_json().at("headers").at("Set-Cookie"),
              "a=1");
}

TEST(Http_Response_Test, repeated_header_becomes_a_list) {
    Http_Response response = Http_Response::status(200).header("Vary", "Accept").header("vary", "Origin");
    EXPECT_EQ(response.to_json().at("headers"), Json({{"Vary", "Accept, Origin"}}));
    EXPECT_EQ(response.to(Http_Format::alb_multi_value).to_json().at("multiValueHeaders"),
              Json({{"Vary", {"Accept", "Origin"}}}));
}

TEST(Http_Response_Test, line_break_in_a_header_is_an_error) {
    Http_Response response = Http_Response::status(200);
    EXPECT_THAT(test::error_of([&] { response.header("X-A", "1\r\nSet-Cookie: b=2"); }),
                testing::StartsWith("InvalidHeader"));
    EXPECT_THAT(test::error_of([&] { response.header("X A", "1"); }), testing::StartsWith("InvalidHeader"));
    EXPECT_THAT(test::error_of([&] { response.cookie("a=1\n"); }), testing::StartsWith("InvalidHeader"));
    EXPECT_EQ(response.to_json().at("headers"), Json::object());
}

TEST(Http_Response_Test, to_uses_the_form_of_the_request) {
    const auto request = test::sample("apigateway").get<Http_Request>();
    const Json json = Http_Response::status(200).cookie("a=1").to(request);
    EXPECT_TRUE(json.contains("multiValueHeaders"));
}

}  // namespace
}  // namespace osbot_aws::events
