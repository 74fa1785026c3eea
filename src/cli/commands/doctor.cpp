#include <fmt/format.h>

#include <algorithm>

#include "base/counted.hpp"
#include "cli/commands/commands.hpp"
#include "cli/doctor/doctor_checks.hpp"
#include "cli/engine/daemon.hpp"
#include "cli/output/terminal.hpp"
#include "sandbox/kernel.hpp"

namespace osbot_aws::cli {
namespace {

struct Doctor_Arguments : State_Argument {};

constexpr const char* state_names[] = {"ok", "warning", "problem"};  // in the order of Check::State
constexpr Colour state_colours[] = {Colour::green, Colour::yellow, Colour::red};

std::string line_of(const Check& check) {
    constexpr std::size_t column = 23;  // of the finding
    const auto state = static_cast<std::size_t>(check.state);
    const std::string found = check.advice.empty() ? check.found : check.found + "; " + check.advice;
    const std::size_t width = width_of(1);
    return painted(fmt::format("{:<8}", state_names[state]), state_colours[state], 1) +
           fmt::format(" {:<13} {}\n", check.name, wrapped(found, width, column, std::min(column, width / 2)));
}

Json json_of(const Check& check) {
    return {{"name", check.name},
            {"state", state_names[static_cast<std::size_t>(check.state)]},
            {"found", check.found},
            {"advice", check.advice}};
}

Checks all_checks(const Options& options, const Doctor_Arguments& arguments) {
    Checks checks;
    const auto add = [&](Checks part) { checks.insert(checks.end(), part.begin(), part.end()); };
    add(check_target(options));
    add(check_daemon(arguments.folder()));
    add(check_state_folder(arguments.folder()));
    add(check_sandbox(sandbox::Kernel::of_this_host()));
    add(check_programs());
    if (options.aws) add(check_aws(options));
    return checks;
}

int run_doctor(const Options& options, const Doctor_Arguments& arguments) {
    const Checks checks = all_checks(options, arguments);
    Json json = Json::array();
    std::string text;
    for (const Check& check : checks) {
        json.push_back(json_of(check));
        text += line_of(check);
    }
    const auto count = [&](Check::State state) {
        return static_cast<std::size_t>(std::ranges::count(checks, state, &Check::state));
    };
    const auto problems = count(Check::State::problem), warnings = count(Check::State::warning);
    text += fmt::format("\n{}, {}\n", base::counted(problems, "problem"), base::counted(warnings, "warning"));
    print(options, {{"checks", json}, {"problems", problems}, {"warnings", warnings}}, text);
    return problems == 0 ? exit_ok : exit_failed;
}

}  // namespace

void add_doctor(Command_Line& line) {
    line.add_command(line.root(), "doctor", "Check this machine: sandbox, runtimes, tools and the selected endpoint",
                     &run_doctor,
                     "Examples:\n"
                     "  osbot doctor\n"
                     "  osbot doctor --aws     also verify the AWS credentials, with sts:GetCallerIdentity\n"
                     "  osbot doctor --json | jq '.checks[] | select(.state != \"ok\")'\n\n"
                     "The exit code is 1 if there is a problem, and 0 if there are only warnings.\n"
                     "Without --aws, no other machine is contacted.");
}

}  // namespace osbot_aws::cli
