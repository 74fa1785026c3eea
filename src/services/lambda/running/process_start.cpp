#include "services/lambda/running/process_start.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>

#include "base/numbers.hpp"
#include "base/random.hpp"
#include "base/text.hpp"
#include "services/images/image_launch.hpp"
#include "services/sts/session_token.hpp"

namespace osbot_aws::services {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t bytes_per_mib = 1 << 20;
// An environment receives its credentials once, so they must outlast it.
constexpr std::chrono::hours session_time{24 * 365};

std::uint16_t port_of(std::string_view url) {
    return base::parse_number<std::uint16_t>(url.substr(url.rfind(':') + 1)).value_or(0);
}

/// Removes the folders that occur again later: layers of equal content share one folder, and overlayfs mounts a folder
/// only once. The last one overrides the others, so they have no effect.
std::vector<fs::path> without_repetitions(const std::vector<fs::path>& layers) {
    std::vector<fs::path> last;
    for (auto layer = layers.begin(); layer != layers.end(); ++layer)
        if (std::find(layer + 1, layers.end(), *layer) == layers.end()) last.push_back(*layer);
    return last;
}

/// Variables that extensions do not have on Lambda.
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
constexpr std::string_view variables_of_runtimes[] = {"AWS_EXECUTION_ENV",          "AWS_LAMBDA_LOG_GROUP_NAME",
                                                      "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_XRAY_CONTEXT_MISSING",
                                                      "AWS_XRAY_DAEMON_ADDRESS",    "LAMBDA_RUNTIME_DIR",
                                                      "LAMBDA_TASK_ROOT",           "_AWS_XRAY_DAEMON_ADDRESS",
                                                      "_AWS_XRAY_DAEMON_PORT",      "_HANDLER"};

std::vector<std::string> extension_variables(const std::vector<std::string>& all) {
    std::vector<std::string> variables;
    std::ranges::copy_if(all, std::back_inserter(variables), [](const std::string& variable) {
        const auto name = std::string_view(variable).substr(0, variable.find('='));
        return std::ranges::find(variables_of_runtimes, name) == std::end(variables_of_runtimes);
    });
    return variables;
}

/// Returns the files in the folder `extensions` of /opt, by name. Later layers override earlier ones.
std::map<std::string, fs::path> extension_files(const std::vector<fs::path>& opt) {
    std::map<std::string, fs::path> files;
    std::error_code error;
    const auto is_folder = [&](const fs::path& path) {  // a link of an image would be followed in the host's root
        return fs::is_directory(fs::symlink_status(path, error));
    };
    for (const fs::path& layer : opt) {
        const fs::path folder = layer / "extensions";
        if (!is_folder(layer) || !is_folder(folder)) continue;
        for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
            if (!at->is_directory(error)) files[at->path().filename().string()] = at->path();
    }
    return files;
}

}  // namespace

void Process_Start::run() {
    const auto spec = image ? image_spec() : package_spec();
    if (!spec) return void(process = spec.error());
    process = parts.sandbox.start(*spec);
    may_retry = !process;
    if (process) return;
    process = start_error(process.error(), !extensions.empty());
}

/// The types are those of AWS's runtime interface emulator (its fatalerror package), the words those of Go: "fork/exec
/// /var/task/bootstrap: permission denied".
Error start_error(Error error, bool companions) {
    constexpr std::string_view executing = "executing ";
    if (error.code == "SandboxExecFailed" && error.message.starts_with(executing)) {
        const std::size_t end = error.message.rfind(": ");
        const auto program = error.message.substr(executing.size(), end - executing.size());
        error.message = fmt::format("fork/exec {}{}", program, base::lower_case(error.message.substr(end)));
        error.code = companions ? "Extension.LaunchError" : "Runtime.InvalidEntrypoint";
    } else {
        error.code = error.code == "SandboxDirectoryFailed" ? "Runtime.InvalidWorkingDir" : "Runtime.InvalidEntrypoint";
    }
    return error;
}

Result<void> Process_Start::add_extensions(sandbox::Process_Spec& spec, const std::vector<fs::path>& opt, bool inside) {
    const auto files = extension_files(opt);
    if (files.size() > sandbox::companions_max)
        return Error{"Extension.LaunchError", fmt::format("/opt/extensions has {} extensions; the limit is {}",
                                                          files.size(), sandbox::companions_max)};
    for (const auto& [name, file] : files) {
        extensions.push_back(name);
        spec.companions.push_back(inside ? "/opt/extensions/" + name : file.string());
    }
    if (files.empty()) return {};
    spec.companions_environment = extension_variables(spec.environment);
    spec.companions_output_fd = extensions_output.fd();
    return {};
}

