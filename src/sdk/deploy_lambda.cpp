#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>

#include "base/encoding.hpp"
#include "base/hash.hpp"
#include "packing/python_modules.hpp"
#include "sdk/deploy_impl.hpp"
#include "sdk/deployed_code.hpp"
#include "sdk/lambda_calls.hpp"

namespace osbot_aws {
namespace fs = std::filesystem;

namespace {

constexpr std::size_t description_max = 256;

/// Returns the layer's description: its packages and target, or a digest if that is too long.
std::string layer_description(std::vector<std::string> packages, const Lambda& f) {
    std::sort(packages.begin(), packages.end());
    const std::string all = fmt::format("{} for {} {}", fmt::join(packages, " "), f.runtime, f.architecture);
    return all.size() <= description_max ? all : "packages " + base::base64_encode(base::sha256_raw(all));
}

}  // namespace

Deploy_Lambda::Deploy_Lambda(const Handler_Ref& handler, const Deploy_Options& options) {
    serve_if_lambda();
    impl_ = std::make_unique<Impl>(source_of(handler), options);
}

Deploy_Lambda::Deploy_Lambda(const fs::path& source, const Deploy_Options& options) {
    serve_if_lambda();
    impl_ = std::make_unique<Impl>(source_of(source, options), options);
}

Deploy_Lambda::Deploy_Lambda(const Python_Function& function, const Deploy_Options& options)
    : impl_(std::make_unique<Impl>(source_of(function), options)) {}

Deploy_Lambda::~Deploy_Lambda() = default;
Deploy_Lambda::Deploy_Lambda(Deploy_Lambda&&) noexcept = default;
Deploy_Lambda& Deploy_Lambda::operator=(Deploy_Lambda&&) noexcept = default;

// ---- contents of the package ----

Deploy_Lambda& Deploy_Lambda::add_function_source_code() { return impl_->fill(), *this; }
Deploy_Lambda& Deploy_Lambda::add_module(const std::string& module_name) {
    const Lambda& f = impl_->function;
    packing::add_python_module(impl_->package, module_name, {f.runtime, f.architecture}).value();
    return *this;
}
Deploy_Lambda& Deploy_Lambda::add_module(const Python_Module_Files& files) {
    const Lambda& f = impl_->function;
    packing::add_python_module(impl_->package, files.name, {files.file, files.folders, files.source},
                               {f.runtime, f.architecture})
        .value();
    return *this;
}
Deploy_Lambda& Deploy_Lambda::add_modules(const std::vector<std::string>& module_names) {
    for (const std::string& module : module_names) add_module(module);
    return *this;
}
Deploy_Lambda& Deploy_Lambda::add_osbot_utils() { return add_module("osbot_utils"); }
Deploy_Lambda& Deploy_Lambda::add_osbot_aws() { return add_modules({"osbot_aws", "osbot_utils"}); }
Deploy_Lambda& Deploy_Lambda::add_file(const fs::path& file, std::string_view folder) {
    return impl_->package.add_file(file, folder).value(), *this;
}
Deploy_Lambda& Deploy_Lambda::add_folder(const fs::path& folder, const std::vector<std::string>& ignore,
                                         const std::vector<std::string>& include) {
    const std::string name = fs::weakly_canonical(folder).filename().string();
    return impl_->package.add_folder(folder, name, {.ignore = ignore, .include = include}).value(), *this;
}

// ---- settings ----

Deploy_Lambda& Deploy_Lambda::add_layer(std::string arn) { return impl_->function.add_layer(std::move(arn)), *this; }
Deploy_Lambda& Deploy_Lambda::add_layers(const std::vector<std::string>& arns) {
    return impl_->function.add_layers(arns), *this;
}
Deploy_Lambda& Deploy_Lambda::set_layers(std::vector<std::string> arns) {
    return impl_->function.set_layers(std::move(arns)), *this;
}
Lambda_Layer Deploy_Lambda::set_packages_using_layer(const Packages_Using_Layer& request) {
    Lambda& f = impl_->function;
    const std::string record = layer_description(request.packages, f);
    Lambda_Layer layer(
        "layer_for__" + f.name,
        {.runtimes = {f.runtime}, .architecture = f.architecture, .description = record, .session = f.session()});
    Json version = request.skip_layer_creation_if_exists ? layer.latest() : Json::object();
    if (version.value("Description", "") != record) {
        const Status created = layer.create_from_pip(request.packages);
        if (!created) throw Aws_Exception({"LayerFailed", created.error, 0});
        version = created.data;
    }
    add_layer(version.at("LayerVersionArn").get<std::string>());
    return layer;
}
Deploy_Lambda& Deploy_Lambda::set_container_image(std::string image_uri) {
    return impl_->function.image_uri = std::move(image_uri), *this;
}
bool Deploy_Lambda::uses_container_image() const { return !impl_->function.image_uri.empty(); }
Deploy_Lambda& Deploy_Lambda::set_handler(std::string path) {
    return impl_->function.set_handler(std::move(path)), *this;
}
Deploy_Lambda& Deploy_Lambda::set_env_variable(std::string key, std::string value) {
    return impl_->function.set_env_variable(std::move(key), std::move(value)), *this;
}
Deploy_Lambda& Deploy_Lambda::set_env_variables(const std::map<std::string, std::string>& variables) {
    return impl_->function.set_env_variables(variables), *this;
}
Deploy_Lambda& Deploy_Lambda::set_memory(int mb) { return impl_->function.set_memory(mb), *this; }
Deploy_Lambda& Deploy_Lambda::set_timeout(int seconds) { return impl_->function.set_timeout(seconds), *this; }
Deploy_Lambda& Deploy_Lambda::set_role(std::string arn) { return impl_->function.set_role(std::move(arn)), *this; }
int Deploy_Lambda::memory() const { return impl_->function.memory; }
int Deploy_Lambda::timeout() const { return impl_->function.timeout; }
Deploy_Lambda& Deploy_Lambda::on_progress(std::function<void(const Deploy_Phase&)> callback) {
    return impl_->progress = std::move(callback), *this;
}
Deploy_Lambda& Deploy_Lambda::print_progress() {
    return on_progress([](const Deploy_Phase& phase) {
        if (phase.name == "waiting")
            return void(std::fputs(fmt::format("waiting: {}\n", phase.detail).c_str(), stderr));
        std::fputs(fmt::format("{:<14} {:<60} {:>8.1f} ms\n", phase.name, phase.detail,
                               static_cast<double>(phase.took.count()) / 1000)
                       .c_str(),
                   stderr);
    });
}

// ---- deploy ----

bool Deploy_Lambda::deploy() { return update().ok(); }

Status Deploy_Lambda::update() {
    Status status{.name = name()};
    impl_->last_error.clear();
    impl_->unchanged = false;
    try {
        status.data = impl_->deploy();
        return status;
    } catch (const Aws_Exception& error) {
        status = error_status(name(), error.error());
    } catch (const std::exception& error) { status = error_status(name(), {"DeployFailed", error.what(), 0}); }
    impl_->last_error = status.error;
    return status;
}

// ---- the function ----

const std::string& Deploy_Lambda::last_error() const { return impl_->last_error; }
bool Deploy_Lambda::unchanged() const { return impl_->unchanged; }
Json Deploy_Lambda::invoke(const Json& payload) { return impl_->function.invoke(payload); }
std::future<Json> Deploy_Lambda::invoke_future(Json payload) const {
    return impl_->function.invoke_future(std::move(payload));
}
Json Deploy_Lambda::invoke_async(const Json& payload) { return impl_->function.invoke_async(payload); }
Invoke_Logs Deploy_Lambda::invoke_return_logs(const Json& payload) {
    return impl_->function.invoke_return_logs(payload);
}
bool Deploy_Lambda::exists() const { return impl_->function.exists(); }
Json Deploy_Lambda::info() const { return impl_->function.info(); }
bool Deploy_Lambda::delete_() { return delete_deployed(impl_->function).existed; }
std::string Deploy_Lambda::function_url() const { return impl_->function.function_url(); }
const std::string& Deploy_Lambda::name() const { return impl_->function.name; }
Lambda& Deploy_Lambda::lambda_function() { return impl_->function; }

std::vector<std::string> Deploy_Lambda::files() {
    impl_->fill();
    std::vector<std::string> paths;
    for (const auto& entry : impl_->package.entries()) paths.push_back("/" + entry.path);
    return paths;
}

}  // namespace osbot_aws
