#include <fmt/format.h>

#include <cstdio>

#include <osbot_aws/deploy/Deploy_Lambda.hpp>

#include "base/files.hpp"
#include "cli/commands/commands.hpp"
#include "cli/line/code_options.hpp"
#include "cli/output/sizes.hpp"
#include "cli/output/terminal.hpp"
#include "cli/project/project_functions.hpp"
#include "sdk/deploy_impl.hpp"

namespace osbot_aws::cli {
namespace fs = std::filesystem;

namespace {

struct Package_Arguments : Code_Arguments {
    std::string output;
};

/// Excludes the output file if it is in the packed folder, so that the zip of an earlier call is not packed.
void exclude_output(Package_Arguments& arguments) {
    std::error_code error;
    const fs::path folder = fs::weakly_canonical(arguments.source, error);
    if (!fs::is_directory(folder, error)) return;
    if (arguments.output.empty())
        arguments.output = (arguments.name.empty() ? folder.filename().string() : arguments.name) + ".zip";
    const fs::path relative = fs::weakly_canonical(arguments.output, error).lexically_relative(folder);
    if (!relative.empty() && *relative.begin() != "..") arguments.ignore.push_back("/" + relative.string());
}

Json description_of(Deploy_Lambda& deploy, const packing::Package::Zip& zip, const fs::path& output,
                    const std::vector<std::string>& warnings) {
    const Lambda& function = deploy.lambda_function();
    const packing::Package& package = impl_of(deploy).package;
    Json files = Json::array();
    for (const packing::Entry& entry : package.entries()) files.push_back(entry.path);
    return {{"file", output.string()},
            {"name", deploy.name()},
            {"handler", function.handler},
            {"runtime", function.runtime},
            {"architecture", function.architecture},
            {"sha256_base64", zip.sha256_base64},
            {"bytes", zip.bytes.size()},
            {"unpacked_bytes", zip.unpacked_bytes},
            {"files", std::move(files)},
            {"left_out", package.left_out()},
            {"warnings", warnings}};
}

/// Fills in the settings of osbot.toml.
Result<void> read_settings_of(Package_Arguments& arguments) {
    const Function_Request request{.source = arguments.source, .name = arguments.name, .stage = {}, .all = false};
    OSBOT_TRY(const auto functions, find_functions(request));
    if (functions.empty()) return {};
    if (functions.front().source.empty())
        return Error{"InvalidSettings", functions.front().name + " is a container image and has no zip", 0};
    apply_settings(functions.front(), arguments);
    return {};
}

int run_package(const Options& options, const Package_Arguments& command_line) {
    Package_Arguments arguments = command_line;
    if (auto read = read_settings_of(arguments); !read) return report_usage(read.error());
    if (!fs::exists(arguments.source) && arguments.source.find(':') == std::string::npos)
        return report_missing_source(arguments.source, arguments.source_place);
    exclude_output(arguments);
    Deploy_Lambda deploy(fs::path(arguments.source), deploy_options(arguments, Session(session_settings(options))));
    std::vector<std::string> warnings;
    deploy.on_progress([&](const Deploy_Phase& phase) {
        if (phase.name == "warning") warnings.push_back(phase.detail);
        if (!options.json)
            std::fprintf(stderr, "%s: %s\n", painted(phase.name, Colour::green, 2).c_str(),
                         wrapped(phase.detail, width_of(2), phase.name.size() + 2, 4).c_str());
    });
    apply(deploy, arguments);
    impl_of(deploy).steps.packages_in_zip = true;
    impl_of(deploy).prepare_package();
    const packing::Package::Zip zip = impl_of(deploy).pack();
    const fs::path output = arguments.output.empty() ? deploy.name() + ".zip" : arguments.output;
    if (auto written = base::write_file(output, zip.bytes); !written) return report(written.error());
    print(
        options, description_of(deploy, zip, output, warnings),
        fmt::format("{}: {}, handler {}, runtime {}", output.string(), size_text(static_cast<double>(zip.bytes.size())),
                    deploy.lambda_function().handler, deploy.lambda_function().runtime));
    return exit_ok;
}

}  // namespace

void add_package(Command_Line& line) {
    auto [command, arguments] = line.add_command(
        line.root(), "package", "Write the zip of a function without deploying it", &run_package,
        "Examples:\n"
        "  osbot package ./app -o code.zip                        zip a folder with its packages from PyPI\n"
        "  osbot package build/hello -o code.zip --json           zip a C++ program; print handler, runtime and hash\n"
        "  osbot package ./app -o code.zip --architecture arm64   with wheels for arm64\n\n"
        "The zip is the same as that of `osbot deploy`, and equal for equal input, so that Terraform, CDK and\n"
        "SAM deploy it only if it changed. No request is sent to AWS. An executable is run once to list its\n"
        "handlers. Packages from PyPI are always in the zip, never in a layer.");
    command.add_option(
        "source FILE", arguments.source,
        "Executable with handlers, .py, .mjs, .js or .cjs file, folder or .zip; or a function of osbot.toml "
        "(default: its only one)");
    command.add_option("-o,--output FILE", arguments.output, "File to write (default: NAME.zip)");
    add_code_options(command, arguments);
}

}  // namespace osbot_aws::cli
