#include "packing/wheels.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>

#include "base/characters.hpp"
#include "base/files.hpp"
#include "base/local_error.hpp"
#include "base/numbers.hpp"
#include "base/subprocess.hpp"
#include "packing/python_installer.hpp"

namespace osbot_aws::packing {
namespace fs = std::filesystem;

namespace {

constexpr std::chrono::minutes install_time_max{15};  // a cold download of the largest wheels on a slow line
constexpr std::size_t requirement_bytes_max = 1'000;  // searching the output for a longer one may take minutes
constexpr int first_minor_on_al2023 = 12;
constexpr int glibc_al2023 = 34, glibc_al2_wheels = 17;  // al2 has 2.26; wheels for it are built as manylinux2014

int glibc_of(const Wheel_Target& target) {
    return python_minor(target.runtime).value_or(0) >= first_minor_on_al2023 ? glibc_al2023 : glibc_al2_wheels;
}

std::string machine_of(const Wheel_Target& target) { return target.architecture == "arm64" ? "aarch64" : "x86_64"; }

std::vector<std::string> arguments(const Python_Installer& installer, const Wheel_Target& target,
                                   const fs::path& folder) {
    std::vector<std::string> all = installer.command;
    const auto add = [&](std::initializer_list<std::string> more) { all.insert(all.end(), more); };
    const std::string version = target.runtime.substr(std::string_view("python").size());
    add({"--target", folder.string(), "--python-version", version, "--only-binary", ":all:"});
    if (installer.uv) {
        const int glibc = glibc_of(target);
        const std::string platform = glibc == glibc_al2_wheels ? "manylinux2014" : fmt::format("manylinux_2_{}", glibc);
        add({"--python-platform", fmt::format("{}-{}", machine_of(target), platform), "--no-progress"});
    } else {
        add({"--implementation", "cp", "--no-compile", "--disable-pip-version-check", "--progress-bar", "off"});
        for (const std::string& tag : platform_tags(target)) add({"--platform", tag});
    }
    return all;
}

Result<void> check(const std::vector<std::string>& requirements, const Wheel_Target& target) {
    if (!python_minor(target.runtime))
        return local_error("InvalidRuntime", "packages of PyPI need a runtime python3.x, not '{}'", target.runtime);
    if (target.architecture != "x86_64" && target.architecture != "arm64")
        return local_error("InvalidArchitecture", "the architecture must be x86_64 or arm64, not '{}'",
                           target.architecture);
    for (const std::string& requirement : requirements) {
        if (requirement.empty() || requirement.front() == '-')
            return local_error("InvalidRequirement", "'{}' is not a requirement such as requests or requests==2.32.3",
                               requirement);
    }
    return {};
}

/// Returns `pandas` for `pandas[performance]>=2,<3; python_version > "3.8"`.
std::string bare_name(const std::string& requirement) {
    return requirement.substr(0, requirement.find_first_of("[<>=!~; @("));
}

// The messages of uv and pip are searched without std::regex, which recurses once for each character.

/// Returns the text before the first white space or character of `ends`.
std::string_view word_of(std::string_view text, std::string_view ends = "") {
    const auto is_end = [&](char c) { return base::is_space(c) || ends.find(c) != std::string_view::npos; };
    return {text.begin(), std::ranges::find_if(text, is_end)};
}

/// Calls `parse` with the text after each occurrence of `mark` until it returns a name or version. Returns "" if none
/// does.
template <class Parse>
std::string find_after(std::string_view text, std::string_view mark, Parse parse) {
    for (std::size_t at = 0; (at = text.find(mark, at)) != std::string_view::npos;) {
        at += mark.size();
        if (const std::string_view found = parse(text.substr(at)); !found.empty()) return std::string(found);
    }
    return "";
}

/// "scipy", "all versions of scipy have no usable wheels" or "scipy has no wheels" after "because"
std::string_view name_without_wheels(std::string_view text) {
    base::take_prefix(text, "all versions of ");
    const std::string_view name = word_of(text, ",");
    text.remove_prefix(name.size());
    if (!base::take_prefix(text, " has no ") && !base::take_prefix(text, " have no ")) return {};
    base::take_prefix(text, "usable ");
    return text.starts_with("wheels") ? name : std::string_view();
}

/// "scipy was not found" after "because"
std::string_view name_not_found(std::string_view text) {
    const std::string_view name = word_of(text, ",");
    return text.substr(name.size()).starts_with(" was not found") ? name : std::string_view();
}

/// "scipy==9 (from versions: 1.13.1)" after "requirement"
std::string_view requirement_with_versions(std::string_view text) {
    const std::string_view line = text.substr(0, text.find('\n')), name = word_of(line, "(");
    return line.find("(from versions", name.size()) != std::string_view::npos ? name : std::string_view();
}

/// Returns the requirement that uv or pip did not find, or "" if the installation failed for another reason.
std::string missing_requirement(const std::string& output) {
    const auto name = [](std::string_view text) { return word_of(text, ","); };
    if (auto found = find_after(output, "there is no version of ", name); !found.empty()) return found;
    if (auto found = find_after(output, "ecause ", name_without_wheels); !found.empty()) return found;
    if (auto found = find_after(output, "ecause ", name_not_found); !found.empty()) return found;
    return find_after(output, "requirement ", requirement_with_versions);
}

/// "scipy==1.13.1" after "+ "
std::string_view version_in_uv_plan(std::string_view text) {
    const std::string_view name = word_of(text, "=");
    text.remove_prefix(name.size());
    if (name.empty() || !base::take_prefix(text, "==")) return {};
    const std::string_view version = word_of(text);
    return !version.empty() && base::is_digit(version.front()) ? version : std::string_view();
}

/// "scikit-learn-1.5.0" after "Would install "
std::string_view version_in_pip_plan(std::string_view text) {
    const std::string_view word = word_of(text);
    for (std::size_t at = word.size(); (at = word.substr(0, at).rfind('-')) != std::string_view::npos;) {
        if (at + 1 < word.size() && base::is_digit(word[at + 1])) return at > 0 ? word.substr(at + 1) : "";
    }
    return {};
}

/// Returns true if pip had no connection to the index. It then prints warnings and reports that no version was found.
bool pip_had_no_connection(const std::string& output) {
    return output.find("after connection broken by") != std::string::npos ||
           output.find("Could not fetch URL") != std::string::npos;
}

/// Returns the newest version of a package that has a wheel for the target, determined with a dry run.
std::string newest_with_wheel(const Python_Installer& installer, const Wheel_Target& target, const std::string& name) {
    const base::Temporary_Folder nowhere;
    base::Program program{.argv = arguments(installer, target, nowhere.path()), .output_together = true};
    program.argv.insert(program.argv.end(), {"--dry-run", "--no-deps", name});
    program.time_max = install_time_max;
    const auto end = base::run_program(program);
    if (!end || end->exit_code != 0) return "";
    return installer.uv ? find_after(end->output, "+ ", version_in_uv_plan)
                        : find_after(end->output, "Would install ", version_in_pip_plan);
}

/// Returns whether the index has no package of this name. pip reports a name without versions and a name without wheels
/// with the same text; therefore `pip index versions` asks for versions of any kind and for any Python.
bool is_unknown_name(const Python_Installer& installer, const std::string& name, const std::string& output) {
    if (installer.uv) return output.find(name + " was not found") != std::string::npos;
    if (!installer.has_dry_run) return false;  // pip older than 22.2 may lack the command
    base::Program program{.argv = installer.command, .output_together = true};
    program.argv.back() = "index";  // instead of "install"
    program.argv.insert(program.argv.end(),
                        {"versions", "--ignore-requires-python", "--pre", "--disable-pip-version-check", name});
    program.time_max = install_time_max;
    const auto end = base::run_program(program);
    return end && end->exit_code != 0 && !pip_had_no_connection(end->output) &&
           end->output.find("No matching distribution found for " + name) != std::string::npos;
}

std::string other_version(const Python_Installer& installer, const Wheel_Target& target, const std::string& name) {
    if (!installer.has_dry_run)
        return fmt::format("request another version of {}; pip 22.2 and newer can find a version that has a wheel",
                           name);
    const std::string newest = newest_with_wheel(installer, target, name);
    if (!newest.empty()) return fmt::format("the newest version that has one is {}", newest);
    return fmt::format(
        "no version of {} has one: build it on a machine with that platform, and add the result with add_folder() or "
        "as a "
        "layer",
        name);
}

Error failure(const Python_Installer& installer, const Wheel_Target& target, const base::Program_End& end) {
    if (end.timed_out)
        return local_error("InstallFailed", "{} did not finish in {} minutes", installer.name,
                           install_time_max.count());
    const std::string missing = pip_had_no_connection(end.output) ? "" : missing_requirement(end.output);
    if (missing.empty() || missing.size() > requirement_bytes_max)
        return local_error("InstallFailed", "{} exited with status {}: {}", installer.name, end.exit_code, end.output);
    if (const std::string name = bare_name(missing); is_unknown_name(installer, name, end.output))
        return local_error("PackageNotFound",
                           "the package index has no package named {}: check the spelling, and the name on "
                           "https://pypi.org (it may differ from the name of the module)",
                           name);
    return local_error("WheelNotFound", "{} has no wheel for {} on {}; {}", missing, target.runtime,
                       target.architecture, other_version(installer, target, bare_name(missing)));
}

/// Returns true for a script whose first line names a Python interpreter of this machine.
bool has_interpreter_path(const fs::path& file) {
    const auto bytes = base::read_file(file);
    return bytes && bytes->starts_with("#!/") &&
           bytes->substr(0, bytes->find('\n')).find("python") != std::string::npos;
}

bool differs_between_installers(const fs::path& file) {
    static const std::set<std::string> names{"INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json",
                                             "uv_build.json"};
    return names.contains(file.filename().string()) && file.parent_path().extension() == ".dist-info";
}

/// Rewrites RECORD sorted and without the files that were removed. Replaces the file, because uv may have linked it to
/// its cache.
Result<void> write_record(const fs::path& record, const fs::path& folder) {
    OSBOT_TRY(const auto text, base::read_file(record));
    std::set<std::string> lines;
    for (std::string_view rest = text; !rest.empty();) {
        std::string line(base::take_until(rest, '\n'));
        if (!line.empty() && line.back() == '\r') line.pop_back();
        std::error_code ignored;
        if (const auto path = line.substr(0, line.find(',')); !path.empty() && fs::exists(folder / path, ignored))
            lines.insert(std::move(line));
    }
    std::error_code ignored;
    fs::remove(record, ignored);
    return base::write_file(record, fmt::format("{}\n", fmt::join(lines, "\n")));
}

Result<void> remove_machine_specific_files(const fs::path& folder) {
    std::error_code error;
    std::vector<fs::path> records, drop;
    for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
        const fs::path& path = at->path();
        if (path.filename() == "__pycache__") {
            drop.push_back(path);
            at.disable_recursion_pending();
        } else if (path.filename() == "RECORD" && path.parent_path().extension() == ".dist-info") {
            records.push_back(path);
        } else if (path == folder / ".lock" || differs_between_installers(path) ||
                   (path.parent_path() == folder / "bin" && has_interpreter_path(path))) {
            drop.push_back(path);
        }
    }
    for (const fs::path& path : drop) fs::remove_all(path, error);
    if (fs::is_empty(folder / "bin", error) && !error) fs::remove(folder / "bin", error);
    for (const fs::path& record : records) OSBOT_TRY(write_record(record, folder));
    return {};
}

}  // namespace

