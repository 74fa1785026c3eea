#include "cli/line/code_options.hpp"

#include <fmt/format.h>

#include "sdk/deploy_impl.hpp"

namespace osbot_aws::cli {
namespace {

void add_package_options(Command command, Code_Arguments& arguments) {
    const Option packages =
        command.add_option("--packages NAME", arguments.packages,
                           "Install these packages from PyPI for a Python function, in addition to requirements.txt");
    command
        .add_flag("--no-packages", arguments.no_packages,
                  "Do not install the packages of the folder's requirements.txt, pyproject.toml or package-lock.json")
        .excludes(packages);
}

void add_file_options(Command command, Code_Arguments& arguments) {
    command.add_option("--add-file FILE", arguments.files, "Add this file to the package; may be repeated");
    command.add_option("--add-folder FOLDER", arguments.folders,
                       "Add this folder to the package, under its own name; may be repeated");
    command.add_option(
        "--ignore PATTERN", arguments.ignore,
        "Exclude files that match this pattern of .gitignore, in addition to secrets, caches and those of "
        ".osbotignore; may be repeated");
    command.add_option("--include PATTERN", arguments.include,
                       "Add files that match this pattern although they are excluded, such as .env.example; may be "
                       "repeated");
}

}  // namespace

void add_code_options(Command command, Code_Arguments& arguments) {
    command.add_option("--name", arguments.name,
                       "Name of the function (default: the name of the file or of the C++ handler)");
    command.add_option("--handler", arguments.handler,
                       "Handler of the function (default: detected; if ambiguous, the error lists the candidates)");
    command.add_option("--runtime", arguments.runtime,
                       "Lambda runtime identifier (default: provided.al2023, python3.11 or nodejs22.x)");
    command.add_option("--architecture", arguments.architecture, "Processor of the function (default x86_64)")
        .one_of({"x86_64", "arm64"});
    add_file_options(command, arguments);
    add_package_options(command, arguments);
    command.add_flag("--no-check", arguments.no_check,
                     "Skip the checks of the handler's file, its syntax and the runtime");
}

Deploy_Options deploy_options(const Code_Arguments& arguments, const Session& session) {
    Deploy_Options options{.lambda_name = arguments.name,
                           .stage = {},
                           .handler = arguments.handler,
                           .runtime = arguments.runtime,
                           .session = session,
                           .ignore = arguments.ignore,
                           .include = arguments.include};
    if (!arguments.architecture.empty()) options.architecture = arguments.architecture;
    return options;
}

void set_default(std::string& value, const std::string& setting) {
    if (value.empty()) value = setting;
}

void apply_settings(const Function_Settings& settings, Code_Arguments& arguments) {
    const auto add = [](std::vector<std::string>& list, const std::vector<std::string>& more) {
        list.insert(list.end(), more.begin(), more.end());
    };
    arguments.source_place = fmt::format("{}:{}", settings.file.string(), settings.line);
    arguments.source = settings.image.empty() ? settings.path_of(settings.source) : settings.name;
    set_default(arguments.name, settings.name);
    set_default(arguments.handler, settings.handler);
    set_default(arguments.runtime, settings.runtime);
    set_default(arguments.architecture, settings.architecture);
    for (const std::string& file : settings.files) arguments.files.push_back(settings.path_of(file));
    for (const std::string& folder : settings.folders) arguments.folders.push_back(settings.path_of(folder));
    add(arguments.ignore, settings.ignore);
    add(arguments.include, settings.include);
    if (!arguments.no_packages) add(arguments.packages, settings.packages);
}

void apply(Deploy_Lambda& deploy, const Code_Arguments& arguments) {
    for (const std::string& file : arguments.files) deploy.add_file(file);
    for (const std::string& folder : arguments.folders) deploy.add_folder(folder, arguments.ignore, arguments.include);
    Code_Steps& steps = impl_of(deploy).steps;
    steps.check = !arguments.no_check;
    steps.packages_of_folder = !arguments.no_packages;
    steps.packages = arguments.packages;
}

}  // namespace osbot_aws::cli
