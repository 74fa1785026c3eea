#include <gmock/gmock.h>

#include <osbot_aws/apis/shell/Lambda_Shell.hpp>
#include <osbot_aws/apis/shell/Shell_Client.hpp>
#include <osbot_aws/deploy/Deploy_Lambda.hpp>

namespace osbot_aws {
namespace {

using testing::HasSubstr;

Json respond(const Json& event, const Context&) { return {{"handler", event.dump()}}; }

/// All tests share one function on an in-memory engine.
class Shell_In_A_Function_Test : public testing::Test {
protected:
    static void SetUpTestSuite() {
        deploy_ =
            std::make_unique<Deploy_Lambda>(lambda_shell<respond>, Deploy_Options{.session = Session::for_tests()});
        deploy_->set_env_variable("LAMBDA_SHELL__AUTH_KEY", "the key");
        ASSERT_TRUE(deploy_->deploy()) << deploy_->last_error();
    }
    static void TearDownTestSuite() {
        deploy_->delete_();
        deploy_.reset();
    }
    static Shell_Client shell(const char* key = "the key") { return Shell_Client(deploy_->lambda_function(), key); }

    static inline std::unique_ptr<Deploy_Lambda> deploy_;
};

TEST_F(Shell_In_A_Function_Test, shell_runs_inside_the_function) {
    EXPECT_EQ(shell().ping(), "pong");
    EXPECT_THAT(shell().bash("ls $LAMBDA_TASK_ROOT").at("stdout").get<std::string>(), HasSubstr("bootstrap"));
    EXPECT_THAT(shell().ls("/proc/self"), HasSubstr("status"));
    EXPECT_THAT(shell().memory_usage().get<std::string>(), HasSubstr("MemTotal"));
    EXPECT_EQ(shell().exec("sh", {"-c", "echo $AWS_LAMBDA_FUNCTION_MEMORY_SIZE"}), "512");
    EXPECT_EQ(shell().bash("exit 4").at("exit_code"), 4);
}

TEST_F(Shell_In_A_Function_Test, handler_runs_without_the_key) {
    EXPECT_THAT(shell("another").ping().at("handler").get<std::string>(), HasSubstr("lambda_shell"));
    EXPECT_THAT(deploy_->invoke({{"a", 1}}).at("handler"), "{\"a\":1}");
}

}  // namespace
}  // namespace osbot_aws
