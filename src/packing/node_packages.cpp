#include "packing/node_packages.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include <osbot_aws/core/Json.hpp>

#include "base/architecture.hpp"
#include "base/characters.hpp"
#include "base/json.hpp"
#include "base/subprocess.hpp"
#include "packing/handlers.hpp"

namespace osbot_aws::packing {
namespace fs = std::filesystem;

namespace {

constexpr std::uintmax_t package_bytes_max = 1'000'000;
constexpr std::chrono::minutes npm_time_max{10};
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
    std::error_code missing;
    const std::uintmax_t size = fs::file_size(file, missing);
    if (missing) return Json::object();
    if (size > package_bytes_max)
        return Error{"InvalidRequirements",
                     fmt::format("{}: the file has {} bytes; the limit is {}", file.string(), size, package_bytes_max),
                     0};
    OSBOT_TRY(const std::string text, base::read_file(file));
    Json package = base::parse_json(text);
    if (!package.is_object())
        return Error{"InvalidRequirements", fmt::format("{}: it is not a JSON object", file.string()), 0};
    return package;
}

std::vector<std::string> npm_command(const fs::path& npm, const Wheel_Target& target) {
    std::vector<std::string> command{npm.string(), "ci", "--omit=dev", "--no-audit", "--no-fund", "--loglevel=error"};
    if (target.architecture != base::host_architecture)
        command.push_back(target.architecture == "arm64" ? "--cpu=arm64" : "--cpu=x64");
    return command;
}

/// Runs npm in a folder that has copies of the files it reads, and removes them afterwards: .npmrc may have secrets.
Result<void> npm_ci(const fs::path& source, const Wheel_Target& target, const fs::path& folder) {
    const auto npm = base::find_program("npm");
    if (!npm)
        return Error{"InstallerNotFound",
                     fmt::format("npm is needed to install the packages of {}: apt install npm, or nvm install 22; or "
                                 "use --no-packages",
                                 source.string()),
                     0};
    fs::create_directories(folder);
    for (const char* name : npm_inputs)
        if (fs::exists(source / name)) fs::copy_file(source / name, folder / name);
    const auto result = base::run_program(
        {.argv = npm_command(*npm, target), .folder = folder, .time_max = npm_time_max, .output_together = true});
    for (const char* name : npm_inputs) fs::remove(folder / name);
    if (!result) return result.error();
    if (result->exit_code == 0) return {};
    const std::string reason =
        result->timed_out ? "it took more than 10 minutes" : result->output.substr(0, npm_output_bytes_max);
    return Error{"InstallFailed", fmt::format("npm ci failed in a copy of {}: {}", source.string(), reason), 0};
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
    const fs::path written = entry != package.end() && entry->is_string() ? entry->get<std::string>() : "";
    const std::string main = written.lexically_normal().string();
    for (const std::string& name : {main, main + ".js"})
        if (!main.starts_with("..") && fs::is_regular_file(folder / name)) return fs::path(name);
    for (const char* name : {"index", "app"})
        for (const char* extension : {".mjs", ".js", ".cjs"})
            if (fs::path file = fs::path(name).concat(extension); fs::is_regular_file(folder / file)) return file;
    return fs::path();
}

bool has_node_lock(const fs::path& folder) {
    std::error_code ignored;
    return std::ranges::any_of(lock_names, [&](const char* name) { return fs::exists(folder / name, ignored); });
}

Result<Installed_Packages> install_node_packages(const fs::path& folder, const Wheel_Target& target) {
    std::string key = fmt::format("{}\n{}", target.runtime, target.architecture);
    for (const char* name : npm_inputs) {
        if (!fs::exists(folder / name)) continue;
        OSBOT_TRY(const std::string text, base::read_file(folder / name));
        key += "\n" + text;
    }
    const auto install = [&](const fs::path& destination) { return npm_ci(folder, target, destination); };
    OSBOT_TRY(Installed_Packages installed, install_in_cache("node_packages", key, install));
    installed.count = count_packages(installed.folder / "node_modules");
    return installed;
}

}  // namespace osbot_aws::packing