sandbox::Process_Spec Process_Start::common_spec() const {
    sandbox::Process_Spec spec;
    spec.tmp_bytes_max = static_cast<std::uint64_t>(function->ephemeral_storage_mb) * bytes_per_mib;
    spec.memory_bytes_max = static_cast<std::uint64_t>(function->memory_mb) * bytes_per_mib;
    spec.tmp_folder = parts.options.work_folder / "tmp" / base::random_hex(16);
    spec.stdout_fd = spec.stderr_fd = output.fd();
    spec.shared_memory = parts.options.shared_memory;
    spec.own_network = parts.options.own_network;
    if (spec.own_network) spec.listen_ports = {inner_runtime_api_port, port_of(parts.context.endpoint_url)};
    return spec;
}

Variables_Input Process_Start::variables(bool inside) const {
    const Keys& keys = parts.context.keys;
    const std::string key = new_session_key(function->account.id);
    return {.function = *function,
            .runtime_api = runtime_api,
            .log_stream = log_stream,
            .endpoint_url = parts.context.endpoint_url,
            .inside = inside,
            .code = {},
            .opt = "/opt",
            .runtime_folder = {},
            .tmp = {},
            .packages = {},
            .access_key_id = key,
            .secret_access_key = keys.secret_of(key),
            // As on Lambda, the session belongs to the function's role and has the function's name.
            .session_token = make_session_token(keys, {.account = function->account.id,
                                                       .principal_arn = function->role,
                                                       .session = function->name,
                                                       .expires_at = parts.context.now() + session_time,
                                                       .access_key_id = key,
                                                       .source_function = function->arn}),
            .init_type = init_type};
}

Result<std::vector<fs::path>> Process_Start::layers(bool inside) const {
    std::vector<fs::path> layers = without_repetitions({folders.begin() + 1, folders.end()});
    if (layers.size() < 2 || (inside && parts.sandbox.capabilities().overlay)) return layers;
    OSBOT_TRY(fs::path merged, parts.code.merged(layers));
    return std::vector{std::move(merged)};
}

Result<sandbox::Process_Spec> Process_Start::package_spec() {
    const bool inside = parts.sandbox.mounts_apply();
    const bool debugged = parts.is_debugged(*function) && !inside;
    fs::path code = folders.front();
    if (debugged) { OSBOT_TRY(code, link_debugged_code(parts.options.work_folder, function->name, folders.front())); }
    sandbox::Process_Spec spec = common_spec();
    OSBOT_TRY(spec.layers, layers(inside));
    OSBOT_TRY(Launch launch, parts.runtimes.launch(*function, code, spec.layers, inside));
    warning = launch.warning;
    Variables_Input input = variables(inside);
    input.code = code;
    if (!inside && !spec.layers.empty()) input.opt = spec.layers.front();
    if (!launch.mounts.empty()) input.runtime_folder = launch.mounts[0].source;
    input.packages = launch.packages;
    input.tmp = spec.tmp_folder;
    spec.environment = environment_variables(input);
    spec.argv = std::move(launch.argv);
    spec.working_directory = inside ? fs::path("/var/task") : code;
    spec.mounts = std::move(launch.mounts);
    spec.mounts.push_back({code, "/var/task", true});
    OSBOT_TRY(add_extensions(spec, spec.layers, inside));
    if (debugged) OSBOT_TRY(wait_for_debugger(spec, *function, *parts.options.debug, parts.options.work_folder));
    return spec;
}

Result<sandbox::Process_Spec> Process_Start::image_spec() {
    if (!parts.sandbox.mounts_apply()) {
        const auto& missing = parts.sandbox.capabilities().missing;
        return Error{"InvalidRuntime",
                     fmt::format("{} is a container image: its root file system needs namespaces, which this engine "
                                 "does not have{}{}",
                                 function->name, missing.empty() ? " (--sandbox=off)" : ": ",
                                 missing.empty() ? "" : missing.front())};
    }
    if (auto error = Runtimes::check_architecture(*function)) return *error;
    OSBOT_TRY(const auto settings, image_launch(*function, *image));
    sandbox::Process_Spec spec = common_spec();
    Variables_Input input = variables(true);
    input.image_environment = &image->config.environment;
    input.image_handler = settings.handler;
    spec.environment = environment_variables(input);
    spec.argv = settings.argv;
    spec.working_directory = settings.working_directory;
    spec.root = *image->root;
    OSBOT_TRY(add_extensions(spec, {*image->root / "opt"}, true));
    return spec;
}

}  // namespace osbot_aws::services
