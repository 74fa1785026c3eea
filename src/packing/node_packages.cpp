#include "packing/node_packages.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include <osbot_aws/core/Json.hpp>

#include "base/architecture.hpp"
#include "base/characters.hpp"
#include "base/environment.hpp"
#include "base/files.hpp"
#include "base/json.hpp"
#include "base/local_error.hpp"
#include "base/subprocess.hpp"
#include "packing/handlers.hpp"

namespace osbot_aws::packing {
namespace fs = std::filesystem;

namespace {

constexpr std::size_t package_bytes_max = 1'000'000;
constexpr std::chrono::minutes npm_time_max{10};
constexpr std::chrono::seconds version_time_max{10};
constexpr std::size_t npm_output_bytes_max = 2'000;
constexpr const char* lock_names[] = {"package-lock.json", "npm-shrinkwrap.json"};
constexpr const char* npm_inputs[] = {"package.json", ".npmrc", lock_names[0], lock_names[1]};

using Tokens = std::vector<std::string_view>;

bool is_name_character(char c) { return base::is_alphanumeric(c) || c == '_' || c == '$'; }

/// Returns the offset after the string or comment that begins here, or the same offset if none does.
std::size_t after_string_or_comment(std::string_view text, std::size_t at) {
    const std::string_view rest = text.substr(at);
    const auto after = [&](std::string_view end) {
        const std::size_t found = text.find(end, at + 2);
        return found == std::string_view::npos ? text.size() : found + end.size();
    };
    if (rest.starts_with("//")) return after("\n");
    if (rest.starts_with("/*")) return after("*/");
    if (rest.front() != '"' && rest.front() != '\'' && rest.front() != '`') return at;
    std::size_t end = at + 1;
    while (end < text.size() && text[end] != rest.front()) end += text[end] == '\\' ? 2 : 1;
    return std::min(end + 1, text.size());
}

/// Splits JavaScript into names and single characters, without strings and comments.
Tokens tokens_of(std::string_view text) {
    Tokens tokens;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = after_string_or_comment(text, at);
        if (end == at) {
            while (end < text.size() && is_name_character(text[end])) ++end;
            end = std::max(end, at + 1);
            if (!base::is_space(text[at])) tokens.push_back(text.substr(at, end - at));
        }
        at = end;
    }
    return tokens;
}

/// Returns the names in `{a, b as c, d: value}`, from the brace: a, c and d.
std::set<std::string> names_in_braces(const Tokens& tokens, std::size_t at) {
    std::set<std::string> names;
    int depth = 0;
    for (; at < tokens.size(); ++at) {
        const std::string_view token = tokens[at];
        if (token == "{" || token == "(" || token == "[") ++depth;
        if (token == "}" || token == ")" || token == "]") --depth;
        if (depth == 0) break;
        const bool ends = at + 1 < tokens.size() && (tokens[at + 1] == "," || tokens[at + 1] == "}");
        const bool key = at + 1 < tokens.size() && (tokens[at + 1] == ":" || tokens[at + 1] == "(") &&
                         (tokens[at - 1] == "{" || tokens[at - 1] == "," || tokens[at - 1] == "async");
        if (depth == 1 && is_name_character(token.front()) && (key || (ends && tokens[at - 1] != ":")))
            names.emplace(token);
    }
    return names;
}

std::set<std::string> exports_of(std::string_view source) {
    const Tokens tokens = tokens_of(source);
    const auto token = [&](std::size_t at) { return at < tokens.size() ? tokens[at] : std::string_view(); };
    std::set<std::string> names;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (tokens[i] == "exports" && token(i + 1) == "." && token(i + 3) == "=" && token(i + 4) != "=")
            names.emplace(token(i + 2));
        if (tokens[i] == "exports" && token(i + 1) == "=" && token(i + 2) == "{")
            names.merge(names_in_braces(tokens, i + 2));
        if (tokens[i] != "export") continue;
        if (token(i + 1) == "{") names.merge(names_in_braces(tokens, i + 1));
        std::size_t at = i + (token(i + 1) == "async" ? 2 : 1);
        const std::string_view kind = token(at);
        if (kind == "function" && token(at + 1) == "*") ++at;
        if (kind == "function" || kind == "const" || kind == "let" || kind == "var") names.emplace(token(at + 1));
    }
    return names;
}

