#include "packing/runtime_support.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <chrono>

#include <osbot_aws/core/Json.hpp>

#include "base/architecture.hpp"
#include "base/characters.hpp"
#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/json.hpp"
#include "base/local_error.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "base/subprocess.hpp"
#include "embedded/node_support_package_json.hpp"
#include "embedded/node_support_package_lock_json.hpp"
#include "embedded/python3_10_txt.hpp"
#include "embedded/python3_8_txt.hpp"
#include "embedded/python3_9_txt.hpp"
#include "packing/cache_folder.hpp"
#include "packing/node_packages.hpp"
#include "packing/python_installer.hpp"

namespace osbot_aws::packing {
namespace fs = std::filesystem;

namespace {

constexpr std::chrono::minutes compile_time_max{5};  // usually 5 s
constexpr std::chrono::minutes retry_after{5};
constexpr std::chrono::seconds slow_after{20};
constexpr std::string_view support_folder = "runtime_support";

bool is_node(std::string_view runtime) {
    return base::take_prefix(runtime, "nodejs") && base::consists_of(base::take_until(runtime, '.'), base::is_digit) &&
           runtime == "x";
}

/// Returns the requirements of a runtime, with hashes; empty if there are none. A version of botocore supports the
/// versions of Python that are maintained.
std::string_view pins_of(const std::string& runtime) {
    if (is_node(runtime)) return embedded::node_support_package_lock_json;
    const int minor = python_minor(runtime).value_or(0);
    if (minor < 8) return {};
    if (minor == 8) return embedded::python3_8_txt;
    return minor == 9 ? embedded::python3_9_txt : embedded::python3_10_txt;
}

/// Returns the names of the packages in lines such as `six==1.17.0 --hash=...`.
std::vector<std::string> names_in(std::string_view pins) {
    std::vector<std::string> names;
    for (std::size_t start = 0; start < pins.size(); start = pins.find('\n', start) + 1)
        names.emplace_back(pins.substr(start, pins.find("==", start) - start));
    return names;
}

/// Returns the key of the pinned versions in the cache.
std::string key_of_pins(const std::string& runtime) {
    static const std::string node_key = base::sha256_hex(embedded::node_support_package_lock_json);  // 110 KB
    return is_node(runtime) ? node_key : std::string(pins_of(runtime));
}

std::string kind_of(const std::string& runtime) { return fmt::format("{}/{}", support_folder, runtime); }

/// Returns a file beside the folders of a runtime; empty without a cache folder.
fs::path state_file(const std::string& runtime, const char* extension, const fs::path& cache) {
    return cache.empty() ? fs::path() : cache / support_folder / (runtime + extension);
}

/// The file with the key of the newest versions that were installed. It exists until the pinned ones are installed.
fs::path update_file(const std::string& runtime, const fs::path& cache) {
    return state_file(runtime, ".update", cache);
}
/// The file with the message of the last installation, if it failed.
fs::path failure_file(const std::string& runtime, const fs::path& cache) {
    return state_file(runtime, ".failure", cache);
}

bool is_cancelled() {
    pollfd event{base::cancellation_fd, POLLIN, 0};
    return ::poll(&event, 1, 0) > 0;
}

/// Compiles the files, because a function cannot write into the folder: each cold start would compile them again. A
/// file that cannot be compiled is not an error.
void compile(const fs::path& interpreter, const fs::path& folder) {
    const std::vector<std::string> command{interpreter.string(), "-I", "-S", "-m", "compileall", "-q", folder.string()};
    const auto end = base::run_program({.argv = command, .time_max = compile_time_max, .output_together = true});
    if (!end || end->exit_code != 0)
        base::log_warning("{} cannot compile all files: {}", interpreter.string(),
                          end ? one_line(end->output) : end.error().message);
}

/// Returns package.json with the newest version of each dependency.
std::string newest_package() {
    Json package = base::parse_json(std::string(embedded::node_support_package_json));
    package.erase("overrides");
    for (Json& version : package.at("dependencies")) version = "latest";
    return base::dump_json(package);
}

/// Installs the SDK, and tests that the newest version runs with this node.
Result<void> install_node(const fs::path& interpreter, Support_Versions versions, const fs::path& folder) {
    if (versions != Support_Versions::newest)
        return install_node_sdk(embedded::node_support_package_json, embedded::node_support_package_lock_json,
                                interpreter, folder);
    OSBOT_TRY(install_node_sdk(newest_package(), "", interpreter, folder));
    const std::vector<std::string> test{interpreter.string(), "--eval", "require('@aws-sdk/client-s3')"};
    OSBOT_TRY(const auto end, base::run_program({.argv = test, .folder = folder, .output_together = true}));
    if (end.exit_code == 0) return {};
    return local_error("InstallFailed", "the newest AWS SDK does not run with {}: {}", interpreter.string(),
                       one_line(end.output));
}

Result<void> install_python(const Wheel_Target& target, const fs::path& interpreter, Support_Versions versions,
                            const fs::path& folder) {
    const std::string_view pins = pins_of(target.runtime);
    if (versions == Support_Versions::newest) {
        OSBOT_TRY(install_wheels(names_in(pins), target, folder));
    } else {
        const base::Temporary_Folder requirements;
        const fs::path file = requirements.path() / "requirements.txt";
        OSBOT_TRY(base::write_file(file, pins));
        OSBOT_TRY(install_wheels({}, target, folder, file));
    }
    compile(interpreter, folder);
    return {};
}

Result<void> install(const Wheel_Target& target, const fs::path& interpreter, Support_Versions versions,
                     const fs::path& folder) {
    OSBOT_TRY(is_node(target.runtime) ? install_node(interpreter, versions, folder)
                                      : install_python(target, interpreter, versions, folder));
    return is_cancelled() ? cancelled() : Result<void>();
}

/// Writes or removes the state of the runtime after an installation. The packages can be used without it.
void store_result(const std::string& runtime, Support_Versions versions, const std::string& key,
                  const fs::path& cache) {
    if (cache.empty()) return;
    std::error_code ignored;
    fs::remove(failure_file(runtime, cache), ignored);
    if (versions == Support_Versions::newest)
        (void)base::write_file_durably(update_file(runtime, cache), key);
    else if (versions == Support_Versions::pinned)
        fs::remove(update_file(runtime, cache), ignored);
}

/// A slow installation that was cancelled counts as failed, so that the next engine, perhaps of the next test, does not
/// wait as long.
Error failed(const std::string& runtime, Error error, std::chrono::steady_clock::time_point started,
             const fs::path& cache) {
    if (is_cancelled()) {
        if (std::chrono::steady_clock::now() - started < slow_after) return cancelled();
        error = local_error("InstallFailed", "the package index did not respond in {} s", slow_after.count());
    }
    if (!cache.empty()) (void)base::write_file_durably(failure_file(runtime, cache), error.code + "\n" + error.message);
    return error;
}

}  // namespace

bool has_runtime_support(const std::string& runtime) { return !pins_of(runtime).empty(); }

fs::path find_runtime_support(const std::string& runtime, const fs::path& cache) {
    constexpr std::chrono::hours mark_interval{24};  // each cold start calls this
    if (!has_runtime_support(runtime) || cache.empty()) return {};
    if (const auto update = base::read_file(update_file(runtime, cache)))
        if (fs::path folder = find_in_cache(kind_of(runtime), *update, cache, mark_interval); !folder.empty())
            return folder;
    return find_in_cache(kind_of(runtime), key_of_pins(runtime), cache, mark_interval);
}

Result<Installed_Packages> install_runtime_support(const std::string& runtime, const fs::path& interpreter,
                                                   Support_Versions versions, const fs::path& cache) {
    if (!has_runtime_support(runtime))
        return local_error("InvalidRuntime",
                           "osbot has no packages for {}: they exist for python3.8, nodejs18.x and newer", runtime);
    const std::string key =
        versions == Support_Versions::newest ? "newest versions " + base::random_hex(16) : key_of_pins(runtime);
    const auto started = std::chrono::steady_clock::now();
    const Wheel_Target target{.runtime = runtime, .architecture = std::string(base::host_architecture)};
    auto installed = install_in_cache(
        kind_of(runtime), key, [&](const fs::path& folder) { return install(target, interpreter, versions, folder); },
        cache);
    if (!installed) return failed(runtime, installed.error(), started, cache);
    store_result(runtime, versions, key, cache);
    return installed;
}

std::optional<Error> recent_support_failure(const std::string& runtime, const fs::path& cache) {
    std::error_code missing;
    const auto time = fs::last_write_time(failure_file(runtime, cache), missing);
    if (missing || fs::file_time_type::clock::now() - time > retry_after) return std::nullopt;
    return last_support_failure(runtime, cache);
}

std::optional<Error> last_support_failure(const std::string& runtime, const fs::path& cache) {
    const auto text = base::read_file(failure_file(runtime, cache));
    if (!text) return std::nullopt;
    const std::size_t line_end = text->find('\n');
    if (line_end == std::string::npos) return std::nullopt;
    return Error{text->substr(0, line_end), text->substr(line_end + 1), 0};
}

namespace {

/// Returns the clients of the AWS SDK in node_modules.
std::map<std::string, std::string> clients_in(const fs::path& modules) {
    std::map<std::string, std::string> clients;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(modules / "@aws-sdk", ignored)) {
        const std::string name = entry.path().filename().string();
        if (!name.starts_with("client-")) continue;
        const auto text = base::read_file(entry.path() / "package.json");
        const Json package = text ? base::parse_json(*text) : Json();
        if (package.is_object()) clients["@aws-sdk/" + name] = package.value("version", "");
    }
    return clients;
}

}  // namespace

std::map<std::string, std::string> packages_in(const fs::path& folder) {
    std::error_code ignored;
    if (fs::is_directory(folder / "node_modules", ignored)) return clients_in(folder / "node_modules");
    std::map<std::string, std::string> packages;
    for (const auto& entry : fs::directory_iterator(folder, ignored)) {
        if (entry.path().extension() != ".dist-info") continue;
        const std::string name = entry.path().stem().string();
        packages[name.substr(0, name.find('-'))] = name.substr(name.find('-') + 1);
    }
    return packages;
}

}  // namespace osbot_aws::packing
