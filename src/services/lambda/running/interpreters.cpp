#include "services/lambda/running/interpreters.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <vector>

#include "base/environment.hpp"
#include "base/numbers.hpp"
#include "base/subprocess.hpp"

namespace osbot_aws::services {
namespace fs = std::filesystem;

namespace {

constexpr int python_minor_min = 6;
constexpr int node_major_min = 18;

std::vector<fs::path> folders_on_path() {
    std::vector<fs::path> folders;
    std::istringstream path(base::variable("PATH") + ":/usr/local/bin:/usr/bin");
    // A pyenv shim is a script that takes 90 ms at each start; its interpreters are found below.
    for (std::string folder; std::getline(path, folder, ':');)
        if (!folder.empty() && folder.find("/shims") == std::string::npos) folders.emplace_back(folder);
    return folders;
}

/// Adds `bin` of each version in the folders of version managers.
void add_versions(std::vector<fs::path>& folders, std::initializer_list<fs::path> managers, const char* bin) {
    std::error_code ignored;
    for (const fs::path& versions : managers)
        for (const auto& version : fs::directory_iterator(versions, ignored)) folders.push_back(version.path() / bin);
}

/// Returns the site-packages of the virtual environment with this `bin` folder, or an empty path if it is not in one.
fs::path packages_of_environment(const fs::path& bin, int minor) {
    const fs::path environment = bin.parent_path();
    std::error_code ignored;
    fs::path packages = environment / "lib" / fmt::format("python3.{}", minor) / "site-packages";
    const bool is_environment = fs::exists(environment / "pyvenv.cfg", ignored) && fs::is_directory(packages, ignored);
    return is_environment ? packages : fs::path();
}

/// Returns the program with links resolved; an empty path if it does not exist or is not executable.
fs::path real_program(const fs::path& file) {
    std::error_code broken_link;
    fs::path real = fs::canonical(file, broken_link);
    return broken_link || ::access(real.c_str(), X_OK) != 0 ? fs::path() : real;
}

Interpreters find_pythons() {
    const fs::path home = base::variable("HOME");
    std::vector<fs::path> folders = folders_on_path();
    add_versions(
        folders,
        {fs::path(base::variable("PYENV_ROOT", home / ".pyenv")) / "versions", home / ".local/share/uv/python"}, "bin");
    Interpreters found;
    for (const fs::path& folder : folders) {
        std::error_code ignored;
        for (const auto& entry : fs::directory_iterator(folder, ignored)) {
            const auto minor = python_language.version_of(entry.path().filename().string());
            if (!minor || *minor < python_minor_min || found.contains(*minor)) continue;
            if (fs::path real = real_program(entry.path()); !real.empty())
                found[*minor] = {std::move(real), packages_of_environment(folder, *minor)};
        }
    }
    return found;
}

/// Returns the major version in "v22.11.0", "22.11.0" or "v25.0.0-nightly"; nullopt if it is not a whole version.
std::optional<int> major_of(std::string_view version) {
    if (version.starts_with('v')) version.remove_prefix(1);
    version = version.substr(0, version.find_first_of("-\r\n"));
    const std::size_t first = version.find('.'), second = version.find('.', first + 1);
    if (first == std::string_view::npos || second == std::string_view::npos) return std::nullopt;
    const bool is_whole = base::parse_number<unsigned>(version.substr(first + 1, second - first - 1)) &&
                          base::parse_number<unsigned>(version.substr(second + 1));
    return is_whole ? base::parse_number<int>(version.substr(0, first)) : std::nullopt;
}

/// Returns the major version of a node program. Version managers name its folder by the version ("v22.11.0/bin");
/// otherwise the program is run.
std::optional<int> node_major(const fs::path& program) {
    if (const auto major = major_of(program.parent_path().parent_path().filename().string())) return major;
    const auto run = base::run_program({.argv = {program.string(), "--version"}, .time_max = version_time_max});
    return run && run->exit_code == 0 ? major_of(run->output) : std::nullopt;
}

Interpreters find_nodes() {
    const fs::path home = base::variable("HOME"), data = base::variable("XDG_DATA_HOME", home / ".local/share");
    std::vector<fs::path> folders = folders_on_path();
    add_versions(folders,
                 {fs::path(base::variable("NVM_DIR", home / ".nvm")) / "versions/node",
                  home / ".volta/tools/image/node", home / ".nodenv/versions", home / ".asdf/installs/nodejs",
                  data / "mise/installs/node", "/usr/local/n/versions/node"},
                 "bin");
    add_versions(folders, {fs::path(base::variable("FNM_DIR", data / "fnm")) / "node-versions"}, "installation/bin");
    std::vector<fs::path> seen;
    Interpreters found;
    for (const fs::path& folder : folders) {
        fs::path real = real_program(folder / "node");
        // A version manager's `node` on PATH is a link to a program that selects a version.
        if (!real.filename().string().starts_with("node") || std::ranges::find(seen, real) != seen.end()) continue;
        seen.push_back(real);
        if (const auto major = node_major(real); major && *major >= node_major_min) found.try_emplace(*major, real);
    }
    return found;
}

}  // namespace

const Language python_language{"python3.", "", "apt install python3, or uv python install 3.13", &find_pythons};
const Language node_language{"nodejs", ".x", "apt install nodejs, or nvm install 22", &find_nodes};

std::optional<int> Language::version_of(std::string_view runtime) const {
    if (!runtime.starts_with(prefix) || !runtime.ends_with(suffix)) return std::nullopt;
    return base::parse_number<int>(runtime.substr(prefix.size(), runtime.size() - prefix.size() - suffix.size()));
}

std::string Language::runtime_of(int version) const { return fmt::format("{}{}{}", prefix, version, suffix); }

Result<Interpreters::const_iterator> Language::choose(const Interpreters& found, int version, bool strict) const {
    const auto is_near = [version](const auto& interpreter) { return std::abs(interpreter.first - version); };
    if (found.empty())
        return Error{"InvalidRuntime", fmt::format("this host has no interpreter for {}: {}; then restart the engine",
                                                   runtime_of(version), advice)};
    if (strict && !found.contains(version)) {
        const auto names = found | std::views::keys | std::views::transform([this](int v) { return runtime_of(v); });
        return Error{"InvalidRuntime", fmt::format("{} was not found on this host; found: {}", runtime_of(version),
                                                   fmt::join(names, ", "))};
    }
    return std::ranges::min_element(found, {}, is_near);
}

}  // namespace osbot_aws::services
