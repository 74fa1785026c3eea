#include "wire/arn.hpp"

#include <gtest/gtest.h>

namespace osbot_aws::wire {
namespace {

TEST(Arn_Test, region_determines_the_partition) {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"us-east-1", "aws"},
        {"eu-west-1", "aws"},
        {"", "aws"},
        {"cn-north-1", "aws-cn"},
        {"cn-northwest-1", "aws-cn"},
        {"us-gov-west-1", "aws-us-gov"},
        {"eusc-de-east-1", "aws-eusc"},
        {"us-iso-east-1", "aws-iso"},
        {"us-isob-east-1", "aws-iso-b"},
        {"us-isof-south-1", "aws-iso-f"},
        {"eu-isoe-west-1", "aws-iso-e"},
        {"cnx-1", "aws"},
    };
    for (const auto& [region, partition] : cases) EXPECT_EQ(partition_of(region), partition) << region;
}

TEST(Arn_Test, is_built_of_its_parts) {
    EXPECT_EQ((Arn{"aws-cn", "sqs", "cn-north-1", "111122223333", "q"}.text()),
              "arn:aws-cn:sqs:cn-north-1:111122223333:q");
    EXPECT_EQ((Arn{"aws", "s3", "", "", "bucket/key"}.text()), "arn:aws:s3:::bucket/key");
}

TEST(Arn_Test, parses_all_parts) {
    const std::string text = "arn:aws-us-gov:lambda:us-gov-west-1:111122223333:function:f:1";
    const auto arn = Arn::parse(text);
    ASSERT_TRUE(arn);
    EXPECT_EQ(arn->partition, "aws-us-gov");
    EXPECT_EQ(arn->service, "lambda");
    EXPECT_EQ(arn->region, "us-gov-west-1");
    EXPECT_EQ(arn->account, "111122223333");
    EXPECT_EQ(arn->resource, "function:f:1");
    EXPECT_EQ(arn->text(), text);
}

TEST(Arn_Test, rejects_texts_without_all_parts) {
    for (const char* text : {"", "arn", "arn:aws:s3", "arn:aws:s3::bucket", "name:aws:s3:::bucket"})
        EXPECT_FALSE(Arn::parse(text)) << text;
    EXPECT_EQ(partition_in("a-name"), "aws");
    EXPECT_EQ(partition_in("arn:aws-cn:iam::aws:policy/p"), "aws-cn");
}

}  // namespace
}  // namespace osbot_aws::wire
