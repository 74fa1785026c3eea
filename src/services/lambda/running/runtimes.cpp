#include "services/lambda/running/runtimes.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "base/architecture.hpp"
#include "base/environment.hpp"
#include "base/files.hpp"
#include "base/hash.hpp"
#include "embedded/Json_Problem_py.hpp"
#include "embedded/lambda_runtime_client_py.hpp"

namespace osbot_aws::services {
namespace fs = std::filesystem;

namespace {

constexpr int minor_min = 6;
// With the guard, processes that a handler starts with multiprocessing's `spawn` do not take invocations: they import
// this file.
constexpr std::string_view bootstrap =
    "import lambda_runtime_client\n\nif __name__ == \"__main__\":\n    lambda_runtime_client.main()\n";

// Runs the wrapper as AWS's bootstrap does: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-modify.html
constexpr const char* wrapper_script = R"(wrapper=$1
shift
if [ ! -f "$wrapper" ]; then
    echo "$wrapper: does not exist"
    exit 127
fi
if [ ! -x "$wrapper" ]; then
    echo "$wrapper: is not an executable"
    exit 126
fi
exec "$wrapper" "$@")";

/// "python3.11" -> 11
std::optional<int> python_minor(std::string_view name) {
    constexpr std::string_view prefix = "python3.";
    if (!name.starts_with(prefix)) return std::nullopt;
    int minor = 0;
    const auto [end, error] = std::from_chars(name.data() + prefix.size(), name.data() + name.size(), minor);
    if (error != std::errc{} || end != name.data() + name.size()) return std::nullopt;
    return minor;
}

std::vector<fs::path> interpreter_folders() {
    std::vector<fs::path> folders;
    const std::string path = base::variable("PATH") + ":/usr/local/bin:/usr/bin";
    for (std::size_t begin = 0; begin < path.size();) {
        const std::size_t end = std::min(path.find(':', begin), path.size());
        // A pyenv shim is a script that takes 90 ms at each start; its interpreters are found below.
        if (const std::string folder = path.substr(begin, end - begin);
            !folder.empty() && folder.find("/shims") == std::string::npos) {
            folders.emplace_back(folder);
        }
        begin = end + 1;
    }
    const std::string home = base::variable("HOME");
    const std::string pyenv = base::variable("PYENV_ROOT").empty() ? home + "/.pyenv" : base::variable("PYENV_ROOT");
    for (const fs::path& versions : {fs::path(pyenv) / "versions", fs::path(home) / ".local/share/uv/python"}) {
        std::error_code ignored;
        for (const auto& version : fs::directory_iterator(versions, ignored)) folders.push_back(version.path() / "bin");
    }
    return folders;
}

/// Returns the site-packages of the virtual environment with this `bin` folder, or an empty path if it is not in one.
fs::path packages_of_environment(const fs::path& bin, int minor) {
    const fs::path environment = bin.parent_path();
    std::error_code ignored;
    fs::path packages = environment / "lib" / fmt::format("python3.{}", minor) / "site-packages";
    const bool is_environment = fs::exists(environment / "pyvenv.cfg", ignored) && fs::is_directory(packages, ignored);
    return is_environment ? packages : fs::path();
}

std::map<int, Python_Interpreter> find_pythons() {
    std::map<int, Python_Interpreter> found;
    for (const fs::path& folder : interpreter_folders()) {
        std::error_code ignored;
        for (const auto& entry : fs::directory_iterator(folder, ignored)) {
            const auto minor = python_minor(entry.path().filename().string());
            if (!minor || *minor < minor_min || found.contains(*minor) || ::access(entry.path().c_str(), X_OK) != 0)
                continue;
            std::error_code broken_link;
            if (fs::path real = fs::canonical(entry.path(), broken_link); !broken_link)
                found[*minor] = {std::move(real), packages_of_environment(folder, *minor)};
        }
    }
    return found;
}

void run_and_wait(const std::vector<std::string>& arguments) {
    std::vector<char*> argv;
    argv.reserve(arguments.size() + 1);
    for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    char* const no_environment[] = {nullptr};
    pid_t pid = 0;
    if (::posix_spawn(&pid, argv[0], nullptr, nullptr, argv.data(), no_environment) == 0) ::waitpid(pid, nullptr, 0);
}

/// Converts a path of the function to the host's path, for a process without mounts.
std::string host_path(const std::string& path, const fs::path& code, const std::vector<fs::path>& layers) {
    if (path.starts_with("/var/task/")) return (code / path.substr(10)).string();
    if (path.starts_with("/opt/") && !layers.empty()) return (layers.front() / path.substr(5)).string();
    return path;
}

Error no_entrypoint(const fs::path& code) {
    const bool bootstrap_exists = fs::exists(code / "bootstrap");
    return {"Runtime.InvalidEntrypoint",
            bootstrap_exists
                ? "Couldn't execute the bootstrap file: it is not executable (chmod +x bootstrap before zipping)"
                : "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"};
}

}  // namespace

std::optional<Error> Runtimes::check_architecture(const Function& function) {
    if (function.architecture == base::host_architecture) return std::nullopt;
    return Error{"InvalidRuntime",
                 fmt::format("{} is for {}, but this host can run only functions for {}: deploy it with that "
                             "architecture, or on AWS",
                             function.name, function.architecture, base::host_architecture)};
}

