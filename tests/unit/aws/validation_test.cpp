#include "aws/validation.hpp"

#include <gtest/gtest.h>

#include "aws/models/models.hpp"

namespace osbot_aws::aws {
namespace {

std::string violations_of(const Service& service, const char* operation, const Json& input) {
    const auto error = validate(service, *service.find_operation(operation), input);
    return error ? error->message : "";
}

// The expected texts were recorded on AWS: LocalStack, tests/aws/services/lambda_/*.snapshot.json.
TEST(Validation_Test, has_aws_words) {
    EXPECT_EQ(
        violations_of(lambda_model(), "CreateAlias",
                      {{"FunctionName", "f"}, {"Name", "2024"}, {"FunctionVersion", "1"}}),
        "1 validation error detected: Value '2024' at 'name' failed to satisfy constraint: Member must satisfy regular "
        "expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)");
    EXPECT_EQ(
        violations_of(lambda_model(), "PutProvisionedConcurrencyConfig",
                      {{"FunctionName", "f"}, {"Qualifier", "1"}, {"ProvisionedConcurrentExecutions", 0}}),
        "1 validation error detected: Value '0' at 'provisionedConcurrentExecutions' failed to satisfy constraint: "
        "Member must have value greater than or equal to 1");
    EXPECT_EQ(violations_of(lambda_model(), "ListLayers", {{"CompatibleArchitecture", "archdoesnotexist"}}),
              "1 validation error detected: Value 'archdoesnotexist' at 'compatibleArchitecture' failed to satisfy "
              "constraint: Member must satisfy enum value set: [x86_64, arm64]");
    EXPECT_EQ(
        violations_of(lambda_model(), "UntagResource",
                      {{"Resource", "arn:aws:lambda:us-east-1:111111111111:function:f"}}),
        "1 validation error detected: Value null at 'tagKeys' failed to satisfy constraint: Member must not be null");
    EXPECT_EQ(
        violations_of(lambda_model(), "UpdateFunctionConfiguration",
                      {{"FunctionName", "f"}, {"VpcConfig", {{"SecurityGroupIds", {"group"}}}}}),
        "1 validation error detected: Value '[group]' at 'vpcConfig.securityGroupIds' failed to satisfy constraint: "
        "Member must satisfy constraint: [Member must have length less than or equal to 1024, Member must have length "
        "greater than or equal to 0, Member must satisfy regular expression pattern: sg-[0-9a-zA-Z]*]");
}

TEST(Validation_Test, reports_all_violations_at_once) {
    EXPECT_EQ(violations_of(sts_model(), "AssumeRole",
                            {{"RoleArn", "arn:aws:iam::111111111111:role/r"}, {"DurationSeconds", 1}}),
              "2 validation errors detected: Value null at 'roleSessionName' failed to satisfy constraint: Member must "
              "not be "
              "null; Value '1' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than "
              "or equal "
              "to 900");
}

TEST(Validation_Test, names_the_items_of_lists) {
    EXPECT_EQ(
        violations_of(iam_model(), "TagRole", {{"RoleName", "r"}, {"Tags", {{{"Key", ""}, {"Value", "v"}}}}}),
        "2 validation errors detected: Value at 'tags.1.member.key' failed to satisfy constraint: Member must have "
        "length greater than or equal to 1; Value at 'tags.1.member.key' failed to satisfy constraint: Member must "
        "satisfy regular expression pattern: [\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+");
}

// Java counts UTF-16 code units.
TEST(Validation_Test, counts_characters_not_bytes) {
    std::string name;
    for (int i = 0; i < 1000; ++i) name += "ü";
    EXPECT_EQ(violations_of(iam_model(), "UpdateRole", {{"RoleName", "r"}, {"Description", name}}), "");
    EXPECT_NE(violations_of(iam_model(), "UpdateRole", {{"RoleName", "r"}, {"Description", name + "x"}}), "");
}

TEST(Validation_Test, sqs_has_its_own_words) {
    EXPECT_EQ(violations_of(sqs_model(), "SendMessage", {{"QueueUrl", "q"}}),
              "The request must contain the parameter MessageBody.");
    EXPECT_EQ(violations_of(sqs_model(), "UntagQueue", {{"QueueUrl", "q"}, {"TagKeys", {nullptr}}}),
              "null can not be converted to an item of TagKeys");
}

}  // namespace
}  // namespace osbot_aws::aws
