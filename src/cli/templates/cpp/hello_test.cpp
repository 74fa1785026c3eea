// Runs the function as a Lambda, on a local engine in memory.
#include "hello.hpp"

#include <osbot_aws/testing/TestCase_Lambda_Deploy.hpp>

namespace {

using Hello_Test = osbot_aws::TestCase_Lambda_Deploy<hello>;

TEST_F(Hello_Test, it_greets_by_name) {
    deploy();
    EXPECT_EQ(invoke({{"name", "Ada"}}).at("greeting"), "Hello, Ada!");
}

TEST_F(Hello_Test, without_a_name_it_greets_the_world) {
    deploy();
    EXPECT_EQ(invoke().at("greeting"), "Hello, world!");
}

}  // namespace
