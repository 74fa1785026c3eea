#include <osbot_aws/testing/TestCase_Lambda_Deploy.hpp>

using namespace osbot_aws;

Json greeting(const Json& event, const Context&) { return "Hello, " + event.value("name", "world") + "!"; }

using Greeting_Test = TestCase_Lambda_Deploy<greeting>;

TEST_F(Greeting_Test, greets_by_name) {
    deploy();
    EXPECT_EQ(invoke({{"name", "Ada"}}), "Hello, Ada!");
}
