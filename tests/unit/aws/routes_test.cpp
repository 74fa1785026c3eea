#include "aws/routes.hpp"

#include <gtest/gtest.h>

#include "aws/models/models.hpp"

namespace osbot_aws::aws {
namespace {

std::string operation_of(const Service& service, std::string method, std::string target) {
    const Route route = find_route(service, {.method = std::move(method), .target = std::move(target)});
    return route.operation == nullptr ? "" : route.operation->name;
}

TEST(Routes_Test, rest_paths_name_the_operation) {
    EXPECT_EQ(operation_of(lambda_model(), "POST", "/2015-03-31/functions"), "CreateFunction");
    EXPECT_EQ(operation_of(lambda_model(), "GET", "/2015-03-31/functions/"), "ListFunctions");
    EXPECT_EQ(operation_of(lambda_model(), "GET", "/2015-03-31/functions/f"), "GetFunction");
    EXPECT_EQ(operation_of(lambda_model(), "POST", "/2015-03-31/functions/f/invocations"), "Invoke");
    EXPECT_EQ(operation_of(lambda_model(), "DELETE", "/2015-03-31/nothing"), "");
}

TEST(Routes_Test, literals_win_over_labels) {
    const Route route =
        find_route(lambda_model(), {.method = "GET", .target = "/2018-10-31/layers?find=LayerVersion&Arn=a"});
    ASSERT_NE(route.operation, nullptr);
    EXPECT_STREQ(route.operation->name, "GetLayerVersionByArn");
    EXPECT_EQ(operation_of(lambda_model(), "GET", "/2018-10-31/layers"), "ListLayers");
}

TEST(Routes_Test, labels_are_decoded) {
    const Route route =
        find_route(lambda_model(), {.method = "GET", .target = "/2015-03-31/functions/arn%3Aaws%3Alambda"});
    EXPECT_EQ(route.label("FunctionName"), "arn:aws:lambda");
    EXPECT_EQ(route.label("Other"), "");
}

TEST(Routes_Test, greedy_labels_take_the_rest_of_the_path) {
    const Route route = find_route(s3_model(), {.method = "GET", .target = "/bucket/a/b%20c?acl"});
    ASSERT_NE(route.operation, nullptr);
    EXPECT_STREQ(route.operation->name, "GetObjectAcl");
    EXPECT_EQ(route.label("Key"), "a/b c");
    EXPECT_EQ(operation_of(s3_model(), "GET", "/bucket/key"), "GetObject");
    EXPECT_EQ(operation_of(s3_model(), "GET", "/bucket?list-type=2"), "ListObjectsV2");
    EXPECT_EQ(operation_of(s3_model(), "GET", "/bucket"), "ListObjects");
}

TEST(Routes_Test, parameters_and_headers_distinguish_operations_of_s3) {
    const auto with_source = [](std::string target) {
        return std::string(find_route(s3_model(), {.method = "PUT",
                                                   .target = std::move(target),
                                                   .headers = {{"X-Amz-Copy-Source", "bucket/other"}}})
                               .operation->name);
    };
    EXPECT_EQ(operation_of(s3_model(), "PUT", "/bucket/key"), "PutObject");
    EXPECT_EQ(operation_of(s3_model(), "PUT", "/bucket/key?x-id=PutObject"), "PutObject");
    EXPECT_EQ(with_source("/bucket/key"), "CopyObject");
    EXPECT_EQ(operation_of(s3_model(), "PUT", "/bucket/key?x-amz-copy-source=bucket%2Fother"), "CopyObject")
        << "a link";
    EXPECT_EQ(operation_of(s3_model(), "PUT", "/bucket/key?partNumber=1&uploadId=a"), "UploadPart");
    EXPECT_EQ(with_source("/bucket/key?partNumber=1&uploadId=a"), "UploadPartCopy");
    EXPECT_EQ(operation_of(s3_model(), "POST", "/bucket/key?uploads"), "CreateMultipartUpload");
    EXPECT_EQ(operation_of(s3_model(), "POST", "/bucket/key?uploadId=a"), "CompleteMultipartUpload");
    EXPECT_EQ(operation_of(s3_model(), "GET", "/bucket/key?uploadId=a"), "ListParts");
    EXPECT_EQ(operation_of(s3_model(), "DELETE", "/bucket/key?uploadId=a"), "AbortMultipartUpload");
    EXPECT_EQ(operation_of(s3_model(), "DELETE", "/bucket/key"), "DeleteObject");
    EXPECT_EQ(operation_of(s3_model(), "HEAD", "/bucket/key"), "HeadObject");
    EXPECT_EQ(operation_of(s3_model(), "HEAD", "/bucket/"), "HeadBucket");
    EXPECT_EQ(operation_of(s3_model(), "POST", "/bucket?delete"), "DeleteObjects");
    EXPECT_EQ(operation_of(s3_model(), "GET", "/?x-id=ListBuckets"), "ListBuckets");
    EXPECT_EQ(operation_of(s3_model(), "GET", "/bucket?lifecycle"), "GetBucketLifecycleConfiguration");
    EXPECT_EQ(operation_of(s3_model(), "GET", "/bucket?metrics"), "ListBucketMetricsConfigurations");
    EXPECT_EQ(operation_of(s3_model(), "GET", "/bucket?metrics&id=a"), "GetBucketMetricsConfiguration");
    EXPECT_EQ(operation_of(s3_model(), "POST", "/bucket"), "");
    EXPECT_EQ(requested_operation(s3_model(), {.method = "POST", .target = "/bucket"}), "PostObject");
}

TEST(Routes_Test, bucket_of_s3_may_be_in_the_host) {
    const auto route = [](const char* host, const char* target) {
        return find_route(s3_model(), {.method = "GET", .target = target, .headers = {{"Host", host}}});
    };
    const Route object = route("my.bucket.s3.eu-west-1.amazonaws.com", "/a%20b/c");
    ASSERT_NE(object.operation, nullptr);
    EXPECT_STREQ(object.operation->name, "GetObject");
    EXPECT_EQ(object.label("Bucket"), "my.bucket");
    EXPECT_EQ(object.label("Key"), "a b/c");
    EXPECT_STREQ(route("bucket.localhost:4566", "/").operation->name, "ListObjects");
    EXPECT_STREQ(route("bucket.localhost:4566", "/?location").operation->name, "GetBucketLocation");
    EXPECT_STREQ(route("s3.localhost:4566", "/").operation->name, "ListBuckets");
    EXPECT_STREQ(route("localhost:4566", "/bucket/key").operation->name, "GetObject");
}

TEST(Routes_Test, only_blobs_of_payloads_are_streams) {
    const auto& s3 = s3_model();
    EXPECT_TRUE(streams_input(s3, *s3.find_operation("PutObject")));
    EXPECT_FALSE(streams_input(s3, *s3.find_operation("PutObjectTagging")));
    EXPECT_TRUE(streams_output(s3, *s3.find_operation("GetObject")));
    EXPECT_FALSE(streams_output(s3, *s3.find_operation("ListObjectsV2")));
    EXPECT_FALSE(streams_output(s3, *s3.find_operation("SelectObjectContent"))) << "a stream of events";
}

TEST(Routes_Test, targets_and_actions_name_the_operation) {
    const Route json =
        find_route(sqs_model(), {.method = "POST", .headers = {{"X-Amz-Target", "AmazonSQS.SendMessage"}}});
    EXPECT_STREQ(json.operation->name, "SendMessage");
    wire::Request form{.method = "POST"};
    form.body = "Version=2011-06-15&Action=AssumeRole";
    EXPECT_STREQ(find_route(sts_model(), form).operation->name, "AssumeRole");
    EXPECT_EQ(operation_of(sts_model(), "GET", "/?Action=GetCallerIdentity"), "GetCallerIdentity");
}

}  // namespace
}  // namespace osbot_aws::aws