Result<Launch> Runtimes::launch(const Function& function, const fs::path& code, const std::vector<fs::path>& layers,
                                bool inside) {
    if (auto error = check_architecture(function)) return *error;
    if (function.runtime.starts_with("provided")) return provided(code, layers, inside);
    if (const auto minor = python_minor(function.runtime)) return python(*minor, function, code, layers, inside);
    return Error{"InvalidRuntime",
                 fmt::format("This engine does not support {}: use provided.al2023, provided.al2 or python3.x",
                             function.runtime)};
}

Result<Launch> Runtimes::provided(const fs::path& code, const std::vector<fs::path>& layers, bool inside) const {
    const auto runs = [](const fs::path& file) {
        std::error_code ignored;
        return fs::is_regular_file(file, ignored) && ::access(file.c_str(), X_OK) == 0;
    };
    const auto launch = [&](const fs::path& folder, const char* mounted_at) {
        return Launch{.argv = {((inside ? mounted_at : folder) / "bootstrap").string()}, .mounts = {}, .warning = {}};
    };
    if (runs(code / "bootstrap")) return launch(code, "/var/task");
    for (auto layer = layers.rbegin(); layer != layers.rend(); ++layer)
        if (runs(*layer / "bootstrap")) return launch(*layer, "/opt");
    return no_entrypoint(code);
}

const std::map<int, Python_Interpreter>& Runtimes::pythons() {
    if (!searched_) pythons_ = find_pythons();
    searched_ = true;
    return pythons_;
}

std::map<int, Python_Interpreter>::const_iterator Runtimes::nearest(const std::map<int, Python_Interpreter>& pythons,
                                                                    int minor) {
    return std::ranges::min_element(pythons, {},
                                    [minor](const auto& python) { return std::abs(python.first - minor); });
}

Result<Launch> Runtimes::python(int minor, const Function& function, const fs::path& code,
                                const std::vector<fs::path>& layers, bool inside) {
    const std::lock_guard lock(mutex_);
    const auto& found = pythons();
    std::vector<std::string> names;
    names.reserve(found.size());
    for (const auto& [version, path] : found) names.push_back(fmt::format("python3.{}", version));
    if (found.empty())
        return Error{"InvalidRuntime",
                     fmt::format("No Python interpreter was found on this host for {}", function.runtime)};

    auto chosen = found.find(minor);
    std::string warning;
    if (chosen == found.end()) {
        if (strict_) {
            return Error{"InvalidRuntime", fmt::format("{} was not found on this host; found: {}", function.runtime,
                                                       fmt::join(names, ", "))};
        }
        chosen = nearest(found, minor);
        warning = fmt::format("WARNING: {} was not found on this host; python3.{} is used instead", function.runtime,
                              chosen->first);
    }
    const auto& [interpreter, packages] = chosen->second;
    auto client = client_folder(interpreter);
    if (!client) return client.error();

    const fs::path prefix = interpreter.parent_path().parent_path();
    const fs::path program = (inside ? fs::path("/var/runtime") : *client) / "bootstrap.py";
    // Unbuffered (-u), as on AWS, so that the log has the output before a timeout.
    // Without `site` (-S), which would add this host's packages to the path and takes 3 ms of a cold start.
    Launch launch{.argv = {interpreter.string(), "-u", "-s", "-S", program.string()}, .mounts = {}, .warning = warning};
    // The client imports from them only the packages of AWS's runtimes. The program must be the last argument, because
    // wrappers rely on that.
    if (!packages.empty()) launch.argv.insert(launch.argv.begin() + 1, "-Xosbot_packages=" + packages.string());
    if (const auto set = function.environment.find("AWS_LAMBDA_EXEC_WRAPPER");
        set != function.environment.end() && !set->second.empty()) {
        const std::string wrapper = inside ? set->second : host_path(set->second, code, layers);
        const auto before = {std::string("/bin/sh"), std::string("-c"), std::string(wrapper_script),
                             std::string("bootstrap"), wrapper};
        launch.argv.insert(launch.argv.begin(), before);
    }
    launch.mounts.push_back({*client, inside ? fs::path("/var/runtime") : *client, true});
    if (prefix != "/usr" && prefix != "/") launch.mounts.push_back({prefix, prefix, true});
    if (!packages.empty()) launch.mounts.push_back({packages, packages, true});
    return launch;
}

// The client is compiled once per interpreter, outside the sandbox: compiling it at each cold start would take 8 ms.
Result<fs::path> Runtimes::client_folder(const fs::path& interpreter) {
    if (const auto done = prepared_.find(interpreter); done != prepared_.end()) return done->second;
    const std::string_view source = embedded::lambda_runtime_client_py;
    const std::string_view json_problem = embedded::Json_Problem_py;  // imported only for results that are not JSON
    const std::string inputs = fmt::format("{}{}{}{}", interpreter.string(), source, json_problem, bootstrap);
    const fs::path folder = folder_ / ("python-" + base::sha256_hex(inputs).substr(0, 16));
    const fs::path file = folder / "lambda_runtime_client.py";
    std::error_code error;
    if (!fs::exists(file, error)) {
        fs::create_directories(folder, error);
        if (auto written = base::write_file_durably(folder / "bootstrap.py", bootstrap); !written)
            return written.error();
        if (auto written = base::write_file_durably(folder / "osbot_json_problem.py", json_problem); !written)
            return written.error();
        if (auto written = base::write_file_durably(file, source); !written) return written.error();
        run_and_wait({interpreter.string(), "-s", "-S", "-m", "py_compile", file.string()});
    }
    return prepared_[interpreter] = folder;
}

}  // namespace osbot_aws::services