Result<Json> read_package(const fs::path& folder) {
    const fs::path file = folder / "package.json";
    std::error_code ignored;
    if (!fs::is_regular_file(file, ignored)) return Json::object();
    OSBOT_TRY(const std::string text, base::read_file(file, package_bytes_max));
    Json package = base::parse_json(text);
    if (!package.is_object())
        return Error{"InvalidRequirements", fmt::format("{}: it is not a JSON object", file.string()), 0};
    return package;
}

bool is_file(const fs::path& file) {
    std::error_code ignored;
    return fs::is_regular_file(file, ignored);
}

/// Returns the file that `main` of package.json names, relative to the folder; empty if it does not exist or is outside
/// of the folder.
fs::path file_below(const fs::path& folder, const fs::path& main) {
    const fs::path normal = main.lexically_normal();
    if (normal.empty() || normal.is_absolute() || *normal.begin() == "..") return {};
    for (const fs::path& file : {normal, fs::path(normal).concat(".js"), (normal / "index.js").lexically_normal()})
        if (is_file(folder / file)) return file;
    return {};
}

std::vector<std::string> npm_command(const fs::path& npm, const Wheel_Target& target) {
    std::vector<std::string> command{npm.string(), "ci", "--omit=dev", "--no-audit", "--no-fund", "--loglevel=error"};
    if (target.architecture != base::host_architecture)
        command.push_back(target.architecture == "arm64" ? "--cpu=arm64" : "--cpu=x64");
    return command;
}

/// A file that npm reads.
struct Npm_Input {
    const char* name;
    std::string text;
};

Result<std::vector<Npm_Input>> read_npm_inputs(const fs::path& folder) {
    std::vector<Npm_Input> inputs;
    for (const char* name : npm_inputs) {
        std::error_code error;
        if (fs::status(folder / name, error).type() == fs::file_type::not_found) continue;
        OSBOT_TRY(std::string text, base::read_file(folder / name));
        inputs.push_back({name, std::move(text)});
    }
    return inputs;
}

/// Returns what the installed packages depend on. Native modules are compiled for the version of node.
std::string cache_key(const std::vector<Npm_Input>& inputs, const Wheel_Target& target) {
    const auto node = base::run_program({.argv = {"node", "--version"}, .time_max = version_time_max});
    std::string key = fmt::format("{}\n{}\n{}", target.runtime, target.architecture, node ? node->output : "");
    for (const auto& [name, text] : inputs) key += fmt::format("{} {}\n{}\n", name, text.size(), text);
    return key;
}

/// Runs npm in a folder. `failure`: the start of the error's message.
Result<void> run_npm(std::vector<std::string> command, const fs::path& folder, std::string_view failure) {
    OSBOT_TRY(const auto run,
              base::run_program(
                  {.argv = std::move(command), .folder = folder, .time_max = npm_time_max, .output_together = true}));
    if (run.exit_code == 0) return {};
    const std::string reason =
        run.timed_out ? "it took more than 10 minutes" : run.output.substr(0, npm_output_bytes_max);
    return local_error("InstallFailed", "{}: {}", failure, reason);
}

/// Returns npm of this node, which may be one of nvm's and not on PATH, or the npm on PATH.
Result<fs::path> find_npm(std::string_view use, std::string_view way_out, const fs::path& node = {}) {
    std::error_code error;
    const fs::path beside = node.empty() ? fs::path() : fs::canonical(node, error).parent_path() / "npm";
    if (!beside.empty() && fs::exists(beside, error)) return beside;
    if (auto npm = base::find_program("npm")) return *npm;
    return local_error("InstallerNotFound", "npm is needed to install {}: apt install npm, or nvm install 22{}", use,
                       way_out);
}

