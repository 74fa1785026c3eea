// Steps of `osbot deploy` and `osbot package`: check the code, install its packages.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/architecture.hpp"
#include "base/counted.hpp"
#include "base/hash.hpp"
#include "base/local_error.hpp"
#include "engine/host_runtimes.hpp"
#include "packing/node_packages.hpp"
#include "packing/python_check.hpp"
#include "packing/requirements.hpp"
#include "sdk/deploy_impl.hpp"
#include "sdk/lambda_calls.hpp"

namespace osbot_aws {
namespace fs = std::filesystem;

namespace {

// A larger installation is a layer: it is then sent once, and not with each change of the code.
constexpr std::uint64_t packages_in_zip_bytes_max = 10'000'000;

bool is_python(const Lambda& f) { return f.runtime.starts_with("python3."); }

void check_not_retired(const std::string& runtime) {
    if (!engine::is_retired_runtime(runtime)) return;
    throw Aws_Exception(local_error("InvalidRuntime",
                                    "{} is retired: Lambda no longer creates or updates functions with it; these "
                                    "runtimes work on this host: {}",
                                    runtime, engine::runtimes_of_this_host()));
}

/// Rejects functions that the local engine cannot run.
void check_local_engine(const Lambda& f) {
    if (f.architecture != base::host_architecture)
        throw Aws_Exception(local_error("InvalidRuntime",
                                        "the local engine runs functions for {} only, and this one is for {}: deploy "
                                        "it to AWS (--aws), or use --no-check",
                                        base::host_architecture, f.architecture));
    if (!f.runtime.starts_with("provided")) (void)engine::nearest_runtime(f.runtime).value();
}

/// Returns the interpreter that checks the code: of the same version, or for a local engine the one that the engine
/// uses.
fs::path interpreter_of(const std::string& runtime, bool local) {
    const auto found = engine::nearest_runtime(runtime);
    return found && (local || found->identifier == runtime) ? found->program : fs::path();
}

}  // namespace

void Deploy_Lambda::Impl::check_code(const packing::Package& contents) {
    if (!steps.check) return;
    const auto start = Clock::now();
    check_not_retired(function.runtime);
    const bool local = !steps.packages_in_zip && function.session().is_local();
    if (local) check_local_engine(function);
    if (!is_python(function)) return;
    const fs::path interpreter = interpreter_of(function.runtime, local);
    const std::string warning =
        packing::check_python_handler(
            contents, {.handler = function.handler, .has_layers = !function.layers.empty(), .interpreter = interpreter})
            .value();
    if (!warning.empty()) phase("warning", warning, start);
    if (interpreter.empty())
        phase("warning", fmt::format("the syntax was not checked, because {} is not installed", function.runtime),
              start);
}

std::optional<packing::Requirements> Deploy_Lambda::Impl::find_requirements() {
    if (!steps.packages.empty() && !is_python(function))
        throw Aws_Exception(local_error("InvalidRuntime", "packages of PyPI need a Python function; the runtime is {}",
                                        function.runtime));
    if (!is_python(function)) return std::nullopt;
    auto requirements = packing::requirements_of(steps.packages_of_folder ? source.folder : fs::path(), steps.packages,
                                                 function.runtime)
                            .value();
    if (requirements && !requirements->warning.empty())
        phase("warning", fmt::format("{}: {}", requirements->source, requirements->warning), Clock::now());
    if (requirements && requirements->key.empty()) requirements.reset();
    return requirements;
}

/// Returns whether the code of a Python function has the handler, or a layer may have it. True for programs, whose
/// handlers are listed before.
bool Deploy_Lambda::Impl::has_handler(const std::string& handler) {
    if (!is_python(function) || !function.image_uri.empty()) return true;
    fill();
    if (!function.layers.empty() && !packing::has_handler_file(package, handler)) return true;
    const fs::path interpreter = interpreter_of(function.runtime, function.session().is_local());
    const auto warning = packing::check_python_handler(package, {.handler = handler, .interpreter = interpreter});
    return warning && warning->empty();
}

/// Keeps the handler of a Python function while its code has it; otherwise the detected one is used. The detected
/// handler of a program is its only one.
void Deploy_Lambda::Impl::keep_handler(const std::string& handler) {
    if (!is_python(function) || handler == function.handler) return;
    if (has_handler(handler)) function.handler = handler;
}

/// Replaces the folder's node_modules, which may have packages for development, by those of its lock file.
void Deploy_Lambda::Impl::add_node_packages() {
    const auto start = Clock::now();
    if (!steps.packages_of_folder || !function.runtime.starts_with("nodejs")) return;
    if (source.folder.empty() || !packing::has_node_lock(source.folder)) return;
    const auto installed =
        packing::install_node_packages(source.folder, {function.runtime, function.architecture}).value();
    package.remove_folder("node_modules");
    package.add_folder(installed.folder, "", {.defaults = false}).value();
    report_packages("npm ci", installed, "in the zip", start);
}

void Deploy_Lambda::Impl::report_packages(std::string_view from, const packing::Installed_Packages& installed,
                                          std::string_view place, Clock::time_point start) const {
    phase("packages",
          fmt::format("{}: {}, {}, {}{}", from, base::counted(installed.count, "package"), size_text(installed.bytes),
                      place, installed.cached ? "; cached" : ""),
          start);
}

void Deploy_Lambda::Impl::add_packages() {
    const auto start = Clock::now();
    add_node_packages();
    const auto requirements = find_requirements();
    // The handler itself may be part of a package. Otherwise errors are reported before a slow installation.
    const bool own_handler = !requirements || packing::has_handler_file(package, function.handler);
    if (own_handler) check_code(package);
    if (!requirements) return;
    const auto installed = packing::install_cached(*requirements, {function.runtime, function.architecture}).value();
    packing::Package contents;
    contents.add_folder(installed.folder, "", {.defaults = false}).value();
    packing::Package all = package;
    all.add_missing(contents);
    if (!own_handler) check_code(all);
    std::string place = "in the zip";
    if (!steps.packages_in_zip && installed.bytes > packages_in_zip_bytes_max)
        place = add_packages_layer(installed.folder, *requirements);
    else
        package = std::move(all);
    report_packages(requirements->source, installed, place, start);
}

/// Publishes the packages as a layer, unless its latest version already has them. Returns the layer's name and version.
std::string Deploy_Lambda::Impl::add_packages_layer(const fs::path& folder, const packing::Requirements& requirements) {
    const std::string description =
        fmt::format("{} {} for {} {}", requirements.source, base::sha256_hex(requirements.key), function.runtime,
                    function.architecture);
    Lambda_Layer layer("layer_for__" + function.name, {.runtimes = {function.runtime},
                                                       .architecture = function.architecture,
                                                       .description = description,
                                                       .session = function.session()});
    Json version = layer.latest();
    if (version.value("Description", "") != description) {
        packing::Package packages;
        packages.add_folder(folder, "python", {.defaults = false}).value();
        version = layer.create_from_zip_bytes(packages.zip().value().bytes);
    }
    const std::string arn = version.at("LayerVersionArn").get<std::string>();
    // The function may have an older version of the layer.
    const std::string layer_arn = arn.substr(0, arn.rfind(':') + 1);
    std::erase_if(function.layers, [&](const std::string& other) { return other.starts_with(layer_arn); });
    function.add_layer(arn);
    return fmt::format("layer {}", arn.substr(arn.rfind(':', arn.rfind(':') - 1) + 1));
}

}  // namespace osbot_aws
