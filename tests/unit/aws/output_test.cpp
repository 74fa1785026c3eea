#include "aws/output.hpp"

#include <gmock/gmock.h>

#include "aws/models/models.hpp"
#include "base/json.hpp"

namespace osbot_aws::aws {
namespace {

using ::testing::HasSubstr;

wire::Response output_of(const Service& service, const char* operation, const Json& output) {
    return write_output(service, *service.find_operation(operation), output, "id-1");
}

TEST(Output_Test, json_has_the_status_and_the_members_of_the_model) {
    const auto response = output_of(lambda_model(), "CreateAlias", {{"Name", "live"}, {"Unknown", 1}});
    EXPECT_EQ(response.status, 201);
    EXPECT_EQ(response.body.bytes(), R"({"Name":"live"})");
    EXPECT_EQ(response.headers["x-amzn-RequestId"], "id-1");
    EXPECT_EQ(output_of(lambda_model(), "DeleteAlias", Json::object()).status, 204);
    EXPECT_EQ(output_of(sqs_model(), "PurgeQueue", Json::object()).body.bytes(), "");
}

TEST(Output_Test, query_output_is_in_the_result_element) {
    EXPECT_EQ(
        output_of(iam_model(), "ListRolePolicies", {{"PolicyNames", {"a", "b"}}, {"IsTruncated", false}}).body.bytes(),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListRolePoliciesResponse "
        "xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><ListRolePoliciesResult><PolicyNames><member>a</member>"
        "<member>b</member></PolicyNames><IsTruncated>false</IsTruncated></ListRolePoliciesResult>"
        "<ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata></ListRolePoliciesResponse>");
    EXPECT_THAT(output_of(iam_model(), "DeleteRole", Json::object()).body.bytes(), ::testing::Not(HasSubstr("Result")));
    EXPECT_THAT(output_of(iam_model(), "GetAccountSummary", {{"SummaryMap", {{"Roles", 2}}}}).body.bytes(),
                HasSubstr("<SummaryMap><entry><key>Roles</key><value>2</value></entry></SummaryMap>"));
}

TEST(Output_Test, query_output_has_the_elements_of_the_protocol) {
    EXPECT_THAT(
        output_of(sts_model(), "GetAccessKeyInfo", {{"Account", "1"}}).body.bytes(),
        HasSubstr("<GetAccessKeyInfoResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
                  "<GetAccessKeyInfoResult><Account>1</Account></GetAccessKeyInfoResult>"
                  "<ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata></GetAccessKeyInfoResponse>"));
}

TEST(Output_Test, xml_lists_may_be_flat) {
    const auto response =
        output_of(s3_model(), "ListObjectsV2", {{"Name", "b"}, {"Contents", {{{"Key", "a"}}, {{"Key", "c"}}}}});
    EXPECT_THAT(response.body.bytes(), HasSubstr("<Contents><Key>a</Key></Contents><Contents><Key>c</Key></Contents>"));
}

TEST(Output_Test, xml_roots_have_the_names_of_aws) {
    const auto body = [](const char* operation, const Json& output) {
        const std::string bytes = output_of(s3_model(), operation, output).body.bytes();
        return bytes.substr(bytes.find("?>") + 3);
    };
    const std::string xmlns = " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"";
    EXPECT_EQ(body("GetBucketVersioning", Json::object()), "<VersioningConfiguration" + xmlns + "/>");
    EXPECT_EQ(body("GetBucketLocation", {{"LocationConstraint", "eu-west-1"}}),
              "<LocationConstraint" + xmlns + ">eu-west-1</LocationConstraint>");
    EXPECT_EQ(body("CopyObject", {{"CopyObjectResult", {{"ETag", "e"}, {"LastModified", "t"}}}}),
              "<CopyObjectResult" + xmlns + "><LastModified>t</LastModified><ETag>e</ETag></CopyObjectResult>");
}

TEST(Output_Test, xml_text_is_escaped) {
    const auto response = output_of(s3_model(), "ListObjectsV2", {{"Name", ""}, {"Prefix", "<a & b>\r\n\x01\xC3\xA4"}});
    EXPECT_THAT(response.body.bytes(), HasSubstr("<Name/><Prefix>&lt;a &amp; b&gt;&#13;\n&#1;\xC3\xA4</Prefix>"));
}

TEST(Output_Test, output_of_s3_may_be_in_headers) {
    const auto put = output_of(s3_model(), "PutObject", {{"ETag", "e"}});
    EXPECT_EQ(put.headers["ETag"], "e");
    EXPECT_EQ(put.headers.find("Content-Type"), nullptr) << "no body, no type";
    EXPECT_EQ(put.headers["x-amz-request-id"], "id-1");
    const auto head = output_of(s3_model(), "HeadObject", {{"Metadata", {{"one", "1"}}}, {"ContentLength", 5}});
    EXPECT_EQ(head.headers["x-amz-meta-one"], "1");
    EXPECT_EQ(head.headers["Content-Length"], "5");
    const auto error = write_error(s3_model(), {"NoSuchKey", "none", 404}, "id-1", {{"Key", "k"}});
    EXPECT_THAT(error.body.bytes(), HasSubstr("<Message>none</Message><Key>k</Key>"));
}

TEST(Output_Test, errors_have_the_status_of_the_model) {
    const auto missing = write_error(lambda_model(), {"ResourceNotFoundException", "none"}, "id-1");
    EXPECT_EQ(missing.status, 404);
    EXPECT_EQ(missing.headers["x-amzn-ErrorType"], "ResourceNotFoundException");
    const auto queue = write_error(sqs_model(), {"QueueDoesNotExist", "none"}, "id-1");
    EXPECT_EQ(queue.headers["x-amzn-query-error"], "AWS.SimpleQueueService.NonExistentQueue;Sender");
    EXPECT_EQ(base::parse_json(queue.body.bytes())["__type"], "com.amazonaws.sqs#QueueDoesNotExist");
}

}  // namespace
}  // namespace osbot_aws::aws
