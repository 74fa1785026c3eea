#include "services/lambda/running/process_start.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/numbers.hpp"
#include "base/random.hpp"
#include "services/images/image_launch.hpp"
#include "services/lambda/running/environment_variables.hpp"
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

}  // namespace

void Process_Start::run() {
    const bool inside = parts.sandbox.mounts_apply();
    if (!image) return run_package(inside);
    if (inside) return run_image();
    const auto& missing = parts.sandbox.capabilities().missing;
    launch = Error{"InvalidRuntime",
                   fmt::format("{} is a container image: its root file system needs namespaces, which this engine does "
                               "not have{}{}",
                               function->name, missing.empty() ? " (--sandbox=off)" : ": ",
                               missing.empty() ? "" : missing.front())};
}

sandbox::Process_Spec Process_Start::common_spec() const {
    sandbox::Process_Spec spec;
    spec.tmp_bytes_max = static_cast<std::uint64_t>(function->ephemeral_storage_mb) * bytes_per_mib;
    spec.memory_bytes_max = static_cast<std::uint64_t>(function->memory_mb) * bytes_per_mib;
    spec.tmp_folder = parts.work_folder / "tmp" / base::random_hex(16);
    spec.stdout_fd = spec.stderr_fd = output;
    spec.own_network = parts.own_network;
    if (spec.own_network) spec.listen_ports = {inner_runtime_api_port, port_of(parts.context.endpoint_url)};
    return spec;
}

// As on Lambda, the session belongs to the function's role and has the function's name.
std::string Process_Start::session_token() const {
    return make_session_token(
        parts.context.keys,
        {.role_arn = function->role, .session = function->name, .expires_at = parts.context.now() + session_time});
}

void Process_Start::run_package(bool inside) {
    const bool debugged = parts.is_debugged(*function) && !inside;
    const auto linked = debugged ? link_debugged_code(parts.work_folder, function->name, folders.front())
                                 : Result<fs::path>(folders.front());
    if (!linked) return void(launch = linked.error());
    const fs::path& code = *linked;
    std::vector<fs::path> layers = without_repetitions({folders.begin() + 1, folders.end()});
    if (layers.size() > 1 && !(inside && parts.sandbox.capabilities().overlay)) {
        auto merged = parts.code.merged(layers);
        if (!merged) return void(launch = merged.error());
        layers = {std::move(*merged)};
    }
    const fs::path opt = inside || layers.empty() ? fs::path("/opt") : layers.front();
    launch = parts.runtimes.launch(*function, code, layers, inside);
    if (!launch) return;
    sandbox::Process_Spec spec = common_spec();
    spec.argv = launch->argv;
    spec.working_directory = inside ? fs::path("/var/task") : code;
    spec.mounts = launch->mounts;
    spec.mounts.push_back({code, "/var/task", true});
    spec.layers = layers;
    const fs::path runtime_folder = launch->mounts.empty() ? fs::path() : launch->mounts[0].source;
    spec.environment = environment_variables({*function, runtime_api, log_stream, parts.context.endpoint_url, inside,
                                              code, opt, runtime_folder, spec.tmp_folder,
                                              parts.context.keys.secret_of(function->account.id), session_token()});
    if (debugged) {
        if (auto ready = wait_for_debugger(spec, *function, *parts.debug, parts.work_folder); !ready)
            return void(launch = ready.error());
    }
    process = parts.sandbox.start(spec);
}

void Process_Start::run_image() {
    if (auto error = Runtimes::check_architecture(*function)) return void(launch = *error);
    auto settings = image_launch(*function, *image);
    if (!settings) return void(launch = settings.error());
    launch = Launch{.argv = settings->argv, .mounts = {}, .warning = {}};
    sandbox::Process_Spec spec = common_spec();
    spec.argv = settings->argv;
    spec.working_directory = settings->working_directory;
    spec.root = *image->root;
    spec.environment = environment_variables({.function = *function,
                                              .runtime_api = runtime_api,
                                              .log_stream = log_stream,
                                              .endpoint_url = parts.context.endpoint_url,
                                              .inside = true,
                                              .code = {},
                                              .opt = "/opt",
                                              .runtime_folder = {},
                                              .tmp = {},
                                              .secret_access_key = parts.context.keys.secret_of(function->account.id),
                                              .session_token = session_token(),
                                              .image_environment = &image->config.environment,
                                              .image_handler = settings->handler});
    process = parts.sandbox.start(spec);
}

}  // namespace osbot_aws::services
