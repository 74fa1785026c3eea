#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include <osbot_aws/deploy/Deploy_Lambda.hpp>

namespace osbot_aws {

/// A GoogleTest fixture for one handler: deploys it, invokes it as a Lambda function, and deletes it after the last
/// test.
///
///     Json doubled(const Json& event, const Context&) { return {{"result", event.at("input").get<int>() * 2}}; }
///     using Doubled_Test = TestCase_Lambda_Deploy<doubled>;
///
///     TEST_F(Doubled_Test, deploy_and_invoke) {
///         deploy();
///         EXPECT_EQ(invoke({{"input", 21}}).at("result"), 42);
///     }
///
/// Link osbot_aws::gtest_main: the test program is also the function's code, and that main() runs the handler inside
/// Lambda. Tests run on an in-memory local engine, or on the target of OSBOT_AWS_TARGET or AWS_ENDPOINT_URL (see
/// Session::for_tests()). All tests of the fixture share one function; a second deploy() uploads nothing.
template <auto handler_function>
class TestCase_Lambda_Deploy : public testing::Test {
public:
    /// Deletes the function, if it was deployed.
    static void TearDownTestSuite() {
        if (shared().deployed) shared().lambda->delete_();
        shared() = {};
    }

protected:
    /// Deploys the function. On failure, stops the test with the reason.
    void deploy() {
        ASSERT_TRUE(deploy_lambda().deploy()) << deploy_lambda().last_error();
        shared().deployed = true;
    }
    /// Calls Deploy_Lambda::invoke().
    Json invoke(const Json& payload = Json::object()) { return deploy_lambda().invoke(payload); }
    /// Calls Deploy_Lambda::invoke_return_logs().
    Invoke_Logs invoke_return_logs(const Json& payload = Json::object()) {
        return deploy_lambda().invoke_return_logs(payload);
    }
    /// Returns the deployment, to add files or settings before deploy(): add_file(), set_env_variable() ...
    Deploy_Lambda& deploy_lambda() {
        if (!shared().lambda) {
            Deploy_Options options;
            options.session = Session::for_tests();
            shared().lambda = std::make_unique<Deploy_Lambda>(handler<handler_function>, std::move(options));
        }
        return *shared().lambda;
    }

private:
    struct Shared {
        std::unique_ptr<Deploy_Lambda> lambda;
        bool deployed = false;
    };
    static Shared& shared() {
        static Shared state;
        return state;
    }
};

}  // namespace osbot_aws
