#include "services/lambda/running/runtimes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>

#include "base/architecture.hpp"
#include "base/environment.hpp"
#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/subprocess.hpp"
#include "embedded/Json_Problem_py.hpp"
#include "embedded/lambda_runtime_client_cjs.hpp"
#include "embedded/lambda_runtime_client_py.hpp"

namespace osbot_aws::services {
namespace fs = std::filesystem;

namespace {

// With the guard, processes that a handler starts with multiprocessing's `spawn` do not take invocations: they import
// this file.
constexpr const char* node_client = "lambda_runtime_client.cjs";
const fs::path interpreter_folder = "/var/lang";  // AWS's
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

/// Converts a path of the function to the host's path, for a process without mounts.
std::string host_path(const std::string& path, const fs::path& code, const std::vector<fs::path>& layers) {
    if (path.starts_with("/var/task/")) return (code / path.substr(10)).string();
    if (path.starts_with("/opt/") && !layers.empty()) return (layers.front() / path.substr(5)).string();
    return path;
}

/// Returns the mount of a client. It is the first one of a launch.
sandbox::Mount client_mount(const fs::path& client, bool inside) {
    return {client, inside ? fs::path("/var/runtime") : client, true};
}

/// Mounts an interpreter that is not below /usr, which the sandbox always has. Its target is AWS's path, because a
/// layer may cover its own, such as /opt/bin/node. Of its prefix only these folders are mounted: the prefix of
/// ~/bin/node is the home folder.
void mount_interpreter(Launch& launch, const fs::path& name, std::initializer_list<const char*> folders) {
    const fs::path program = launch.argv.front(), prefix = program.parent_path().parent_path();
    if (program.string().starts_with("/usr/")) return;
    launch.argv.front() = interpreter_folder / "bin" / name;
    launch.mounts.push_back({program, launch.argv.front(), true});
    std::error_code ignored;
    for (const fs::path folder : folders)
        if (fs::is_directory(prefix / folder, ignored))
            launch.mounts.push_back({prefix / folder, interpreter_folder / folder, true});
}

/// Links of an interpreter's folders may lead out of those that are mounted.
bool is_folder_without_links(const fs::path& path) {
    std::error_code error;
    return fs::is_directory(path, error) && fs::canonical(path, error) == path.lexically_normal();
}

/// Returns where the packages of the runtime are in the sandbox: at their path on AWS, unless the folder of the
/// interpreter that is mounted there has no such folder.
fs::path support_target(const std::string& runtime, const fs::path& program) {
    const fs::path packages = fs::path("lib") / runtime / "site-packages";
    const bool exists = program.string().starts_with("/usr/") ||
                        is_folder_without_links(program.parent_path().parent_path() / packages);
    return interpreter_folder / (exists ? packages : fs::path("runtime_packages"));
}

/// Returns whether NODE_OPTIONS of the function contains a text. These options override those of the runtime.
bool sets_option(const Function& function, std::string_view text) {
    const auto set = function.environment.find("NODE_OPTIONS");
    return set != function.environment.end() && set->second.find(text) != std::string::npos;
}

/// Returns the options of AWS's bootstrap for Node.js that every version has (/var/runtime/bootstrap of its images).
std::vector<std::string> node_options(const Function& function) {
    std::vector<std::string> options{"--expose-gc", "--max-http-header-size=81920"};
    for (const char* option : {"semi-space-size", "semi_space_size", "old-space-size", "old_space_size"})
        if (sets_option(function, option)) return options;
    const int new_space_mb = function.memory_mb / 10;
    options.push_back(fmt::format("--max-semi-space-size={}", new_space_mb / 2));
    options.push_back(fmt::format("--max-old-space-size={}", function.memory_mb - new_space_mb));
    return options;
}

/// Returns its options for modules, which are not known to every version of node: require-module has existed since
/// 20.17 and 22.0, detect-module since 20.10.
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html#nodejs-experimental-features
std::vector<std::string> module_options(int runtime_major, const Function& function) {
    std::vector<std::string> options;
    if ((runtime_major == 20 || runtime_major == 22) && !sets_option(function, "--experimental-require-module"))
        options.emplace_back("--no-experimental-require-module");
    if (runtime_major == 22 && !sets_option(function, "--experimental-detect-module"))
        options.emplace_back("--no-experimental-detect-module");
    return options;
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
    if (const auto minor = python_language.version_of(function.runtime))
        return with_wrapper(python(*minor, inside), function, code, layers, inside);
    if (const auto major = node_language.version_of(function.runtime))
        return with_wrapper(node(*major, function, inside), function, code, layers, inside);
    return Error{"InvalidRuntime",
                 fmt::format("This engine does not support {}: use provided.al2023, python3.x, nodejsNN.x or an image",
                             function.runtime)};
}

Result<Launch> Runtimes::provided(const fs::path& code, const std::vector<fs::path>& layers, bool inside) const {
    // As on Lambda, a bootstrap that is not executable hides those of layers: its start fails.
    const auto exists = [](const fs::path& file) {
        std::error_code ignored;
        return fs::is_regular_file(file, ignored);
    };
    const auto launch = [&](const fs::path& folder, const char* mounted_at) {
        return Launch{.argv = {((inside ? mounted_at : folder) / "bootstrap").string()},
                      .mounts = {},
                      .warning = {},
                      .packages = {}};
    };
    if (exists(code / "bootstrap")) return launch(code, "/var/task");
    for (auto layer = layers.rbegin(); layer != layers.rend(); ++layer)
        if (exists(*layer / "bootstrap")) return launch(*layer, "/opt");
    return Error{"Runtime.InvalidEntrypoint", "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"};
}

const Interpreters& Runtimes::interpreters(const Language& language) {
    const auto known = interpreters_.find(&language);
    return known != interpreters_.end() ? known->second : interpreters_[&language] = language.find();
}

Result<Runtimes::Chosen> Runtimes::choose(const Language& language, int version) {
    return language.choose(interpreters(language), version, strict_).transform([&](const auto& found) {
        return Chosen{language.runtime_of(found->first), found->second};
    });
}

/// Starts a launch with the interpreter for a runtime, and the warning if it is of another version.
Launch Runtimes::start_with(const Chosen& chosen, const std::string& runtime) {
    Launch launch{.argv = {chosen.interpreter.program.string()}, .mounts = {}, .warning = {}, .packages = {}};
    if (chosen.runtime != runtime)
        launch.warning =
            fmt::format("WARNING: {} was not found on this host; {} is used instead", runtime, chosen.runtime);
    return launch;
}

bool Runtimes::has_support(const std::string& runtime) const {
    return support_ != nullptr && python_language.version_of(runtime);
}

std::optional<Support_Target> Runtimes::missing_support(const std::string& runtime) {
    const std::lock_guard lock(mutex_);
    const auto chosen = choose(python_language, python_language.version_of(runtime).value_or(0));
    if (!chosen || !support_->find(chosen->runtime).empty()) return std::nullopt;
    return Support_Target{chosen->runtime, chosen->interpreter.program};
}

/// Adds the packages of AWS's runtime, at their path on AWS, or the warning that they are missing.
void Runtimes::add_support(Launch& launch, const Chosen& python, bool inside) const {
    if (!support_) return;
    const fs::path folder = support_->find(python.runtime);
    if (!folder.empty()) {
        launch.packages = inside ? support_target(python.runtime, python.interpreter.program) : folder;
        if (inside) launch.mounts.push_back({folder, launch.packages, true});
    } else {
        launch.warning += fmt::format("{}WARNING: boto3 of {} is not installed: {}", launch.warning.empty() ? "" : "\n",
                                      python.runtime, support_->problem(python.runtime));
    }
    launch.argv.push_back("-Xosbot_support=" + launch.packages.string());
}

Result<Launch> Runtimes::with_wrapper(Result<Launch> launch, const Function& function, const fs::path& code,
                                      const std::vector<fs::path>& layers, bool inside) {
    const auto set = function.environment.find("AWS_LAMBDA_EXEC_WRAPPER");
    if (!launch || set == function.environment.end() || set->second.empty()) return launch;
    const std::string wrapper = inside ? set->second : host_path(set->second, code, layers);
    const auto before = {std::string("/bin/sh"), std::string("-c"), std::string(wrapper_script),
                         std::string("bootstrap"), wrapper};
    launch->argv.insert(launch->argv.begin(), before);
    return launch;
}

Result<Launch> Runtimes::python(int minor, bool inside) {
    const std::lock_guard lock(mutex_);
    OSBOT_TRY(const Chosen chosen, choose(python_language, minor));
    const Interpreter& python = chosen.interpreter;
    Launch launch = start_with(chosen, python_language.runtime_of(minor));
    // Compiled once per interpreter, outside the sandbox: compiling it at each cold start would take 8 ms.
    OSBOT_TRY(const fs::path client, client_folder("python", python.program,
                                                   {{"lambda_runtime_client.py", embedded::lambda_runtime_client_py},
                                                    {"bootstrap.py", bootstrap},
                                                    {"osbot_json_problem.py", embedded::Json_Problem_py}},
                                                   {python.program.string(), "-s", "-S", "-m", "py_compile"}));
    launch.mounts.push_back(client_mount(client, inside));
    if (inside) mount_interpreter(launch, python.program.filename(), {"lib", "lib64"});
    add_support(launch, chosen, inside);
    launch.argv.push_back("-Xosbot_program=" + python.program.string());  // for messages
    if (!python.packages.empty()) {
        // The client imports from them only the packages of AWS's runtimes.
        const fs::path packages = inside ? interpreter_folder / "packages" : python.packages;
        launch.argv.push_back("-Xosbot_packages=" + packages.string());
        launch.mounts.push_back({python.packages, packages, true});
    }
    // Unbuffered (-u), as on AWS, so that the log has the output before a timeout.
    // Without `site` (-S), which would add this host's packages to the path and takes 3 ms of a cold start.
    // The program must be the last argument, because wrappers rely on that.
    const fs::path program = (inside ? fs::path("/var/runtime") : client) / "bootstrap.py";
    for (const char* option : {"-u", "-s", "-S", program.c_str()}) launch.argv.emplace_back(option);
    return launch;
}

Result<Launch> Runtimes::node(int major, const Function& function, bool inside) {
    const std::lock_guard lock(mutex_);
    OSBOT_TRY(const Chosen chosen, choose(node_language, major));
    const Interpreter& node = chosen.interpreter;
    Launch launch = start_with(chosen, node_language.runtime_of(major));
    OSBOT_TRY(const fs::path client,
              client_folder("node", {}, {{node_client, embedded::lambda_runtime_client_cjs}}, {}));
    launch.mounts.push_back(client_mount(client, inside));
    if (inside) mount_interpreter(launch, "node", {});
    for (std::string& option : node_options(function)) launch.argv.push_back(std::move(option));
    for (std::string& option : module_options(major, function))
        if (knows_option(node.program, option)) launch.argv.push_back(std::move(option));
    launch.argv.push_back(((inside ? fs::path("/var/runtime") : client) / node_client).string());
    return launch;
}

/// Returns whether node accepts an option. The program is run once for each option.
bool Runtimes::knows_option(const fs::path& node, const std::string& option) {
    const auto [known, is_new] = known_options_.try_emplace({node, option}, false);
    if (is_new) {
        const auto run =
            base::run_program({.argv = {node.string(), option, "--version"}, .time_max = version_time_max});
        known->second = run && run->exit_code == 0;
    }
    return known->second;
}

/// Returns the folder with these files, which it writes at first use. `prepare` is run with the first file.
Result<fs::path> Runtimes::client_folder(std::string_view language, const fs::path& interpreter,
                                         const std::vector<std::pair<std::string_view, std::string_view>>& files,
                                         std::vector<std::string> prepare) {
    std::string inputs = interpreter.string();
    for (const auto& [name, text] : files) inputs += text;
    const fs::path folder = folder_ / fmt::format("{}-{}", language, base::sha256_hex(inputs).substr(0, 16));
    if (std::ranges::find(prepared_, folder) != prepared_.end()) return folder;
    std::error_code error;
    const fs::path first = folder / files.front().first;
    if (!fs::exists(first, error)) {
        fs::create_directories(folder, error);
        for (const auto& [name, text] : files | std::views::reverse)
            OSBOT_TRY(base::write_file_durably(folder / name, text));
        prepare.push_back(first.string());
        // Without a compiled client, each start compiles it.
        if (prepare.size() > 1)
            (void)base::run_program({.argv = std::move(prepare), .environment = std::vector<std::string>{}});
    }
    return prepared_.emplace_back(folder);
}

}  // namespace osbot_aws::services
