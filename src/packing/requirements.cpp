#include "packing/requirements.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "base/characters.hpp"
#include "base/disk_usage.hpp"
#include "base/error_codes.hpp"
#include "base/hash.hpp"
#include "base/json.hpp"
#include "base/local_error.hpp"
#include "base/power_failure.hpp"
#include "base/subprocess.hpp"
#include "base/text.hpp"
#include "embedded/project_dependencies_py.hpp"
#include "packing/cache_folder.hpp"

namespace osbot_aws::packing {
namespace fs = std::filesystem;

namespace {

constexpr std::string_view installation_format = "1";  // part of the key: increased when the installed files change
constexpr std::size_t file_bytes_max = 1'000'000;
constexpr int nesting_max = 8;  // of -r FILE
constexpr std::size_t cached_max = 16;
constexpr std::uint64_t cached_bytes_max = 2'000'000'000;

Error unusable(const fs::path& file, std::string_view reason) {
    return local_error(codes::invalid_requirements, "{}: {}", file.string(), reason);
}

/// A file above the limit is not a list of requirements.
Result<std::string> read_limited(const fs::path& file) {
    auto text = base::read_file(file, file_bytes_max);
    std::error_code error;
    if (const auto size = fs::file_size(file, error); !text && !error && size > file_bytes_max)
        return unusable(file, fmt::format("the file has {} bytes; the limit is {}", size, file_bytes_max));
    return text;
}

/// Returns the words of a line, up to a comment, with one space between them.
std::string words_of(const std::string& line) {
    std::istringstream words(line);
    std::string text;
    for (std::string word; words >> word && !word.starts_with('#');) text += (text.empty() ? "" : " ") + word;
    return text;
}

/// Returns the lines without comments. A backslash at the end of a line continues it.
std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    std::string line;
    while (!text.empty()) {
        line += base::trimmed(base::take_until(text, '\n'));
        if (line.ends_with('\\') && !text.empty()) {
            line.back() = ' ';
            continue;
        }
        if (std::string words = words_of(line); !words.empty()) lines.push_back(std::move(words));
        line.clear();
    }
    return lines;
}

/// Returns FILE of `-r FILE`, `-c FILE` and the long forms.
std::string included_file(std::string_view line) {
    for (const std::string_view option : {"-r", "-c", "--requirement", "--constraint"}) {
        std::string_view rest = line;
        if (!base::take_prefix(rest, option)) continue;
        if (option.starts_with("--") && rest.substr(0, rest.find_first_not_of(" =")).empty()) continue;
        base::take_prefix(rest, "=");
        return std::string(base::trimmed(rest));
    }
    return "";
}

/// Adds the lines of a requirements file, and of the files that it includes.
Result<void> add_lines(const fs::path& file, int nesting, std::vector<std::string>& lines) {
    if (nesting > nesting_max)
        return unusable(file, fmt::format("requirements files are nested deeper than {}", nesting_max));
    OSBOT_TRY(const auto text, read_limited(file));
    for (std::string& line : lines_of(text)) {
        const std::string included = included_file(line);
        lines.push_back(std::move(line));
        if (included.empty() || included.find("://") != std::string::npos) continue;
        OSBOT_TRY(add_lines(file.parent_path() / included, nesting + 1, lines));
    }
    return {};
}

/// Returns `typing_extensions` for `Typing-Extensions>=4`: the form in the names of .dist-info folders.
std::string normalized_name(std::string_view requirement) {
    std::string name = base::lower_case(base::trimmed(requirement.substr(0, requirement.find_first_of("[<>=!~; @("))));
    std::replace_if(
        name.begin(), name.end(), [](char c) { return c == '-' || c == '.'; }, '_');
    return name;
}

/// Returns whether the folder contains an installation of each requirement, e.g. by `pip install --target .`.
bool installed_in(const fs::path& folder, const std::vector<std::string>& lines) {
    std::set<std::string> names;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder, ignored)) {
        const std::string name = entry.path().filename().string();
        if (name.ends_with(".dist-info")) names.insert(normalized_name(name.substr(0, name.find('-'))));
    }
    return std::all_of(lines.begin(), lines.end(), [&](const std::string& line) {
        return line.starts_with('-') || names.contains(normalized_name(line));
    });
}

