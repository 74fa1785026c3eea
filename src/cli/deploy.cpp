#include "cli/deploy.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include <osbot_aws/deploy/Deploy_Lambda.hpp>

#include "cli/activity.hpp"
#include "cli/commands.hpp"
#include "cli/deploy_watch.hpp"
#include "cli/terminal.hpp"
#include "sdk/deploy_impl.hpp"
#include "sdk/session_impl.hpp"

namespace osbot_aws::cli {
namespace {

struct Arguments : Deploy_Arguments {
    Watch_Arguments watch;
};

std::string line_of(const Deploy_Phase& phase) {
    if (phase.name == "warning") return painted("warning:", Colour::yellow, 2) + " " + phase.detail;
    const double ms = static_cast<double>(phase.took.count()) / 1000;
    if (!is_terminal(2)) return fmt::format("{}: {} ({:.1f} ms)", phase.name, phase.detail, ms);
    return painted(fmt::format("{:<14}", phase.name), Colour::green, 2) +
           fmt::format(" {:<60} {:8.1f} ms", phase.detail, ms);
}

/// Returns the status text of the step that follows this phase.
std::string next_step(const Deploy_Phase& phase) {
    if (phase.name == "target") return "packing";
    return phase.name == "packed" || phase.name == "role" || phase.name == "uploaded"
               ? "sending"
               : "waiting until the function is active";
}

void apply_settings(Deploy_Lambda& deploy, const Deploy_Arguments& arguments) {
    deploy.add_layers(arguments.layers);
    if (!arguments.image.empty()) deploy.set_container_image(arguments.image);
    if (arguments.memory > 0) deploy.set_memory(arguments.memory);
    if (arguments.timeout > 0) deploy.set_timeout(arguments.timeout);
    if (!arguments.role.empty()) deploy.set_role(arguments.role);
}

Json result_of(Deploy_Lambda& deploy, const std::vector<std::string>& warnings) {
    Json result{
        {"name", deploy.name()}, {"unchanged", deploy.unchanged()}, {"handler", deploy.lambda_function().handler}};
    if (!warnings.empty()) result["warnings"] = warnings;
    return result;
}

int run(const Options& options, const Arguments& arguments) {
    if (arguments.watch.enabled) return deploy_and_watch(options, arguments, arguments.watch);
    return deploy_once(options, arguments).exit_code;
}

}  // namespace

Deployed deploy_once(const Options& options, const Deploy_Arguments& arguments,
                     std::shared_ptr<packing::Packed_Files> packed_before) {
    const auto variables = names_and_values("--env", arguments.env);
    if (!variables) return {report_usage(variables.error()), ""};
    if (arguments.image.empty() && !std::filesystem::exists(arguments.source) &&
        arguments.source.find(':') == std::string::npos)
        return {report({"NotFound", arguments.source + " does not exist", 0}), ""};
    const Session session = make_session(options);
    std::optional<Activity> activity;
    impl_of(session).on_sent = [&](std::uint64_t bytes, std::uint64_t total) {
        if (activity) activity->set_sent(bytes, total);
    };
    Deploy_Options settings = deploy_options(arguments, session);
    settings.stage = arguments.stage;
    Deploy_Lambda deploy(std::filesystem::path(arguments.source), settings);
    impl_of(deploy).packed_before = std::move(packed_before);
    activity.emplace("packing", !options.json);
    std::vector<std::string> warnings;
    deploy.on_progress([&](const Deploy_Phase& phase) {
        if (phase.name == "warning") warnings.push_back(phase.detail);
        if (options.json) return;
        activity->print_line(line_of(phase));
        activity->set_text(next_step(phase));
    });
    deploy.set_env_variables({variables->begin(), variables->end()});
    apply_settings(deploy, arguments);
    apply(deploy, arguments);
    const bool deployed = deploy.deploy();
    activity.reset();
    if (!deployed) return {report({"DeployFailed", deploy.last_error(), 0}), deploy.name()};
    print(options, result_of(deploy, warnings),
          deploy.unchanged() ? deploy.name() + " is unchanged" : "deployed " + deploy.name());
    return {exit_ok, deploy.name()};
}

void add_deploy(Command_Line& line) {
    Command command = line.root().add_command(
        "deploy", "Deploy an executable, a .py file, a folder or a zip",
        "Examples:\n"
        "  osbot deploy ./hello.py                          create the function hello\n"
        "  osbot deploy ./order_processor --stage prod      create process_order__prod from a C++ program\n"
        "  osbot deploy ./app --handler app.main --env LEVEL=debug --memory 256\n"
        "  osbot deploy my-function --image my-repo:latest  create a function from a container image\n"
        "  osbot deploy ./hello.py --watch --invoke '{}'    deploy and call it again after each save\n"
        "  osbot deploy build/hello --watch --build 'cmake --build build'   build the C++ program first\n\n"
        "An executable is run once, with OSBOT_AWS_LIST_HANDLERS=1, to list its handlers; no code after\n"
        "serve_if_lambda() or Deploy_Lambda runs. The packages in a folder's requirements.txt or\n"
        "pyproject.toml are installed for the function's runtime.\n\n"
        "Only changes are sent; if nothing changed, a deploy sends one request. Settings without an option are reset\n"
        "to their defaults, except the role. The output line `configuration` shows the changes.");
    Arguments& arguments = line.set_action(command, &run);
    command
        .add_option("source", arguments.source,
                    "Executable with handlers, .py file, folder or .zip; with --image the function's name")
        .required()
        .type_name("FILE");
    add_code_options(command, arguments);
    command.add_option("--stage", arguments.stage, "Name the function NAME__STAGE");
    command.add_option("--image", arguments.image, "URI of a container image to use instead of a package");
    command.add_option("--role", arguments.role, "ARN of the execution role (default: a role is created)");
    command.add_option("--env", arguments.env, "Environment variable NAME=VALUE; may be repeated");
    command.add_option("--memory", arguments.memory, "Memory in MB (default 512)");
    command.add_option("--timeout", arguments.timeout, "Timeout in seconds (default 60)");
    command.add_option("--layer", arguments.layers, "ARN of a layer version; may be repeated");
    add_watch_options(command, arguments.watch);
}

}  // namespace osbot_aws::cli
