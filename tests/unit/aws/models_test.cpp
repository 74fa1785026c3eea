#include "aws/models/models.hpp"

#include <gtest/gtest.h>

#include <string>

#include "base/regex.hpp"

namespace osbot_aws::aws {
namespace {

const Service* const all_models[] = {&iam_model(), &lambda_model(), &logs_model(),
                                     &s3_model(),  &sqs_model(),    &sts_model()};

TEST(Models_Test, each_pattern_is_understood) {
    for (const Service* service : all_models) {
        for (const Rule& rule : service->rules) {
            const char* matched = rule.matched != nullptr ? rule.matched : rule.pattern;
            for (const char* pattern : {matched, rule.excluded}) {
                if (pattern == nullptr) continue;
                const auto compiled = base::Regex::compile(pattern);
                EXPECT_TRUE(compiled) << service->name << ": " << (compiled ? "" : compiled.error().message);
            }
        }
    }
}

TEST(Models_Test, operations_are_found_by_name) {
    for (const Service* service : all_models) {
        for (const Operation& operation : service->operations)
            EXPECT_EQ(service->find_operation(operation.name), &operation) << service->name;
    }
    EXPECT_EQ(sts_model().find_operation("AssumeRol"), nullptr);
}

// Facts of AWS's documentation: API_CreateFunction, API_AssumeRole, API_CreateQueue.
TEST(Models_Test, has_aws_facts) {
    const Operation& create = *lambda_model().find_operation("CreateFunction");
    EXPECT_STREQ(create.uri, "/2015-03-31/functions");
    EXPECT_EQ(create.status, 201);
    const Shape& input = lambda_model().shape(create.input);
    EXPECT_TRUE(lambda_model().find_member(input, "Role")->has(required));
    EXPECT_FALSE(lambda_model().find_member(input, "Runtime")->has(required));
    const Rule& timeout = *lambda_model().rule_of(lambda_model().shape(*lambda_model().find_member(input, "Timeout")));
    EXPECT_EQ(timeout.min, 1);
    EXPECT_EQ(sts_model().protocol, Protocol::query);
    EXPECT_EQ(sqs_model().operations.size(), 23u);
    EXPECT_EQ(lambda_model().operations.size(), 91u);
}

}  // namespace
}  // namespace osbot_aws::aws
