#include "packing/folder_filter.hpp"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>

#include "base/characters.hpp"
#include "base/files.hpp"
#include "base/local_error.hpp"

namespace osbot_aws::packing {
namespace fs = std::filesystem;

namespace {

constexpr const char* ignore_file = ".osbotignore";
constexpr std::size_t ignore_file_bytes_max = 1'000'000;
constexpr std::size_t patterns_max = 10'000;
constexpr std::size_t pattern_bytes_max = 4'096;
constexpr std::ptrdiff_t stars_of_part_max = 8;  // fnmatch() takes exponential time for many stars
constexpr std::string_view any_folders = "**";

std::vector<std::string> parts_of(std::string_view path) {
    std::vector<std::string> parts;
    while (!path.empty())
        if (const std::string_view part = base::take_until(path, '/'); !part.empty()) parts.emplace_back(part);
    return parts;
}

/// Removes the line end and the trailing spaces that are not escaped.
std::string_view without_line_end(std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    while (line.ends_with(' ') && !line.ends_with("\\ ")) line.remove_suffix(1);
    return line;
}

Error invalid(std::string_view pattern, std::string_view reason) {
    return local_error("InvalidPattern", "invalid pattern '{}': {}", pattern, reason);
}

/// Returns the patterns that exclude secrets, caches, version control, virtual environments and files of editors.
const std::vector<std::string>& default_ignore_patterns() {
    static const std::vector<std::string> patterns{
        // secrets
        ".env*", ".aws", ".ssh", ".gnupg", ".netrc", ".pypirc", ".git-credentials", "*.tfstate", "*.tfstate.*",
        // version control
        ".git", ".hg", ".svn",
        // virtual environments and caches
        ".venv", "/venv", "__pycache__", "*.pyc", "**/node_modules/.cache", ".mypy_cache", ".pytest_cache",
        ".ruff_cache", ".tox", ".nox",
        // editors and desktops
        ".idea", ".vscode", ".DS_Store", "*~", "*.swp", "*.swo", "*.swx", ".#*", "\\#*#",
        // osbot and other deploy tools
        ignore_file, "osbot.toml", ".terraform", ".aws-sam", "cdk.out", ".serverless"};
    return patterns;
}

}  // namespace

Result<Folder_Filter> Folder_Filter::create(const fs::path& folder, const Folder_Rules& rules) {
    Folder_Filter filter;
    std::error_code ignored;
    filter.folder_ = fs::weakly_canonical(folder, ignored);
    filter.defaults_ = rules.defaults;
    const auto add_all = [&](std::vector<Pattern>& list, const std::vector<std::string>& texts) -> Result<void> {
        for (const std::string& text : texts) OSBOT_TRY(filter.add(list, text));
        return {};
    };
    if (rules.defaults) {
        OSBOT_TRY(add_all(filter.ignore_, default_ignore_patterns()));
        OSBOT_TRY(filter.add_file(folder / ignore_file));
    }
    OSBOT_TRY(add_all(filter.ignore_, rules.ignore));
    OSBOT_TRY(add_all(filter.include_, rules.include));
    return filter;
}

Result<void> Folder_Filter::add_file(const fs::path& file) {
    std::error_code error;
    if (!fs::exists(file, error) && !error) return {};
    OSBOT_TRY(const auto text, base::read_file(file, ignore_file_bytes_max));
    for (std::string_view rest = text; !rest.empty();) {
        const std::string_view line = without_line_end(base::take_until(rest, '\n'));
        if (line.empty() || line.starts_with('#')) continue;
        if (auto added = add(ignore_, line); !added)
            return Error{added.error().code, fmt::format("{}: {}", file.string(), added.error().message), 0};
    }
    return {};
}

Result<void> Folder_Filter::add(std::vector<Pattern>& list, std::string_view text) {
    if (list.size() >= patterns_max) return invalid(text, fmt::format("there are more than {} patterns", patterns_max));
    OSBOT_TRY(auto pattern, parse(text));
    list.push_back(std::move(pattern));
    return {};
}

Result<Folder_Filter::Pattern> Folder_Filter::parse(std::string_view text) {
    const std::string_view whole = text;
    if (text.size() > pattern_bytes_max)
        return invalid(text.substr(0, 40), fmt::format("it is longer than {} bytes", pattern_bytes_max));
    Pattern pattern;
    pattern.negated = base::take_prefix(text, "!");
    const bool current = base::take_prefix(text, "./");
    pattern.folders_only = text.ends_with('/');
    while (text.ends_with('/')) text.remove_suffix(1);
    pattern.anchored = current || text.find('/') != std::string_view::npos;
    if (!pattern.anchored) pattern.parts.push_back({std::string(any_folders)});
    for (std::string& part : parts_of(text)) {
        if (part != any_folders && std::count(part.begin(), part.end(), '*') > stars_of_part_max)
            return invalid(whole, fmt::format("a name may have {} stars", stars_of_part_max));
        const bool wildcard = part.find_first_of("*?[\\") != std::string::npos;
        pattern.parts.push_back({std::move(part), wildcard});
    }
    if (text.empty()) return invalid(whole, "it is empty");
    if (pattern.parts.back().text == any_folders) pattern.parts.push_back({"*", true});  // the contents
    return pattern;
}

/// Compares part by part. After a mismatch, the last `**` takes one more part of the path.
bool Folder_Filter::matches(const Pattern& pattern, const std::vector<std::string>& path, bool is_folder) {
    if (pattern.folders_only && !is_folder) return false;
    const auto& parts = pattern.parts;
    const auto part_matches = [](const Part& part, const std::string& name) {
        return part.wildcard ? ::fnmatch(part.text.c_str(), name.c_str(), 0) == 0 : part.text == name;
    };
    constexpr std::size_t none = std::string::npos;
    std::size_t at = 0, after_any = none, retry = 0;
    for (std::size_t i = 0; i < path.size();) {
        if (at < parts.size() && parts[at].text == any_folders) {
            after_any = ++at;
            retry = i;
        } else if (at < parts.size() && part_matches(parts[at], path[i])) {
            ++at, ++i;
        } else if (after_any != none) {
            at = after_any;
            i = ++retry;
        } else {
            return false;
        }
    }
    return at == parts.size();
}

bool Folder_Filter::ignores(const std::vector<std::string>& path, bool is_folder) const {
    const auto last = std::find_if(ignore_.rbegin(), ignore_.rend(),
                                   [&](const Pattern& pattern) { return matches(pattern, path, is_folder); });
    return last != ignore_.rend() && !last->negated;
}

bool Folder_Filter::includes(const std::vector<std::string>& path, bool is_folder, bool anchored_only) const {
    return std::any_of(include_.begin(), include_.end(), [&](const Pattern& pattern) {
        return (pattern.anchored || !anchored_only) && matches(pattern, path, is_folder);
    });
}

bool Folder_Filter::excludes(const fs::path& relative, bool is_folder, bool parent_excluded) const {
    const std::vector<std::string> path = parts_of(relative.generic_string());
    if (includes(path, is_folder, parent_excluded)) return false;
    std::error_code ignored;
    return parent_excluded || ignores(path, is_folder) ||
           (defaults_ && is_folder && fs::exists(folder_ / relative / "pyvenv.cfg", ignored));
}

bool Folder_Filter::excludes(const fs::path& relative, bool is_folder) const {
    bool excluded = false;
    fs::path prefix;
    for (auto part = relative.begin(); part != relative.end(); ++part) {
        prefix /= *part;
        excluded = excludes(prefix, is_folder || std::next(part) != relative.end(), excluded);
    }
    return excluded;
}

bool Folder_Filter::has_included_below(const fs::path& relative) const {
    const std::vector<std::string> path = parts_of(relative.generic_string());
    return std::any_of(include_.begin(), include_.end(), [&](Pattern pattern) {
        if (!pattern.anchored || pattern.parts.size() <= path.size()) return false;
        pattern.parts.resize(path.size());
        const bool any = std::ranges::find(pattern.parts, any_folders, &Part::text) != pattern.parts.end();
        return any || matches(pattern, path, true);
    });
}

bool Folder_Filter::excludes_target(const fs::path& link) const {
    std::error_code error;
    const fs::path target = fs::canonical(folder_ / link, error);
    if (error || includes(parts_of(link.generic_string()), false, false)) return false;
    fs::path below;  // of the folder, or of the nearest folder that contains both
    for (const fs::path& part : target.lexically_relative(folder_))
        if (part != "..") below /= part;
    return below != "." && excludes(below, fs::is_directory(target, error));
}

}  // namespace osbot_aws::packing
