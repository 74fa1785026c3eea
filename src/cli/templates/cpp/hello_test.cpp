// Runs the function as a Lambda on an in-memory engine.
#include "hello.hpp"

#include <osbot_aws/testing/TestCase_Lambda_Deploy.hpp>

namespace {

using Hello_Test = osbot_aws::TestCase_Lambda_Deploy<hello>;

TEST_F(Hello_Test, greets_by_name) {
    deploy();
    EXPECT_EQ(invoke({{"name", "Ada"}}).at("greeting"), "Hello, Ada!");
}

TEST_F(Hello_Test, greets_the_world_without_a_name) {
    deploy();
    EXPECT_EQ(invoke().at("greeting"), "Hello, world!");
}

}  // namespace
