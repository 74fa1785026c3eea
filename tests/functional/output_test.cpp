// The output of functions whose process ends during a call, on a real engine.
#include <gmock/gmock.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>

#include <osbot_aws/deploy/Deploy_Lambda.hpp>

namespace osbot_aws {
namespace {

using testing::HasSubstr;

void end_after_printing(const Json& event) {
    std::cout << "printed before the end\n";
    const auto how = event.at("how").get<std::string>();
    if (how == "_exit") ::_exit(3);
    if (how == "abort") std::abort();
    if (how == "segfault") ::raise(SIGSEGV);
    if (how == "timeout") ::pause();
}

struct End_Case {
    const char* how;
    const char* error;
    const char* log;
};
void PrintTo(const End_Case& c, std::ostream* out) { *out << c.how; }

struct Output_Test : testing::TestWithParam<End_Case> {};

TEST_P(Output_Test, log_has_the_output_before_the_end) {
    Deploy_Lambda deploy(handler<end_after_printing>, {.session = Session::for_tests()});
    deploy.set_timeout(1);
    ASSERT_TRUE(deploy.deploy()) << deploy.last_error();
    const Invoke_Logs logs = deploy.invoke_return_logs({{"how", GetParam().how}});

    EXPECT_THAT(logs.error, HasSubstr(GetParam().error));
    EXPECT_THAT(logs.execution_logs, HasSubstr("printed before the end\n"));
    EXPECT_THAT(logs.execution_logs, HasSubstr(GetParam().log));
}

INSTANTIATE_TEST_SUITE_P(ways, Output_Test,
                         testing::Values(End_Case{"_exit", "exit status 3", "REPORT"},
                                         End_Case{"timeout", "timed out after 1.00 seconds", "REPORT"},
                                         End_Case{"abort", "signal: aborted", "[FATAL] SIGABRT: "},
                                         End_Case{"segfault", "signal: segmentation fault", "[FATAL] SIGSEGV: "}),
                         [](const auto& c) { return std::string(c.param.how).substr(c.param.how[0] == '_' ? 1 : 0); });

}  // namespace
}  // namespace osbot_aws