std::optional<int> python_minor(const std::string& runtime) {
    std::string_view minor = runtime;
    if (!base::take_prefix(minor, "python3.") || minor.size() > 2 || !base::consists_of(minor, base::is_digit))
        return std::nullopt;
    return base::parse_number<int>(minor);
}

std::string glibc_version(const Wheel_Target& target) { return glibc_of(target) == glibc_al2023 ? "2.34" : "2.26"; }

std::vector<std::string> platform_tags(const Wheel_Target& target) {
    const std::string machine = machine_of(target);
    std::vector<std::string> tags;
    for (int minor = glibc_of(target); minor >= glibc_al2_wheels; --minor)
        tags.push_back(fmt::format("manylinux_2_{}_{}", minor, machine));
    tags.push_back("manylinux2014_" + machine);
    if (machine == "x86_64")  // the older tags do not exist for arm64
        for (const char* older : {"manylinux_2_12", "manylinux2010", "manylinux_2_5", "manylinux1"})
            tags.push_back(fmt::format("{}_x86_64", older));
    return tags;
}

Result<void> install_wheels(const std::vector<std::string>& requirements, const Wheel_Target& target,
                            const fs::path& folder, const fs::path& requirements_file) {
    OSBOT_TRY(check(requirements, target));
    OSBOT_TRY(auto installer, find_python_installer(target.runtime));
    base::Program program{.argv = arguments(installer, target, folder), .output_together = true};
    program.argv.insert(program.argv.end(), requirements.begin(), requirements.end());
    if (!requirements_file.empty()) {
        program.argv.insert(program.argv.end(), {"-r", requirements_file.string()});
        program.folder = requirements_file.parent_path();  // paths in the file are relative to it
    }
    program.time_max = install_time_max;
    OSBOT_TRY(const auto end, base::run_program(program));
    if (end.timed_out || end.exit_code != 0) return failure(installer, target, end);
    return remove_machine_specific_files(folder);
}

}  // namespace osbot_aws::packing
