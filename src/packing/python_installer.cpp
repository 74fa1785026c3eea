#include "packing/python_installer.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/file.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <optional>
#include <sstream>
#include <string_view>
#include <utility>

#include "base/characters.hpp"
#include "base/numbers.hpp"
#include "base/power_failure.hpp"
#include "base/subprocess.hpp"
#include "packing/cache_folder.hpp"

namespace osbot_aws::packing {
namespace fs = std::filesystem;

namespace {

using Version = std::array<int, 3>;
using Command = std::vector<std::string>;

constexpr Version uv_min{0, 5, 14};   // the first with --python-platform x86_64-manylinux2014
constexpr Version pip_min{20, 3, 4};  // takes several --platform; older ones read --python-version 3.11 as 3.1
constexpr Version pip_with_dry_run{22, 2, 0};

constexpr std::size_t output_bytes_max = 20'000;
constexpr std::chrono::seconds check_time_max{30};       // a cold interpreter on a slow disk
constexpr std::chrono::minutes environment_time_max{5};  // usually 3 s

Error unusable(std::string reason) { return {"InstallerNotFound", std::move(reason), 0}; }

/// Runs the program and returns its standard output.
Result<std::string> output_of(const Command& command, std::chrono::milliseconds time_max) {
    OSBOT_TRY(auto end,
              base::run_program({.argv = command, .time_max = time_max, .output_bytes_max = output_bytes_max}));
    if (end.timed_out)
        return unusable(
            fmt::format("did not finish in {} s", std::chrono::duration_cast<std::chrono::seconds>(time_max).count()));
    if (end.exit_code == 0) return std::move(end.output);
    const std::string text = one_line(end.errors + "\n" + end.output);
    return unusable(text.empty() ? fmt::format("exited with status {}", end.exit_code) : text);
}

/// Parses "1.22.3", which other text may follow. The third number may be missing.
std::optional<Version> version_at(std::string_view text) {
    constexpr std::size_t required_numbers = 2;
    Version version{};
    for (std::size_t i = 0; i < version.size(); ++i) {
        const bool has_separator = i == 0 || base::take_prefix(text, ".");
        const std::string_view digits(text.begin(), std::ranges::find_if_not(text, base::is_digit));
        const auto number = base::parse_number<int>(digits);
        if (!has_separator || !number) return i < required_numbers ? std::nullopt : std::optional(version);
        version[i] = *number;
        text.remove_prefix(digits.size());
    }
    return version;
}

using Parse_Version = std::optional<Version> (*)(std::string_view output);

/// uv 0.5.14 (...)
std::optional<Version> version_of_uv(std::string_view output) {
    return base::take_prefix(output, "uv ") ? version_at(output) : std::nullopt;
}

/// pip 22.2.1 from /usr/lib/python3/dist-packages/pip (python 3.11). Warnings may precede it. `pip` may also belong to
/// Python 2, which cannot evaluate the markers of current packages.
std::optional<Version> version_of_pip(std::string_view output) {
    while (!output.empty()) {
        std::string_view line = base::take_until(output, '\n');
        if (!base::take_prefix(line, "pip ") || line.find("(python 3") == std::string_view::npos) continue;
        if (const auto version = version_at(line)) return version;
    }
    return std::nullopt;
}

/// Returns the version if the program works and is not older than `oldest`.
Result<Version> check_version(Command command, Parse_Version parse, const Version& oldest) {
    command.emplace_back("--version");
    OSBOT_TRY(const auto text, output_of(command, check_time_max));
    const auto version = parse(text);
    if (!version) return unusable(fmt::format("--version printed '{}'", one_line(text)));
    if (*version < oldest)
        return unusable(fmt::format("version {} is older than {}", fmt::join(*version, "."), fmt::join(oldest, ".")));
    return *version;
}

Result<Python_Installer> check_uv(const Command& uv) {
    OSBOT_TRY(check_version(uv, version_of_uv, uv_min));
    return Python_Installer{.name = "uv", .command = {uv.front(), "pip", "install"}, .uv = true};
}

Result<Python_Installer> check_pip(const std::string& name, Command pip) {
    OSBOT_TRY(const auto version, check_version(pip, version_of_pip, pip_min));
    pip.emplace_back("install");
    return Python_Installer{.name = name, .command = std::move(pip), .has_dry_run = version >= pip_with_dry_run};
}

/// Returns a command that runs Python isolated (-I), so that neither PYTHONPATH nor a file in the working directory,
/// such as `./random.py`, breaks it.
Command isolated(const fs::path& python, std::initializer_list<std::string> arguments) {
    Command command{python.string(), "-I"};
    command.insert(command.end(), arguments);
    return command;
}

Result<Python_Installer> check_pip_of(const fs::path& python) {
    return check_pip(python.filename().string() + " -m pip", isolated(python, {"-m", "pip"}));
}

// ---- the private virtual environment ----

fs::path python_in(const fs::path& environment) { return environment / "bin" / "python"; }

Result<Python_Installer> check_environment(const fs::path& environment) {
    return check_pip("pip in " + environment.string(), isolated(python_in(environment), {"-m", "pip"}));
}

Result<void> make_environment(const fs::path& python, const fs::path& environment) {
    OSBOT_TRY(output_of(isolated(python, {"-m", "venv", environment.string()}), environment_time_max));
    if (check_environment(environment)) return {};
    // Old interpreters include an old pip.
    const auto updated = output_of(
        isolated(python_in(environment), {"-m", "pip", "install", "--upgrade", "--disable-pip-version-check", "pip"}),
        environment_time_max);
    return updated ? Result<void>{} : updated.error();
}

/// Waits until no other process creates an environment at this path. Returns nullopt if the folder is not writable.
std::optional<base::Unique_Fd> lock(const fs::path& environment) {
    std::error_code ignored;
    fs::create_directories(environment.parent_path(), ignored);
    base::Unique_Fd file(::open((environment.string() + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!file) return std::nullopt;
    int locked = 0;
    do { locked = ::flock(file.fd(), LOCK_EX); } while (locked != 0 && errno == EINTR);
    if (locked != 0) return std::nullopt;
    return file;
}

/// Creates a new environment and moves it to the path when it is complete, replacing any existing one.
Result<void> replace_environment(const fs::path& python, const fs::path& environment) {
    remove_abandoned(environment.parent_path());
    const base::Temporary_Folder unfinished(unfinished_prefix, environment.parent_path());
    const fs::path replacement = unfinished.path() / "replacement";
    OSBOT_TRY(make_environment(python, replacement));
    std::error_code error;
    fs::rename(environment, unfinished.path() / "replaced", error);  // fails if none exists
    // Scripts in bin/ name the old path; only bin/python is used.
    auto published = base::rename_folder_durably(replacement, environment);
    return published ? published : unusable(published.error().message);
}

Result<Python_Installer> pip_in_temporary_environment(const fs::path& python) {
    auto folder = std::make_shared<const base::Temporary_Folder>("osbot_aws_pip");
    const fs::path environment = folder->path() / "environment";
    OSBOT_TRY(make_environment(python, environment));
    auto pip = check_environment(environment);
    if (pip) pip->environment = std::move(folder);
    return pip;
}

Result<Python_Installer> pip_in_environment(const fs::path& python) {
    // Each minor version of python3 has its own folder, so that an upgrade creates a new environment.
    OSBOT_TRY(const auto version,
              output_of(isolated(python, {"-c", "import sys; print('python%d.%d' % sys.version_info[:2], end='')"}),
                        check_time_max));
    const fs::path cache = cache_folder();
    if (cache.empty()) return pip_in_temporary_environment(python);
    const fs::path environment = cache / "pip" / version;
    if (auto pip = check_environment(environment)) return pip;
    const auto locked = lock(environment);
    if (!locked) return pip_in_temporary_environment(python);
    if (auto pip = check_environment(environment)) return pip;  // created by another process while this one waited
    OSBOT_TRY(replace_environment(python, environment));
    return check_environment(environment);
}

// ---- the search ----

/// Returns the interpreter of the runtime, and python3 if it is a different one.
std::vector<fs::path> pythons_on_path(const std::string& runtime) {
    std::vector<fs::path> pythons;
    for (const std::string& name : {runtime, std::string("python3")}) {
        const auto python = base::find_program(name);
        const auto same = [&](const fs::path& other) {
            std::error_code ignored;
            return fs::equivalent(other, *python, ignored);
        };
        if (python && std::none_of(pythons.begin(), pythons.end(), same)) pythons.push_back(*python);
    }
    return pythons;
}

/// Collects the reason why each candidate was rejected.
class Search {
public:
    bool accepts(const std::string& candidate, Result<Python_Installer> checked) {
        if (checked)
            found_ = std::move(*checked);
        else
            reasons_.push_back(fmt::format("{}: {}", candidate, checked.error().message));
        return found_.has_value();
    }
    Python_Installer installer() const { return *found_; }

    Error error() const {
        return unusable(
            fmt::format("installing packages from PyPI needs uv, pip or venv, and none of them works ({}). Install one "
                        "of: uv (https://docs.astral.sh/uv/getting-started/installation/), pip (`apt install "
                        "python3-pip`), venv (`apt install python3-venv`)",
                        reasons_.empty() ? "neither uv, pip nor python3 is on PATH"
                                         : fmt::format("{}", fmt::join(reasons_, "; "))));
    }

private:
    std::optional<Python_Installer> found_;
    std::vector<std::string> reasons_;
};

}  // namespace

std::string one_line(const std::string& text) {
    constexpr std::size_t head = 300, tail = 200;
    std::istringstream words(text);
    std::string line, word;
    while (words >> word) line += (line.empty() ? "" : " ") + word;
    if (line.size() <= head + tail) return line;
    const std::size_t end = line.rfind(' ', head), begin = line.find(' ', line.size() - tail);
    if (end == std::string::npos || begin == std::string::npos) return line;
    return line.substr(0, end) + " ..." + line.substr(begin);
}

Result<Python_Installer> find_python_installer(const std::string& runtime) {
    Search search;
    if (const auto uv = base::find_program("uv"); uv && search.accepts("uv", check_uv({uv->string()})))
        return search.installer();
    const auto pythons = pythons_on_path(runtime);
    for (const fs::path& python : pythons)
        if (search.accepts(python.filename().string() + " -m pip", check_pip_of(python))) return search.installer();
    for (const char* name : {"pip3", "pip"})
        if (const auto pip = base::find_program(name); pip && search.accepts(name, check_pip(name, {pip->string()})))
            return search.installer();
    for (const fs::path& python : pythons)
        if (search.accepts(python.filename().string() + " -m venv", pip_in_environment(python)))
            return search.installer();
    return search.error();
}

}  // namespace osbot_aws::packing
