#include "packing/requirements.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "base/characters.hpp"
#include "base/disk_usage.hpp"
#include "base/hash.hpp"
#include "base/json.hpp"
#include "base/subprocess.hpp"
#include "base/text.hpp"
#include "embedded/project_dependencies_py.hpp"
#include "packing/cache_folder.hpp"

namespace osbot_aws::packing {
namespace fs = std::filesystem;

namespace {

constexpr std::string_view installation_format = "1";  // part of the key: increased when the installed files change
constexpr std::uintmax_t file_bytes_max = 1'000'000;
constexpr int nesting_max = 8;  // of -r FILE
constexpr std::size_t cached_max = 16;
constexpr std::uint64_t cached_bytes_max = 2'000'000'000;

Result<std::string> read_limited(const fs::path& file) {
    std::error_code error;
    if (const std::uintmax_t size = fs::file_size(file, error); !error && size > file_bytes_max)
        return Error{"FileError", fmt::format("{} has {} bytes; the limit is {}", file.string(), size, file_bytes_max),
                     0};
    return base::read_file(file);
}

/// Returns the lines without comments.
std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        std::string_view line = base::take_until(text, '\n');
        if (const std::size_t comment = line.find(" #"); comment != std::string_view::npos)
            line = line.substr(0, comment);
        line = base::trimmed(line);
        if (!line.empty() && !line.starts_with('#')) lines.emplace_back(line);
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
        return Error{"FileError",
                     fmt::format("{}: requirements files are nested deeper than {}", file.string(), nesting_max), 0};
    const auto text = read_limited(file);
    if (!text) return text.error();
    for (std::string& line : lines_of(*text)) {
        const std::string included = included_file(line);
        lines.push_back(std::move(line));
        if (included.empty() || included.find("://") != std::string::npos) continue;
        if (auto added = add_lines(file.parent_path() / included, nesting + 1, lines); !added) return added;
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

/// Runs project_dependencies.py with the first interpreter that can parse TOML.
Result<Json> project_dependencies(const fs::path& file, const std::string& runtime) {
    for (const std::string& name : {runtime, std::string("python3"), std::string("python3.13"),
                                    std::string("python3.12"), std::string("python3.11")}) {
        const auto python = base::find_program(name);
        if (!python) continue;
        const auto end = base::run_program(
            {.argv = {python->string(), "-I", "-c", std::string(embedded::project_dependencies_py), file.string()}});
        if (!end || end->exit_code != 0) continue;
        if (Json result = base::parse_json(end->output); result.is_object()) return result;
    }
    return Error{"InvalidRequirements",
                 fmt::format("reading {} needs Python 3.11 or newer on PATH; or list the packages in requirements.txt, "
                             "or use --no-packages",
                             file.string()),
                 0};
}

Result<void> add_project(const fs::path& file, const std::string& runtime, Requirements& requirements) {
    if (const auto text = read_limited(file); !text) return text.error();
    const auto project = project_dependencies(file, runtime);
    if (!project) return project.error();
    if (project->contains("error"))
        return Error{"InvalidRequirements",
                     fmt::format("{}: {}", file.string(), project->at("error").get<std::string>()), 0};
    requirements.warning = project->value("warning", "");
    for (const Json& requirement : project->at("dependencies"))
        if (requirement.is_string()) requirements.packages.push_back(requirement.get<std::string>());
    return {};
}

Installed_Packages describe(const fs::path& folder, bool cached) {
    Installed_Packages installed{.folder = folder, .bytes = base::bytes_below(folder), .cached = cached};
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder, error))
        installed.count += entry.path().extension() == ".dist-info" ? 1 : 0;
    return installed;
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

Result<void> install(const Requirements& requirements, const Wheel_Target& target, const fs::path& folder) {
    return install_wheels(requirements.packages, target, folder, requirements.file);
}

}  // namespace

Result<std::optional<Requirements>> requirements_of(const fs::path& folder, const std::vector<std::string>& packages,
                                                    const std::string& runtime) {
    Requirements requirements{.packages = packages};
    std::vector<std::string> lines = packages, sources;
    std::error_code ignored;
    const fs::path file = folder / "requirements.txt", project = folder / "pyproject.toml";
    if (!folder.empty() && fs::exists(file, ignored)) {
        if (auto added = add_lines(file, 0, lines); !added) return added.error();
        requirements.file = file;
        sources.emplace_back("requirements.txt");
    } else if (!folder.empty() && fs::exists(project, ignored)) {
        if (auto added = add_project(project, runtime, requirements); !added) return added.error();
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

Result<Installed_Packages> install_cached(const Requirements& requirements, const Wheel_Target& target) {
    const fs::path cache = cache_folder().empty() ? fs::path() : cache_folder() / "python_packages";
    std::error_code error;
    if (!cache.empty()) fs::create_directories(cache, error);
    if (cache.empty() || error) {
        auto temporary = std::make_shared<const base::Temporary_Folder>("osbot_packages");
        if (auto done = install(requirements, target, temporary->path()); !done) return done.error();
        Installed_Packages installed = describe(temporary->path(), false);
        installed.temporary = std::move(temporary);
        return installed;
    }
    const fs::path folder = cache / base::sha256_hex(fmt::format("{}\n{}\n{}\n{}", installation_format, target.runtime,
                                                                 target.architecture, requirements.key));
    if (fs::exists(folder, error)) {
        fs::last_write_time(folder, fs::file_time_type::clock::now(), error);
        return describe(folder, true);
    }
    const base::Temporary_Folder unfinished(unfinished_prefix, cache);
    const fs::path packages = unfinished.path() / "packages";
    if (auto done = install(requirements, target, packages); !done) return done.error();
    fs::rename(packages, folder, error);
    if (error && !fs::exists(folder))  // else another process installed the same packages
        return Error{"InstallFailed", fmt::format("cannot create {}: {}", folder.string(), error.message()), 0};
    evict_installations(cache);
    return describe(folder, false);
}

}  // namespace osbot_aws::packing
