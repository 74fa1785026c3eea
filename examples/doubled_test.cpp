// Tests a handler as a Lambda function on a local engine in memory. docs/guide/10 quotes it.
// [start program]
#include <osbot_aws/testing/TestCase_Lambda_Deploy.hpp>

using namespace osbot_aws;

namespace {

Json doubled(const Json& event, const Context&) { return {{"result", event.value("input", 0) * 2}}; }

using Doubled_Test = TestCase_Lambda_Deploy<doubled>;

TEST_F(Doubled_Test, deploy_and_invoke) {
    deploy();
    EXPECT_EQ(invoke({{"input", 21}}).at("result"), 42);
}

}  // namespace
// [end program]
