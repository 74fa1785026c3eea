#include "wire/errors.hpp"

#include <gmock/gmock.h>

#include <osbot_aws/core/Json.hpp>

#include "wire/xml.hpp"

namespace osbot_aws::wire {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Errors_Test, rest_json_has_code_in_header_and_message_of_the_shape) {
    const auto missing = rest_json_error({"ResourceNotFoundException", "Function not found: f", 404}, "id-1");
    EXPECT_EQ(missing.status, 404);
    EXPECT_EQ(missing.headers["x-amzn-errortype"], "ResourceNotFoundException");
    EXPECT_EQ(missing.headers["x-amzn-requestid"], "id-1");
    EXPECT_EQ(Json::parse(missing.body.bytes()), (Json{{"Type", "User"}, {"Message", "Function not found: f"}}));

    const auto taken = rest_json_error({"ResourceConflictException", "Function already exist: f", 409}, "id-2");
    EXPECT_EQ(Json::parse(taken.body.bytes()), (Json{{"Type", "User"}, {"message", "Function already exist: f"}}));

    const auto ours = rest_json_error({"ServiceException", "disk", 500}, "id-3");
    EXPECT_EQ(Json::parse(ours.body.bytes()).at("Type"), "Service");
}

TEST(Errors_Test, message_with_invalid_utf8_does_not_throw) {
    EXPECT_NO_THROW(rest_json_error({"X", "\xff"}, "id"));
    EXPECT_NO_THROW(json11_error({"X", "\xff"}, "id"));
}

TEST(Errors_Test, rest_xml_has_error_as_root_with_details) {
    const auto response =
        rest_xml_error({"NoSuchKey", "The specified key does not exist.", 404}, "R", {{"Key", "a<b"}});

    EXPECT_EQ(response.body.bytes(),
              "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
              "<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message><Key>a&lt;b</Key>"
              "<RequestId>R</RequestId><HostId>R</HostId></Error>");
    EXPECT_EQ(response.headers["x-amz-request-id"], "R");
    EXPECT_EQ(response.headers["content-type"], "application/xml");
}

TEST(Errors_Test, query_error_without_a_message_has_no_element) {
    const auto response = query_error({"ReportNotPresent", "", 410}, "R", "urn:x");
    EXPECT_THAT(std::string(response.body.bytes()), Not(HasSubstr("Message")));
}

TEST(Errors_Test, query_error_has_the_xmlns_of_the_service) {
    const auto response = query_error({"NoSuchEntity", "none", 404}, "R", "https://iam.amazonaws.com/doc/2010-05-08/");

    EXPECT_THAT(response.body.bytes(),
                HasSubstr("<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error>"
                          "<Type>Sender</Type><Code>NoSuchEntity</Code><Message>none</Message></Error>"
                          "<RequestId>R</RequestId></ErrorResponse>"));
}

TEST(Errors_Test, json11_has_the_type) {
    const auto response = json11_error({"ResourceNotFoundException", "The specified log group does not exist."}, "R");

    EXPECT_EQ(response.headers["content-type"], "application/x-amz-json-1.1");
    EXPECT_EQ(Json::parse(response.body.bytes()),
              (Json{{"__type", "ResourceNotFoundException"}, {"message", "The specified log group does not exist."}}));
}

TEST(Errors_Test, unsupported_operation_is_501_and_named) {
    const Error error = not_implemented("S3", "PutBucketAcl");
    EXPECT_EQ(error.http_status, 501);
    EXPECT_THAT(error.message, HasSubstr("PutBucketAcl"));
}

TEST(Errors_Test, error_without_status_is_a_service_failure) {
    const Error ours{"FileError", "cannot read /x: No space left on device", 0};
    for (const auto& response : {rest_json_error(ours, "R"), rest_xml_error(ours, "R"), query_error(ours, "R", "urn:x"),
                                 json11_error(ours, "R")}) {
        EXPECT_EQ(response.status, 500);
        EXPECT_THAT(response.body.bytes(), HasSubstr("No space left"));
        EXPECT_THAT(response.body.bytes(), Not(HasSubstr("FileError")));
    }
    EXPECT_EQ(rest_json_error(ours, "R").headers["x-amzn-errortype"], "ServiceException");
}

TEST(Xml_Test, parse_rejects_malformed_xml_with_the_message_of_s3) {
    EXPECT_TRUE(parse_xml("<a><b>1</b></a>").has_value());
    EXPECT_EQ(parse_xml("<a>").error().code, "MalformedXML");
    EXPECT_EQ(parse_xml("").error().code, "MalformedXML");
}

}  // namespace
}  // namespace osbot_aws::wire
