#include "aws/routes.hpp"

#include <gtest/gtest.h>

#include "aws/models/models.hpp"

namespace osbot_aws::aws {
namespace {

std::string operation_of(const Service& service, std::string method, std::string target) {
    const Route route = find_route(service, {.method = std::move(method), .target = std::move(target)});
    return route.operation == nullptr ? "" : route.operation->name;
}

TEST(Routes_Test, RestPathsNameTheOperation) {
    EXPECT_EQ(operation_of(lambda_model(), "POST", "/2015-03-31/functions"), "CreateFunction");
    EXPECT_EQ(operation_of(lambda_model(), "GET", "/2015-03-31/functions/"), "ListFunctions");
    EXPECT_EQ(operation_of(lambda_model(), "GET", "/2015-03-31/functions/f"), "GetFunction");
    EXPECT_EQ(operation_of(lambda_model(), "POST", "/2015-03-31/functions/f/invocations"), "Invoke");
    EXPECT_EQ(operation_of(lambda_model(), "DELETE", "/2015-03-31/nothing"), "");
}

TEST(Routes_Test, LiteralsWinOverLabels) {
    const Route route =
        find_route(lambda_model(), {.method = "GET", .target = "/2018-10-31/layers?find=LayerVersion&Arn=a"});
    ASSERT_NE(route.operation, nullptr);
    EXPECT_STREQ(route.operation->name, "GetLayerVersionByArn");
    EXPECT_EQ(operation_of(lambda_model(), "GET", "/2018-10-31/layers"), "ListLayers");
}

TEST(Routes_Test, LabelsAreDecoded) {
    const Route route =
        find_route(lambda_model(), {.method = "GET", .target = "/2015-03-31/functions/arn%3Aaws%3Alambda"});
    EXPECT_EQ(route.label("FunctionName"), "arn:aws:lambda");
    EXPECT_EQ(route.label("Other"), "");
}

TEST(Routes_Test, GreedyLabelsTakeTheRestOfThePath) {
    const Route route = find_route(s3_model(), {.method = "GET", .target = "/bucket/a/b%20c?acl"});
    ASSERT_NE(route.operation, nullptr);
    EXPECT_STREQ(route.operation->name, "GetObjectAcl");
    EXPECT_EQ(route.label("Key"), "a/b c");
    EXPECT_EQ(operation_of(s3_model(), "GET", "/bucket/key"), "GetObject");
    EXPECT_EQ(operation_of(s3_model(), "GET", "/bucket?list-type=2"), "ListObjectsV2");
    EXPECT_EQ(operation_of(s3_model(), "GET", "/bucket"), "ListObjects");
}

TEST(Routes_Test, TargetsAndActionsNameTheOperation) {
    const Route json =
        find_route(sqs_model(), {.method = "POST", .headers = {{"X-Amz-Target", "AmazonSQS.SendMessage"}}});
    EXPECT_STREQ(json.operation->name, "SendMessage");
    wire::Request form{.method = "POST"};
    form.body.bytes = "Version=2011-06-15&Action=AssumeRole";
    EXPECT_STREQ(find_route(sts_model(), form).operation->name, "AssumeRole");
    EXPECT_EQ(operation_of(sts_model(), "GET", "/?Action=GetCallerIdentity"), "GetCallerIdentity");
}

}  // namespace
}  // namespace osbot_aws::aws