/// Runs project_dependencies.py with the first interpreter that can parse TOML. `preferred` is the name or path of one.
Result<Json> project_dependencies(const fs::path& file, const std::string& preferred) {
    OSBOT_TRY(read_limited(file));
    for (const std::string& name : {preferred, std::string("python3"), std::string("python3.13"),
                                    std::string("python3.12"), std::string("python3.11")}) {
        const auto python = base::find_program(name);
        if (!python) continue;
        const auto end = base::run_program(
            {.argv = {python->string(), "-I", "-c", std::string(embedded::project_dependencies_py), file.string()}});
        if (!end || end->exit_code != 0) continue;
        Json result = base::parse_json(end->output);
        if (!result.is_object()) continue;
        if (!result.contains("error")) return result;
        return unusable(file, "not valid TOML: " + result["error"].get<std::string>());
    }
    return local_error(codes::invalid_requirements,
                       "reading {} needs Python 3.11 or newer on PATH; or list the packages in requirements.txt, "
                       "or use --no-packages",
                       file.string());
}

Result<void> add_project(const fs::path& file, const std::string& runtime, Requirements& requirements) {
    OSBOT_TRY(const auto project, project_dependencies(file, runtime));
    requirements.warning = project.value("warning", "");
    for (const Json& requirement : project.at("dependencies"))
        if (requirement.is_string()) requirements.packages.push_back(requirement.get<std::string>());
    return {};
}

/// Returns `--hash` for "idna==3.10 --hash=sha256:1": the first word that is not part of a requirement.
std::string option_in(const std::string& line) {
    std::istringstream words(line);
    for (std::string word; words >> word;)
        if (word.starts_with('-')) return word.substr(0, word.find('='));
    return "";
}

bool includes_requirements(std::string_view line) {
    return base::take_prefix(line, "--requirement") || (base::take_prefix(line, "-r") && !line.empty());
}

Result<std::vector<std::string>> requirements_in_project(const fs::path& file, const std::string& python) {
    OSBOT_TRY(const auto project, project_dependencies(file, python));
    if (project.contains("warning")) return unusable(file, project.at("warning").get<std::string>());
    if (!project.value("has_dependencies", false))
        return unusable(file,
                        "it has no list project.dependencies (PEP 621): pass a requirements.txt, for example the "
                        "output of `uv export` or `poetry export`");
    return project.at("dependencies").get<std::vector<std::string>>();
}

std::size_t count_distributions(const fs::path& folder) {
    std::error_code error;
    std::size_t count = 0;
    for (const auto& entry : fs::directory_iterator(folder, error))
        count += entry.path().extension() == ".dist-info" ? 1 : 0;
    return count;
}

Installed_Packages describe(const fs::path& folder, bool cached) {
    return {.folder = folder, .bytes = base::bytes_below(folder), .cached = cached};
}

/// Removes the least recently used installations until the limits are met. install_cached() updates the time of a
/// folder when it is used.
void evict_installations(const fs::path& cache) {
    remove_abandoned(cache);
    std::vector<std::pair<fs::file_time_type, fs::path>> folders;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(cache, error))
        if (!entry.path().filename().string().starts_with(unfinished_prefix))
            folders.emplace_back(entry.last_write_time(error), entry.path());
    std::sort(folders.rbegin(), folders.rend());
    std::uint64_t bytes = 0;
    for (std::size_t i = 0; i < folders.size(); ++i) {
        bytes += base::bytes_below(folders[i].second);
        if (i > 0 && (i >= cached_max || bytes > cached_bytes_max)) fs::remove_all(folders[i].second, error);
    }
}

}  // namespace

Result<std::vector<std::string>> requirements_in(const fs::path& file, const std::string& python) try {
    if (file.extension() == ".toml") return requirements_in_project(file, python);
    std::vector<std::string> lines;
    OSBOT_TRY(add_lines(file, 0, lines));
    std::erase_if(lines, includes_requirements);  // the lines of these files follow
    for (const std::string& line : lines) {
        if (const std::string option = option_in(line); !option.empty())
            return unusable(file, fmt::format("the option {} is not supported. Indexes are settings of the installer "
                                              "(PIP_INDEX_URL, UV_INDEX); remove hashes, and add local packages with "
                                              "add_folder()",
                                              option));
    }
    return lines;
} catch (const Json::exception& error) { return unusable(file, error.what()); }

