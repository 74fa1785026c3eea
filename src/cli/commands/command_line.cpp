#include "cli/commands/command_line.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <optional>
#include <sstream>
#include <string_view>

#include "base/local_error.hpp"
#include "cli/commands/commands.hpp"
#include "cli/help/help_text.hpp"
#include "cli/line/parse_errors.hpp"
#include "cli/output/terminal.hpp"
#include "engine/version.hpp"
#include "sdk/session_impl.hpp"

namespace osbot_aws::cli {
namespace {

constexpr const char* examples =
    "Examples:\n"
    "  osbot init hello --language python            create a function with a test\n"
    "  osbot deploy ./hello.py                       deploy a Python file as the function hello\n"
    "  osbot invoke hello '{\"name\": \"Ada\"}' --logs   call it and show its log lines\n"
    "  osbot url hello --public                      create a URL for: curl \"$(osbot url hello)\"\n"
    "  osbot deploy ./order_processor                deploy a C++ program that has a handler<f>\n"
    "  osbot local start                             start an AWS endpoint on http://127.0.0.1:4566\n\n"
    "Target: --endpoint-url, --local or --aws; else AWS_ENDPOINT_URL; else OSBOT_AWS_TARGET (local, aws);\n"
    "else AWS if credentials are found; else the local engine, which is started if it is not running.\n\n"
    "Exit codes: 0 success; 1 the function or the request failed; 2 invalid arguments; 3 no response; 4 not found.";

/// Returns the selected command: "osbot local start".
std::string selected_path(CLI::App& app) {
    std::string path;
    for (const CLI::App* command = &selected_command(app); command != nullptr; command = command->get_parent())
        path = command->get_name() + (path.empty() ? "" : " ") + path;
    return path;
}

int report_invalid_arguments(CLI::App& app, const CLI::ParseError& error) {
    return report_usage(
        local_error("InvalidArgument", "{} (see {} --help)", usage_message(app, error), selected_path(app)));
}

/// Prints the help or the version. Lines of the help are wrapped at the width of the terminal.
int show_text(CLI::App& app, const CLI::ParseError& request) {
    std::ostringstream text;
    const int exit_code = app.exit(request, text, text);
    std::fputs(wrapped_help(text.str(), width_of(1)).c_str(), stdout);
    return exit_code;
}

/// Returns whether --json is among the arguments, even if others are invalid.
bool has_json_flag(int argc, char** argv) {
    for (int i = 1; i < argc && std::string_view(argv[i]) != "--"; ++i)
        if (std::string_view(argv[i]) == "--json") return true;
    return false;
}

}  // namespace

std::filesystem::path State_Argument::folder() const {
    return state.empty() ? state_folder() : std::filesystem::absolute(state);
}

void State_Argument::add_to(Command command) {
    command.add_option("--state FOLDER", state,
                       "State folder (default: $OSBOT_AWS_STATE, else ~/.local/state/osbot_aws)");
}

Command_Line::Command_Line()
    : app_(std::make_unique<CLI::App>("Deploy and run AWS Lambda functions, on a local engine or on AWS", "osbot")) {
    app_->require_subcommand(1);
    app_->fallthrough();
    app_->footer(examples);
    app_->set_version_flag("--version", fmt::format("osbot {}", engine::version));
    Command osbot = root();
    const Option local = osbot.add_flag("--local", options.local, "Use the local engine");
    osbot.add_flag("--aws", options.aws, "Use AWS").excludes(local);
    osbot.add_option("--endpoint-url URL", options.endpoint_url, "Use the endpoint at this URL").url();
    osbot.add_option("--region REGION", options.region, "AWS region");
    osbot.add_option("--profile", options.profile, "Profile in the shared AWS config and credentials files");
    osbot.add_flag("--json", options.json, "Write machine-readable output to stdout");
    for (const auto add :
         {add_init, add_deploy, add_package, add_invoke, add_logs, add_info, add_list, add_delete, add_url, add_layers,
          add_queues, add_event, add_doctor, add_local, add_explain, add_completion, add_man, add_version})
        add(*this);
}

Command_Line::~Command_Line() = default;

void Command_Line::set_action(Command command, std::function<Result<int>()> action) {
    command.on_use([this, action = std::move(action)] { action_ = action; });
}

int Command_Line::run(int argc, char** argv) {
    if (argc == 1) {
        std::fputs(wrapped_help(app_->help(), width_of(2)).c_str(), stderr);
        return exit_usage;
    }
    const bool json = has_json_flag(argc, argv);
    std::optional<CLI::ParseError> stopped;
    try {
        app_->parse(argc, argv);
    } catch (const CLI::ParseError& error) { stopped = error; }
    set_error_output({.json = json, .command = selected_path(*app_)});
    if (!stopped) {
        const auto exit_code = action_();
        return exit_code ? *exit_code : report(exit_code.error());
    }
    return stopped->get_exit_code() == 0 ? show_text(*app_, *stopped) : report_invalid_arguments(*app_, *stopped);
}

}  // namespace osbot_aws::cli
