#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "base/counted.hpp"
#include "base/local_error.hpp"
#include "cli/commands/commands.hpp"
#include "cli/output/activity.hpp"
#include "cli/output/terminal.hpp"
#include "engine/host_runtimes.hpp"
#include "packing/runtime_support.hpp"

namespace osbot_aws::cli {
namespace fs = std::filesystem;

namespace {

using Runtimes = std::vector<engine::Host_Runtime>;
using Packages = std::map<std::string, std::string>;

struct List_Arguments {};

struct Install_Arguments {
    std::vector<std::string> runtimes;
};

bool has_support(const engine::Host_Runtime& runtime) { return packing::has_runtime_support(runtime.identifier); }

/// Returns the interpreters of this host that run functions of these runtimes, each once; of all if none is named.
Result<Runtimes> runtimes_for(const std::vector<std::string>& identifiers) {
    Runtimes found;
    if (identifiers.empty()) {
        found = engine::host_runtimes();
        std::erase_if(found, [](const auto& runtime) { return !has_support(runtime); });
        if (found.empty())
            return local_error("InvalidRuntime",
                               "this host has neither Python nor Node.js: apt install python3, or apt install nodejs");
    }
    for (const std::string& identifier : identifiers) {
        OSBOT_TRY(auto runtime, engine::nearest_runtime(identifier));
        if (!has_support(runtime))
            return local_error("InvalidRuntime", "osbot has no packages for {}: name a runtime python3.x or nodejsNN.x",
                               identifier);
        const auto is_same = [&](const auto& other) { return other.identifier == runtime.identifier; };
        if (std::ranges::none_of(found, is_same)) found.push_back(std::move(runtime));
    }
    return found;
}

/// Formats "boto3 1.44.8, botocore 1.44.8 and 7 more", "@aws-sdk/client-s3 3.966.0 and 5 more"
std::string text_of(const Packages& packages) {
    std::vector<std::string> first;
    for (const char* name : {"boto3", "botocore", "@aws-sdk/client-s3"})
        if (const auto found = packages.find(name); found != packages.end())
            first.push_back(fmt::format("{} {}", name, found->second));
    if (first.empty()) return base::counted(packages.size(), "package");
    return fmt::format("{} and {} more", fmt::join(first, ", "), packages.size() - first.size());
}

Json json_of(const engine::Host_Runtime& runtime, const fs::path& folder) {
    Json json{{"runtime", runtime.identifier},
              {"interpreter", runtime.program.string()},
              {"installed", !folder.empty()},
              {"folder", folder.string()},
              {"packages", packing::packages_in(folder)}};
    const auto failure = folder.empty() ? packing::recent_support_failure(runtime.identifier) : std::nullopt;
    if (failure) json["error"] = {{"code", failure->code}, {"message", failure->message}};
    return json;
}

int list(const Options& options, const List_Arguments&) {
    Json json = Json::array();
    std::vector<std::vector<std::string>> rows;
    for (const engine::Host_Runtime& runtime : engine::host_runtimes()) {
        if (!has_support(runtime)) continue;
        const fs::path folder = packing::find_runtime_support(runtime.identifier);
        json.push_back(json_of(runtime, folder));
        const std::string state =
            json.back().contains("error") ? "not installed; the last installation failed" : "not installed";
        rows.push_back({runtime.identifier, folder.empty() ? state : text_of(packing::packages_in(folder)),
                        runtime.program.string()});
    }
    print(options, {{"runtimes", json}},
          rows.empty() ? "this host has no interpreter with packages of AWS's runtimes" : table(rows, width_of(1)));
    return exit_ok;
}

/// Installs the packages of each runtime. The command ends at the first failure. Without named runtimes, it skips those
/// whose installer this host does not have: Debian's package nodejs has no npm.
Result<int> install(const Options& options, const Install_Arguments& arguments, packing::Support_Versions versions) {
    OSBOT_TRY(const auto runtimes, runtimes_for(arguments.runtimes));
    Json json = Json::array();
    std::string text;
    std::optional<Activity> activity(std::in_place, "", !options.json);
    for (const engine::Host_Runtime& runtime : runtimes) {
        activity->set_text("installing the packages of " + runtime.identifier);
        const auto installed = packing::install_runtime_support(runtime.identifier, runtime.program, versions);
        if (!installed && arguments.runtimes.empty() && installed.error().code == "InstallerNotFound") {
            text += fmt::format("{}{}: skipped: {}", text.empty() ? "" : "\n", runtime.identifier,
                                installed.error().message);
            continue;
        }
        if (!installed) {
            activity.reset();
            if (!text.empty() && !options.json) print(options, {}, text);
            return report(installed.error(),
                          "check the network and the package index (PIP_INDEX_URL, UV_INDEX, npm_config_registry)");
        }
        if (installed->temporary)
            return local_error("FileError",
                               "the packages need a cache folder: set HOME or XDG_CACHE_HOME to a folder "
                               "that you can write");
        json.push_back(json_of(runtime, installed->folder));
        text += fmt::format("{}{}: {}{}", text.empty() ? "" : "\n", runtime.identifier,
                            text_of(packing::packages_in(installed->folder)),
                            installed->cached ? " (already installed)" : "");
    }
    activity.reset();
    print(options, {{"runtimes", json}}, text);
    return exit_ok;
}

Result<int> install_pinned(const Options& options, const Install_Arguments& arguments) {
    return install(options, arguments, packing::Support_Versions::pinned);
}

Result<int> install_newest(const Options& options, const Install_Arguments& arguments) {
    return install(options, arguments, packing::Support_Versions::newest);
}

}  // namespace

void add_runtimes(Command_Line& line, Command local) {
    Command runtime =
        local.add_command("runtime", "Manage the packages of AWS's runtimes, such as boto3: list, install, update",
                          "Examples:\n"
                          "  osbot local runtime list\n"
                          "  osbot local runtime install                install for every interpreter of this host\n"
                          "  osbot local runtime install python3.12\n"
                          "  osbot local runtime update python3.12      install the newest versions");
    runtime.require_command();
    line.add_command(runtime, "list", "List the interpreters of this host and the versions of their packages", &list);
    auto [install_command, pinned] =
        line.add_command(runtime, "install", "Install the versions of this release of osbot", &install_pinned);
    install_command.add_option("runtimes RUNTIME", pinned.runtimes,
                               "python3.x or nodejsNN.x (default: every interpreter of this host)");
    auto [update_command, newest] =
        line.add_command(runtime, "update", "Install the newest versions of the package index", &install_newest);
    update_command.add_option("runtimes RUNTIME", newest.runtimes,
                              "python3.x or nodejsNN.x (default: every interpreter of this host)");
}

}  // namespace osbot_aws::cli
