#include "cli/commands/deploy.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include <osbot_aws/deploy/Deploy_Lambda.hpp>

#include "base/error_codes.hpp"
#include "base/local_error.hpp"
#include "cli/commands/commands.hpp"
#include "cli/functions/deploy_watch.hpp"
#include "cli/output/activity.hpp"
#include "cli/output/terminal.hpp"
#include "cli/project/project_functions.hpp"
#include "sdk/deploy_impl.hpp"
#include "sdk/session_impl.hpp"

namespace osbot_aws::cli {
namespace {

struct Deploy_Command_Arguments : Deploy_Arguments {
    Watch_Arguments watch;
    bool all = false;
};

constexpr std::size_t name_width = 14, detail_width_max = 60, time_width = 12;  // columns of a line of progress
constexpr std::size_t detail_width_min = 12;

/// Returns a line with three columns: the name, the wrapped detail, and the time after its last line. If that line is
/// full, because a word such as a path is not broken, the time is on a line of its own.
std::string line_for_terminal(const Deploy_Phase& phase, double ms) {
    constexpr std::size_t column = name_width + 1;
    const std::size_t available = std::max(width_of(2), column + detail_width_min + time_width) - column - time_width;
    const std::size_t end = column + std::min(available, detail_width_max);
    const std::string detail = wrapped(phase.detail, end, column, column);
    const std::size_t line = detail.rfind('\n');
    const std::size_t length =
        line == std::string::npos ? column + length_of(detail) : length_of(std::string_view(detail).substr(line + 1));
    const std::string gap = length > end ? "\n" + std::string(end, ' ') : std::string(end - length, ' ');
    return painted(fmt::format("{:<{}}", phase.name, name_width), Colour::green, 2) + " " + detail + gap +
           fmt::format(" {:8.1f} ms", ms);
}

std::string line_of(const Deploy_Phase& phase) {
    if (phase.name == "warning")
        return painted("warning:", Colour::yellow, 2) + " " + wrapped(phase.detail, width_of(2), 9, 9);
    if (phase.name == "waiting") return "waiting: " + wrapped(phase.detail, width_of(2), 9, 9);
    const double ms = static_cast<double>(phase.took.count()) / 1000;
    if (!is_terminal(2)) return fmt::format("{}: {} ({:.1f} ms)", phase.name, phase.detail, ms);
    return line_for_terminal(phase, ms);
}

/// Returns the status text of the step that follows this phase.
std::string next_step(const Deploy_Phase& phase) {
    if (phase.name == "target") return "packing";
    return phase.name == "packed" || phase.name == "role" || phase.name == "uploaded"
               ? "sending"
               : "waiting until the function is active";
}

/// Returns the settings that options name. Nothing if all settings are sent: osbot.toml is the whole truth.
std::optional<Named_Settings> named_settings(const Deploy_Arguments& arguments) {
    if (arguments.replace || !arguments.settings_file.empty()) return std::nullopt;
    const bool names_function = arguments.source.find(':') != std::string::npos;  // module:function
    return Named_Settings{.handler = !arguments.handler.empty() || names_function,
                          .runtime = !arguments.runtime.empty(),
                          .architecture = !arguments.architecture.empty(),
                          .memory = arguments.memory > 0,
                          .timeout = arguments.timeout > 0,
                          .layers = !arguments.layers.empty()};
}

void apply_to(Deploy_Lambda& deploy, const Deploy_Arguments& arguments) {
    deploy.add_layers(arguments.layers);
    impl_of(deploy).named = named_settings(arguments);
    if (!arguments.tracing.empty()) deploy.lambda_function().set_trace_mode(arguments.tracing);
    if (arguments.ephemeral_storage > 0) deploy.lambda_function().ephemeral_storage = arguments.ephemeral_storage;
    if (!arguments.image.empty()) deploy.set_container_image(arguments.image);
    if (arguments.memory > 0) deploy.set_memory(arguments.memory);
    if (arguments.timeout > 0) deploy.set_timeout(arguments.timeout);
    if (!arguments.role.empty()) deploy.set_role(arguments.role);
}

/// Creates, changes or deletes the URL of a function as in osbot.toml. Returns the URL; empty if there is none.
std::string set_url(Lambda& function, const std::string& url) {
    if (url == "none") return function.function_url_delete(), "";
    if (url == "public") {
        function.function_url_create_with_public_access().value();
    } else if (function.function_url_create().contains("status")) {
        function.function_url_update({.auth_type = "AWS_IAM"});
    }
    return function.function_url();
}

/// Returns the handler of the function that the arguments name. Empty if it does not exist.
std::string existing_handler(const Deploy_Arguments& arguments, const Session& session) {
    const std::filesystem::path source(arguments.source);
    const std::string base = !arguments.name.empty()                 ? arguments.name
                             : std::filesystem::is_directory(source) ? source.filename().string()
                                                                     : source.stem().string();
    Lambda function(arguments.stage.empty() ? base : base + "__" + arguments.stage, session);
    return function.exists() ? function.configuration().value("Handler", "") : "";
}

/// If no handler can be detected and no option names one, an existing function keeps its own.
Deploy_Lambda make_deploy(const Deploy_Arguments& arguments, Deploy_Options& settings) {
    const std::filesystem::path source(arguments.source);
    try {
        return Deploy_Lambda(source, settings);
    } catch (const Aws_Exception& error) {
        if (error.code() != codes::handler_not_found || !settings.handler.empty() || !named_settings(arguments)) throw;
        settings.handler = existing_handler(arguments, settings.session);
        if (settings.handler.empty()) throw;
        Deploy_Lambda deploy(source, settings);
        if (!impl_of(deploy).has_handler(settings.handler)) throw;
        return deploy;
    }
}

Json result_of(Deploy_Lambda& deploy, const std::vector<std::string>& warnings, const std::string& url) {
    Json result{
        {"name", deploy.name()}, {"unchanged", deploy.unchanged()}, {"handler", deploy.lambda_function().handler}};
    if (!url.empty()) result["url"] = url;
    if (!warnings.empty()) result["warnings"] = warnings;
    return result;
}

void apply_settings(const Function_Settings& settings, Deploy_Arguments& arguments) {
    apply_settings(settings, static_cast<Code_Arguments&>(arguments));
    arguments.settings_file = settings.file.string();
    set_default(arguments.role, settings.role);
    set_default(arguments.image, settings.image);
    arguments.url = settings.url;
    arguments.tracing = settings.tracing;
    arguments.build = settings.build;
    arguments.ephemeral_storage = settings.ephemeral_storage_mb.value_or(0);
    if (arguments.memory == 0) arguments.memory = settings.memory_mb.value_or(0);
    if (arguments.timeout == 0) arguments.timeout = settings.timeout_s.value_or(0);
    // The first value of a variable counts.
    for (const auto& [name, value] : settings.env) arguments.env.push_back(name + "=" + value);
    arguments.layers.insert(arguments.layers.end(), settings.layers.begin(), settings.layers.end());
}

/// Returns the arguments for each function that the command line selects, with the settings of osbot.toml.
Result<std::vector<Deploy_Arguments>> functions_of(const Deploy_Command_Arguments& arguments) {
    if (arguments.all && !(arguments.name.empty() && arguments.image.empty() && arguments.handler.empty()))
        return local_error("InvalidArgument",
                           "--all cannot be used with --name, --handler or --image, which name one function");
    OSBOT_TRY(const auto functions, find_functions({.source = arguments.source,
                                                    .name = arguments.name,
                                                    .stage = arguments.stage,
                                                    .all = arguments.all,
                                                    .offers_all = true}));
    std::vector<Deploy_Arguments> deploys;
    for (const Function_Settings& settings : functions) apply_settings(settings, deploys.emplace_back(arguments));
    if (deploys.empty() && arguments.all)
        return local_error("InvalidSettings", "{}: no {} lists it", arguments.source, settings_file_name);
    if (deploys.empty()) deploys.push_back(arguments);
    return deploys;
}

/// Deploys each function, also after an error, and reports the failed ones at the end.
int deploy_all(const Options& options, const std::vector<Deploy_Arguments>& functions) {
    std::vector<std::string> failed;
    for (const Deploy_Arguments& arguments : functions) {
        int code = exit_failed;
        try {
            code = deploy_once(options, arguments).exit_code;
        } catch (const Aws_Exception& error) { report(error.error()); }
        if (code != exit_ok) failed.push_back(arguments.name);
    }
    if (failed.empty()) return exit_ok;
    return report(local_error("DeployFailed", "{} of {} functions were not deployed: {}", failed.size(),
                              functions.size(), fmt::join(failed, ", ")));
}

int run_deploy(const Options& options, const Deploy_Command_Arguments& arguments) {
    const auto functions = functions_of(arguments);
    if (!functions) return report_usage(functions.error());
    if (arguments.watch.enabled) {
        const auto read = [&]() -> Result<Deploy_Arguments> {
            OSBOT_TRY(auto current, functions_of(arguments));
            return std::move(current.front());
        };
        return deploy_and_watch(options, functions->front(), arguments.watch, read);
    }
    return arguments.all ? deploy_all(options, *functions) : deploy_once(options, functions->front()).exit_code;
}

}  // namespace

Deployed deploy_once(const Options& options, const Deploy_Arguments& arguments,
                     std::shared_ptr<packing::Packed_Files> packed_before) {
    const auto variables = names_and_values("--env", arguments.env);
    if (!variables) return {report_usage(variables.error()), ""};
    if (arguments.image.empty() && !std::filesystem::exists(arguments.source) &&
        arguments.source.find(':') == std::string::npos)
        return {report_missing_source(arguments.source, arguments.source_place, arguments.build), ""};
    const Session session = make_session(options);
    std::optional<Activity> activity;
    impl_of(session).on_sent = [&](std::uint64_t bytes, std::uint64_t total) {
        if (activity) activity->set_sent(bytes, total);
    };
    Deploy_Options settings = deploy_options(arguments, session);
    settings.stage = arguments.stage;
    Deploy_Lambda deploy = make_deploy(arguments, settings);
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
    apply_to(deploy, arguments);
    apply(deploy, arguments);
    const Status deployed = deploy.update();
    activity.reset();
    if (!deployed) return {report({deployed.code, deployed.message, 0}), deploy.name()};
    std::string url;
    if (!arguments.url.empty()) {
        url = set_url(deploy.lambda_function(), arguments.url);
        if (!options.json) print_note("url: " + (url.empty() ? "none" : url));
    }
    print(options, result_of(deploy, warnings, url),
          deploy.unchanged() ? deploy.name() + " is unchanged" : "deployed " + deploy.name());
    return {exit_ok, deploy.name()};
}

void add_deploy(Command_Line& line) {
    auto [command, arguments] = line.add_command(
        line.root(), "deploy", "Deploy an executable, a .py or .mjs file, a folder or a zip", &run_deploy,
        "Examples:\n"
        "  osbot deploy ./hello.py                          create the function hello\n"
        "  osbot deploy ./shop                              a folder with package.json\n"
        "  osbot deploy ./order_processor --stage prod      create process_order__prod from a C++ program\n"
        "  osbot deploy ./app --handler app.main --env LEVEL=debug --memory 256\n"
        "  osbot deploy my-function --image my-repo:latest  create a function from a container image\n"
        "  osbot deploy ./hello.py --watch --invoke '{}'    deploy and call it again after each save\n"
        "  osbot deploy build/hello --watch --build 'cmake --build build'   build the C++ program first\n"
        "  osbot deploy                                     deploy the function of this folder's osbot.toml\n"
        "  osbot deploy --all --stage prod                  deploy each function of osbot.toml\n\n"
        "An executable is run once, with OSBOT_AWS_LIST_HANDLERS=1, to list its handlers; no code after\n"
        "serve_if_lambda() or Deploy_Lambda runs. The packages in a folder's requirements.txt or\n"
        "pyproject.toml are installed for the function's runtime, those in package-lock.json by npm ci.\n\n"
        "Only changes are sent; if nothing changed, a deploy sends one request. The output line `configuration`\n"
        "shows the changes. With osbot.toml, the file has all settings, and options override it. Without it, a\n"
        "setting without an option keeps its value on the function; --replace resets it to its default.");
    command.add_option(
        "source FILE", arguments.source,
        "Executable with handlers, .py, .mjs, .js or .cjs file, folder or .zip; with --image the function's "
        "name; or a function of osbot.toml (default: its only one)");
    Option all = command.add_flag("--all", arguments.all, "Deploy each function of osbot.toml, also after an error");
    add_code_options(command, arguments);
    command.add_option("--stage", arguments.stage, "Name the function NAME__STAGE");
    command.add_option("--image", arguments.image, "URI of a container image to use instead of a package");
    command.add_option("--role", arguments.role, "ARN of the execution role (default: a role is created)");
    command.add_option("--env", arguments.env, "Environment variable NAME=VALUE; may be repeated");
    command.add_option("--memory", arguments.memory, "Memory in MB (default 512)");
    command.add_option("--timeout", arguments.timeout, "Timeout in seconds (default 60)");
    command.add_option("--layer", arguments.layers, "ARN of a layer version; may be repeated");
    command.add_flag("--replace", arguments.replace,
                     "Without osbot.toml: reset settings without an option to their defaults");
    const Option watch = add_watch_options(command, arguments.watch);
    all.excludes(watch);
}

}  // namespace osbot_aws::cli
