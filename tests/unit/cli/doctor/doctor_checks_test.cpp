#include "cli/doctor/doctor_checks.hpp"

#include <fmt/format.h>

#include "support/apparmor_host.hpp"

namespace osbot_aws::cli {
namespace {

TEST(Doctor_Checks_Test, apparmor_restriction_is_a_warning_with_its_setting) {
    const test_support::Apparmor_Kernel kernel;

    const auto print_check = [&] {
        test_support::refuse_as_apparmor_does();
        const Check check = check_sandbox(kernel).front();
        fmt::print(stderr, "{}: {}", check.name, check.found);
        ::_exit(check.state == Check::State::warning ? 0 : 1);
    };

    EXPECT_EXIT(print_check(), testing::ExitedWithCode(0),
                "namespaces: .*sysctl kernel.apparmor_restrict_unprivileged_userns=0 allows them");
}

}  // namespace
}  // namespace osbot_aws::cli
