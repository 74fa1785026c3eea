#include "cli/deploy.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include <osbot_aws/deploy/Deploy_Lambda.hpp>

#include "cli/activity.hpp"
#include "cli/commands.hpp"
#include "cli/deploy_watch.hpp"
#include "cli/terminal.hpp"
#include "sdk/session_impl.hpp"

namespace osbot_aws::cli {
namespace {

struct Arguments : Deploy_Arguments {
    Watch_Arguments watch;
};

std::string line_of(const Deploy_Phase& phase) {
    const double ms = static_cast<double>(phase.took.count()) / 1000;
    if (!is_terminal(2)) return fmt::format("{}: {} ({:.1f} ms)", phase.name, phase.detail, ms);
    return painted(fmt::format("{:<14}", phase.name), Colour::green, 2) +
           fmt::format(" {:<60} {:8.1f} ms", phase.detail, ms);
}

/// What goes on once this phase is done.
std::string after(const Deploy_Phase& phase) {
    if (phase.name == "target") return "packing";
    return phase.name == "packed" || phase.name == "role" || phase.name == "uploaded" ? "sending"
                                                                                      : "waiting until it is active";
}

void apply(Deploy_Lambda& deploy, const Deploy_Arguments& arguments) {
    deploy.add_layers(arguments.layers);
    if (!arguments.image.empty()) deploy.set_container_image(arguments.image);
    if (arguments.memory > 0) deploy.set_memory(arguments.memory);
    if (arguments.timeout > 0) deploy.set_timeout(arguments.timeout);
    if (!arguments.role.empty()) deploy.lambda_function().role = arguments.role;
    for (const std::string& file : arguments.files) deploy.add_file(file);
    for (const std::string& folder : arguments.folders) deploy.add_folder(folder, arguments.ignore);
}

int run(const Options& options, const Arguments& arguments) {
    if (arguments.watch.on) return deploy_and_watch(options, arguments, arguments.watch);
    return deploy_once(options, arguments).exit_code;
}

}  // namespace

Deployed deploy_once(const Options& options, const Deploy_Arguments& arguments,
                     std::shared_ptr<packing::Packed_Files> packed_before) {
    const auto variables = names_and_values("--env", arguments.env);
    if (!variables) return {report_usage(variables.error()), ""};
    if (arguments.image.empty() && !std::filesystem::exists(arguments.what) &&
        arguments.what.find(':') == std::string::npos)
        return {report({"NotFound", "there is no " + arguments.what, 0}), ""};
    const Session session = make_session(options);
    std::optional<Activity> activity;
    session.impl().on_sent = [&](std::uint64_t bytes, std::uint64_t of) {
        if (activity) activity->sent(bytes, of);
    };
    Deploy_Lambda deploy(std::filesystem::path(arguments.what), {.lambda_name = arguments.name,
                                                                 .stage = arguments.stage,
                                                                 .handler = arguments.handler,
                                                                 .runtime = arguments.runtime,
                                                                 .session = session,
                                                                 .ignore = arguments.ignore,
                                                                 .packed_before = std::move(packed_before)});
    activity.emplace("packing", !options.json);
    if (!options.json)
        deploy.on_progress([&](const Deploy_Phase& phase) {
            activity->say(line_of(phase));
            activity->now(after(phase));
        });
    deploy.set_env_variables({variables->begin(), variables->end()});
    apply(deploy, arguments);
    const bool done = deploy.deploy();
    activity.reset();
    if (!done) return {report({"DeployFailed", deploy.last_error(), 0}), deploy.name()};
    print(options,
          {{"name", deploy.name()}, {"unchanged", deploy.unchanged()}, {"handler", deploy.lambda_function().handler}},
          fmt::format("{} is {}", deploy.name(), deploy.unchanged() ? "unchanged" : "deployed"));
    return {exit_ok, deploy.name()};
}

void add_deploy(Command_Line& line) {
    Command command = line.root().add_command(
        "deploy", "Make a running function of a program, a .py file, a folder or a zip",
        "Examples:\n"
        "  osbot deploy ./hello.py                        the function is called hello\n"
        "  osbot deploy ./order_processor --stage prod    process_order__prod, of a C++ program\n"
        "  osbot deploy ./app --handler app.main --env LEVEL=debug --memory 256\n"
        "  osbot deploy my-function --image my-repo:latest   a container image (osbot local image import)\n"
        "  osbot deploy ./hello.py --watch --invoke '{}'  again at each save, and call it\n"
        "  osbot deploy build/hello --watch --build 'cmake --build build'   C++: builds first\n\n"
        "Only what changed is sent: unchanged code and settings cost one request. What is not named has its default;\n"
        "the line `configuration` says what that changes.");
    Arguments& arguments = line.runs(command, &run);
    command
        .add_option("what", arguments.what,
                    "An executable with handlers, a .py file, a folder, or a .zip; with --image a name")
        .required()
        .type_name("FILE");
    command.add_option("--name", arguments.name, "Name of the function (default: the file's, or the C++ handler's)");
    command.add_option("--stage", arguments.stage, "The function is called NAME__STAGE");
    command.add_option("--handler", arguments.handler,
                       "Which function (default: found; an error lists the candidates)");
    command.add_option("--runtime", arguments.runtime,
                       "Lambda's runtime identifier (default: provided.al2023 or python3.11)");
    command.add_option("--image", arguments.image,
                       "URI of a container image: nothing is packed, and WHAT is the function's name");
    command.add_option("--role", arguments.role, "ARN of the execution role (default: one is made)");
    command.add_option("--env", arguments.env, "NAME=VALUE, an environment variable; may be repeated");
    command.add_option("--memory", arguments.memory, "MB (default 512)");
    command.add_option("--timeout", arguments.timeout, "Seconds (default 60)");
    command.add_option("--layer", arguments.layers, "ARN of a layer version; may be repeated");
    command.add_option("--add-file", arguments.files, "A file to go into the package; may be repeated")
        .type_name("FILE");
    command
        .add_option("--add-folder", arguments.folders,
                    "A folder to go into the package under its name; may be repeated")
        .type_name("FOLDER");
    command
        .add_option("--ignore", arguments.ignore,
                    "Files of folders that stay out: a name or path, as '*.csv'; may be repeated")
        .type_name("GLOB");
    add_watch_options(command, arguments.watch);
}

}  // namespace osbot_aws::cli