/// Runs npm in a folder that has copies of the files it reads, and removes them afterwards: .npmrc may have secrets.
Result<void> npm_ci(const fs::path& source, const std::vector<Npm_Input>& inputs, const Wheel_Target& target,
                    const fs::path& folder) {
    OSBOT_TRY(const fs::path npm,
              find_npm(fmt::format("the packages of {}", source.string()), "; or use --no-packages"));
    std::error_code error;
    fs::create_directories(folder, error);
    for (const auto& [name, text] : inputs) OSBOT_TRY(base::write_file_durably(folder / name, text, 0600));
    OSBOT_TRY(run_npm(npm_command(npm, target), folder, fmt::format("npm ci failed in a copy of {}", source.string())));
    for (const auto& [name, text] : inputs) {
        fs::remove(folder / name, error);
        if (error) return local_error("FileError", "cannot remove {}: {}", (folder / name).string(), error.message());
    }
    return {};
}

/// Returns false if npm could not write its cache, which is in HOME without a setting: as in a container with --user.
bool has_npm_cache() {
    const std::string home = base::variable("HOME");
    return !base::variable("npm_config_cache", base::variable("NPM_CONFIG_CACHE")).empty() ||
           (!home.empty() && ::access(home.c_str(), W_OK | X_OK) == 0);
}

std::size_t count_packages(const fs::path& modules) {
    std::size_t count = 0;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(modules, error)) {
        const std::string name = entry.path().filename().string();
        if (name.starts_with('@'))
            count += count_packages(entry.path());
        else
            count += name.starts_with('.') ? 0 : 1;
    }
    return count;
}

}  // namespace

Result<std::string> find_node_handler(std::string_view source) {
    const std::set<std::string> names = exports_of(source);
    for (const char* usual : {"handler", "lambdaHandler"})
        if (names.contains(usual)) return std::string(usual);
    if (names.size() == 1) return *names.begin();
    return Error{
        "HandlerNotFound",
        fmt::format("the file exports {}; name file.export in {}",
                    names.empty() ? "no function" : fmt::format("{}", fmt::join(names, ", ")), handler_settings),
        0};
}

Result<fs::path> node_main_file(const fs::path& folder) {
    OSBOT_TRY(const Json package, read_package(folder));
    const auto entry = package.find("main");
    const std::string main = entry != package.end() && entry->is_string() ? entry->get<std::string>() : "";
    if (fs::path file = file_below(folder, main); !file.empty()) return file;
    for (const char* name : {"index", "app"})
        for (const char* extension : {".mjs", ".js", ".cjs"})
            if (fs::path file = fs::path(name).concat(extension); is_file(folder / file)) return file;
    return fs::path();
}

bool has_node_lock(const fs::path& folder) {
    std::error_code ignored;
    return std::ranges::any_of(lock_names, [&](const char* name) { return fs::exists(folder / name, ignored); });
}

Result<Installed_Packages> install_node_packages(const fs::path& folder, const Wheel_Target& target) {
    OSBOT_TRY(const auto inputs, read_npm_inputs(folder));
    const auto install = [&](const fs::path& destination) { return npm_ci(folder, inputs, target, destination); };
    OSBOT_TRY(Installed_Packages installed, install_in_cache("node_packages", cache_key(inputs, target), install));
    installed.count = count_packages(installed.folder / "node_modules");
    return installed;
}

Result<void> install_node_sdk(std::string_view package, std::string_view lock, const fs::path& node,
                              const fs::path& folder) {
    OSBOT_TRY(const fs::path npm, find_npm("the AWS SDK for JavaScript", "", node));
    std::error_code error;
    fs::create_directories(folder, error);
    OSBOT_TRY(base::write_file(folder / "package.json", package));
    if (!lock.empty()) OSBOT_TRY(base::write_file(folder / lock_names[0], lock));
    // Its scripts start the first node on PATH.
    const std::string path = fmt::format("PATH={}:{}", npm.parent_path().string(), base::variable("PATH"));
    std::vector<std::string> command{"/usr/bin/env",    path,
                                     npm.string(),      lock.empty() ? "install" : "ci",
                                     "--omit=dev",      "--ignore-scripts",
                                     "--no-audit",      "--no-fund",
                                     "--loglevel=error"};
    const base::Temporary_Folder cache;
    if (!has_npm_cache()) command.insert(command.end(), {"--cache", cache.path().string()});
    return run_npm(std::move(command), folder, "npm failed");
}

}  // namespace osbot_aws::packing