Result<std::optional<Requirements>> requirements_of(const fs::path& folder, const std::vector<std::string>& packages,
                                                    const std::string& runtime) {
    Requirements requirements{.packages = packages};
    std::vector<std::string> lines = packages, sources;
    std::error_code ignored;
    const fs::path file = folder / "requirements.txt", project = folder / "pyproject.toml";
    if (!folder.empty() && fs::exists(file, ignored)) {
        OSBOT_TRY(add_lines(file, 0, lines));
        requirements.file = file;
        sources.emplace_back("requirements.txt");
    } else if (!folder.empty() && fs::exists(project, ignored)) {
        OSBOT_TRY(add_project(project, runtime, requirements));
        lines = requirements.packages;
        sources.emplace_back("pyproject.toml");
    }
    if (!packages.empty()) sources.emplace_back("--packages");
    const bool installed = !folder.empty() && installed_in(folder, lines);
    if ((lines.empty() || installed) && requirements.warning.empty()) return std::optional<Requirements>();
    requirements.source = fmt::format("{}", fmt::join(sources, " and "));
    requirements.key = fmt::format("{}", fmt::join(lines, "\n"));
    return std::optional(std::move(requirements));
}

fs::path folder_in_cache(std::string_view kind, std::string_view key, const fs::path& cache) {
    if (cache.empty()) return {};
    return cache / kind / base::sha256_hex(fmt::format("{}\n{}", installation_format, key));
}

fs::path find_in_cache(std::string_view kind, std::string_view key, const fs::path& cache,
                       std::chrono::hours mark_interval) {
    fs::path folder = folder_in_cache(kind, key, cache);
    std::error_code error;
    if (folder.empty() || !fs::is_directory(folder, error)) return {};
    const auto now = fs::file_time_type::clock::now();
    if (fs::last_write_time(folder, error) < now - mark_interval)
        fs::last_write_time(folder, now, error);  // for evict_installations()
    return folder;
}

Result<Installed_Packages> install_in_cache(std::string_view kind, std::string_view key,
                                            const std::function<Result<void>(const fs::path&)>& install,
                                            const fs::path& root) {
    const fs::path folder = folder_in_cache(kind, key, root);
    if (!find_in_cache(kind, key, root).empty()) return describe(folder, true);  // also if it cannot be written
    const fs::path cache = root.empty() ? fs::path() : root / kind;
    std::error_code error;
    if (!cache.empty()) fs::create_directories(cache, error);
    if (cache.empty() || error || ::access(cache.c_str(), W_OK | X_OK) != 0) {
        auto temporary = std::make_shared<const base::Temporary_Folder>("osbot_packages");
        OSBOT_TRY(install(temporary->path()));
        Installed_Packages installed = describe(temporary->path(), false);
        installed.temporary = std::move(temporary);
        return installed;
    }
    const base::Temporary_Folder unfinished(unfinished_prefix, cache);
    const fs::path packages = unfinished.path() / "packages";
    OSBOT_TRY(install(packages));
    if (auto published = base::rename_folder_durably(packages, folder);
        !published && !fs::exists(folder, error))  // else another process installed the same packages
        return Error{"InstallFailed", published.error().message, 0};
    evict_installations(cache);
    return describe(folder, false);
}

Result<Installed_Packages> install_cached(const Requirements& requirements, const Wheel_Target& target) {
    const std::string key = fmt::format("{}\n{}\n{}", target.runtime, target.architecture, requirements.key);
    OSBOT_TRY(Installed_Packages installed, install_in_cache("python_packages", key, [&](const fs::path& folder) {
                  return install_wheels(requirements.packages, target, folder, requirements.file);
              }));
    installed.count = count_distributions(installed.folder);
    return installed;
}

}  // namespace osbot_aws::packing
