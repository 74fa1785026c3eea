#include "aws/input.hpp"

#include <gtest/gtest.h>

#include "aws/models/models.hpp"

namespace osbot_aws::aws {
namespace {

Result<Json> input_of(const Service& service, wire::Request request) {
    return read_input(service, find_route(service, request), request);
}

wire::Request request(std::string method, std::string target, std::string body) {
    wire::Request made{.method = std::move(method), .target = std::move(target)};
    made.body = std::move(body);
    return made;
}

TEST(Input_Test, json_has_the_members_of_the_model) {
    const auto input = input_of(lambda_model(), request("PUT", "/2015-03-31/functions/f/configuration",
                                                        R"({"Timeout": 5, "Unknown": 1, "Handler": null,
                                                            "Environment": {"Variables": {"A": "1"}, "X": 2}})"));
    EXPECT_EQ(input.value(),
              (Json{{"FunctionName", "f"}, {"Timeout", 5}, {"Environment", {{"Variables", {{"A", "1"}}}}}}));
}

TEST(Input_Test, json_of_another_type_is_an_error) {
    const auto error_of = [](const char* body) {
        return input_of(lambda_model(), request("PUT", "/2015-03-31/functions/f/configuration", body)).error().message;
    };
    EXPECT_EQ(error_of(R"({"Timeout": "5"})"), "STRING_VALUE can not be converted to an Integer");
    EXPECT_EQ(error_of(R"({"Layers": {}})"), "START_OBJECT can not be converted to a List");
    EXPECT_EQ(error_of(R"({"Environment": {"Variables": {"A": 1}}})"), "NUMBER_VALUE can not be converted to a String");
    EXPECT_EQ(error_of("[]"), "Unexpected value type in payload: START_ARRAY");
}

TEST(Input_Test, query_and_headers_belong_to_the_input) {
    wire::Request invoke = request("POST", "/2015-03-31/functions/f/invocations?Qualifier=live", "{}");
    invoke.headers.set("x-amz-log-type", "Tail");
    EXPECT_EQ(input_of(lambda_model(), invoke).value(),
              (Json{{"FunctionName", "f"}, {"LogType", "Tail"}, {"Qualifier", "live"}}));
}

TEST(Input_Test, forms_have_lists_and_structures) {
    const auto input =
        input_of(iam_model(), request("POST", "/",
                                      "Action=TagRole&RoleName=r&Tags.member.1.Key=a&Tags.member.1.Value=1"
                                      "&Tags.member.2.Key=b%20c&Tags.member.2.Value="));
    EXPECT_EQ(input.value(),
              (Json{{"RoleName", "r"}, {"Tags", {{{"Key", "a"}, {"Value", "1"}}, {{"Key", "b c"}, {"Value", ""}}}}}));
}

TEST(Input_Test, action_of_a_form_is_the_operation_and_an_empty_value_stays) {
    const wire::Request create =
        request("POST", "/",
                "Action=CreateRole&Tags.member.1.Key=a&Tags.member.1.Value=1&Tags.member.2.Key=b&Tags.member.2.Value=");
    EXPECT_STREQ(find_route(iam_model(), create).operation->name, "CreateRole");
    EXPECT_EQ(input_of(iam_model(), create).value()["Tags"],
              (Json{{{"Key", "a"}, {"Value", "1"}}, {{"Key", "b"}, {"Value", ""}}}));
}

TEST(Input_Test, forms_have_numbers_and_booleans) {
    EXPECT_EQ(input_of(iam_model(), request("POST", "/", "Action=ListPolicies&MaxItems=5&OnlyAttached=true")).value(),
              (Json{{"MaxItems", 5}, {"OnlyAttached", true}}));
    EXPECT_EQ(input_of(iam_model(), request("POST", "/", "Action=ListPolicies&MaxItems=x")).error().code,
              "MalformedInput");
}

TEST(Input_Test, xml_bodies_are_the_payload) {
    const auto input =
        input_of(s3_model(), request("PUT", "/bucket?tagging",
                                     "<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet></Tagging>"));
    EXPECT_EQ(input.value(), (Json{{"Bucket", "bucket"}, {"Tagging", {{"TagSet", {{{"Key", "a"}, {"Value", "1"}}}}}}}));
    const auto flat =
        input_of(s3_model(), request("POST", "/bucket?delete",
                                     "<Delete><Object><Key>a</Key></Object><Object><Key>b</Key></Object></Delete>"));
    EXPECT_EQ(flat.value()["Delete"]["Objects"], (Json{{{"Key", "a"}}, {{"Key", "b"}}}));
    const auto empty = input_of(s3_model(), request("PUT", "/bucket?tagging", "<Tagging><TagSet/></Tagging>"));
    EXPECT_EQ(empty.value()["Tagging"], (Json{{"TagSet", Json::array()}}));
}

TEST(Input_Test, xml_bodies_have_the_root_and_the_required_members) {
    for (const char* body : {"", "<a>", "<Other><TagSet/></Other>", "<Tagging/>",
                             "<Tagging><TagSet><Tag><Key>a</Key></Tag></TagSet></Tagging>"})
        EXPECT_EQ(input_of(s3_model(), request("PUT", "/bucket?tagging", body)).error().code, "MalformedXML") << body;
    EXPECT_EQ(input_of(s3_model(), request("POST", "/bucket?delete", "<Delete/>")).error().code, "MalformedXML");
    EXPECT_EQ(input_of(s3_model(), request("PUT", "/bucket", "")).value(), (Json{{"Bucket", "bucket"}}));
}

TEST(Input_Test, headers_of_s3_have_lists_and_maps) {
    wire::Request attributes = request("GET", "/bucket/key?attributes", "");
    attributes.headers.set("x-amz-object-attributes", "ETag, Checksum,,");
    EXPECT_EQ(input_of(s3_model(), attributes).value()["ObjectAttributes"], (Json{"ETag", "Checksum"}));
    wire::Request put = request("PUT", "/bucket/key", "bytes");
    put.headers.set("X-Amz-Meta-One", "1");
    EXPECT_EQ(input_of(s3_model(), put).value(),
              (Json{{"Bucket", "bucket"}, {"Key", "key"}, {"Metadata", {{"one", "1"}}}}));
}

TEST(Input_Test, errors_of_s3_name_the_parameter) {
    const auto sent = request("GET", "/bucket?max-keys=x", "");
    Error_Details details;
    const auto input = read_input(s3_model(), find_route(s3_model(), sent), sent, &details);
    EXPECT_EQ(input.error().message, "Provided max-keys not an integer or within integer range");
    EXPECT_EQ(details, (Error_Details{{"ArgumentName", "max-keys"}, {"ArgumentValue", "x"}}));
    EXPECT_EQ(input_of(s3_model(), request("GET", "/bucket?max-keys=", "")).value(), (Json{{"Bucket", "bucket"}}));
}

}  // namespace
}  // namespace osbot_aws::aws
