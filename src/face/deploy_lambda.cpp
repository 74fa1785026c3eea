#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>

#include <osbot_aws/aws/iam/IAM_Role.hpp>
#include <osbot_aws/aws/s3/S3.hpp>
#include <osbot_aws/deploy/Deploy_Lambda.hpp>

#include "base/files.hpp"
#include "base/zip_reader.hpp"
#include "face/session_impl.hpp"
#include "packing/handlers.hpp"
#include "packing/package.hpp"

namespace osbot_aws {
namespace fs = std::filesystem;

namespace {

using Clock = std::chrono::steady_clock;

const std::string role_name = "temp_role_for_lambda_invocation";
constexpr std::size_t direct_zip_bytes_max =
    50'000'000;  // https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
constexpr std::size_t name_max = 64;

std::string function_name(std::string base, const std::string& stage) {
    for (char& c : base) {
        if (c == '.') c = '_';
    }
    if (!stage.empty()) base += "__" + stage;
    if (base.size() > name_max)
        throw Aws_Exception(
            {"InvalidName",
             fmt::format("the function's name '{}' has {} characters; Lambda allows {}", base, base.size(), name_max),
             0});
    return base;
}

bool same(const Json& there, const char* member, const Json& wanted) { return there.value(member, Json()) == wanted; }

/// Whether the configuration on the service is what would be sent.
bool same_configuration(const Json& there, const Lambda& f) {
    const Json variables =
        there.contains("Environment") ? there["Environment"].value("Variables", Json::object()) : Json::object();
    std::vector<std::string> layers;
    for (const Json& layer : there.value("Layers", Json::array())) layers.push_back(layer.at("Arn").get<std::string>());
    const std::string handler = f.handler.empty() ? f.name + ".run" : f.handler;
    return same(there, "Runtime", f.runtime) && same(there, "Handler", handler) &&
           same(there, "MemorySize", f.memory) && same(there, "Timeout", f.timeout) && same(there, "Role", f.role) &&
           variables == Json(f.env_variables) && layers == f.layers &&
           there.value("EphemeralStorage", Json{{"Size", 512}}).value("Size", 512) == f.ephemeral_storage &&
           there.value("TracingConfig", Json{{"Mode", "PassThrough"}}).value("Mode", "PassThrough") == f.trace_mode;
}

std::string in_mb(std::size_t bytes) { return fmt::format("{:.2f} MB", static_cast<double>(bytes) / 1e6); }

}  // namespace

struct Deploy_Lambda::Impl {
    Impl(std::string name, const Session& session) : function(std::move(name), session) {}

    void phase(std::string name, std::string detail, Clock::time_point began) {
        if (!progress) return;
        progress({std::move(name), std::move(detail),
                  std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - began)});
    }

    packing::Package::Zip packed();
    void take_role(const Json& there);
    void upload_if_large(packing::Package::Zip& zip);
    void create(packing::Package::Zip zip);
    void update(const Json& there, packing::Package::Zip zip);
    void check(const Status& status) {
        if (!status.ok())
            throw Aws_Exception({"DeployFailed", status.error.empty() ? status.message : status.error, 0});
    }
    void wait_until_active();

    Lambda function;
    packing::Package package;
    std::function<void(const Deploy_Phase&)> progress;
    std::string last_error;
    bool unchanged = false;

    // How the package is made, done by the first deploy() or files(): packing takes time that a constructor should not.
    std::function<void(packing::Package&)> fill;
};

// ---- what is deployed ----

namespace {

/// `module.function` of a file, with what the caller said of it.
std::string python_handler(const fs::path& file, const std::string& wanted) {
    if (wanted.find('.') != std::string::npos) return wanted;
    const std::string function =
        wanted.empty() ? packing::find_python_handler(base::read_file(file).value()).value() : wanted;
    return file.stem().string() + "." + function;
}

void fill_from_zip(packing::Package& package, const fs::path& file) {
    const std::string bytes = base::read_file(file).value();
    const base::Zip_Reader reader = base::Zip_Reader::open_bytes(bytes, packing::unpacked_bytes_max).value();
    for (const auto& entry : reader.entries()) {
        if (entry.folder) continue;
        package.add({.path = entry.path,
                     .file = {},
                     .bytes = reader.read(entry).value(),
                     .executable = entry.executable,
                     .symlink = entry.symlink});
    }
}

std::string program_handler(const fs::path& program, const std::string& wanted) {
    const std::vector<std::string> names = packing::list_program_handlers(program).value();
    if (!wanted.empty()) {
        if (std::find(names.begin(), names.end(), wanted) != names.end()) return wanted;
        throw Aws_Exception(
            {"HandlerNotFound",
             fmt::format("{} has no handler '{}'; it has: {}", program.string(), wanted, fmt::join(names, ", ")), 0});
    }
    if (names.size() == 1) return names.front();
    throw Aws_Exception(
        {"HandlerNotFound",
         fmt::format("{} has several handlers, name one with --handler: {}", program.string(), fmt::join(names, ", ")),
         0});
}

/// The only .py file of a folder, or the one with a usual name.
fs::path main_file_of(const fs::path& folder) {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.path().extension() == ".py" && entry.path().filename() != "__init__.py")
            found.push_back(entry.path());
    }
    for (const char* usual : {"lambda_function.py", "handler.py", "app.py", "main.py"}) {
        if (const auto it = std::find(found.begin(), found.end(), folder / usual); it != found.end()) return *it;
    }
    if (found.size() == 1) return found.front();
    throw Aws_Exception(
        {"HandlerNotFound",
         fmt::format("{}: say which function with --handler module.function; the folder has {} Python files",
                     folder.string(), found.size()),
         0});
}

}  // namespace

Deploy_Lambda::Deploy_Lambda(const Handler_Ref& handler, Deploy_Options options) {
    serve_if_lambda();
    impl_ = std::make_unique<Impl>(
        function_name(options.lambda_name.empty() ? handler.name : options.lambda_name, options.stage),
        options.session);
    impl_->function.runtime = options.runtime.empty() ? "provided.al2023" : options.runtime;
    impl_->function.handler = handler.name;
    impl_->fill = [architecture = &impl_->function.architecture](packing::Package& package) {
        packing::add_executable(package, "/proc/self/exe", *architecture).value();
    };
}

Deploy_Lambda::Deploy_Lambda(const fs::path& what, Deploy_Options options) {
    serve_if_lambda();
    if (!fs::exists(what)) throw Aws_Exception({"NotFound", fmt::format("there is no {}", what.string()), 0});
    const fs::path real = fs::canonical(what);
    const std::string stem = fs::is_directory(real) ? real.filename().string() : real.stem().string();
    impl_ = std::make_unique<Impl>(
        function_name(options.lambda_name.empty() ? stem : options.lambda_name, options.stage), options.session);
    Lambda& f = impl_->function;
    const auto runtime = [&](const char* usual) { f.runtime = options.runtime.empty() ? usual : options.runtime; };

    if (real.extension() == ".py") {
        runtime("python3.11");
        f.handler = python_handler(real, options.handler);
        impl_->fill = [real](packing::Package& package) { package.add_file(real).value(); };
    } else if (real.extension() == ".zip" || fs::is_directory(real)) {
        const bool folder = fs::is_directory(real);
        packing::Package inside;
        if (folder)
            inside.add_folder(real).value();
        else
            fill_from_zip(inside, real);
        const bool bootstrap = std::any_of(inside.entries().begin(), inside.entries().end(),
                                           [](const auto& e) { return e.path == "bootstrap"; });
        runtime(bootstrap ? "provided.al2023" : "python3.11");
        if (!options.handler.empty())
            f.handler = options.handler;
        else if (bootstrap)
            f.handler = "bootstrap";
        else if (folder)
            f.handler = python_handler(main_file_of(real), "");
        else
            throw Aws_Exception({"HandlerNotFound",
                                 fmt::format("{}: say which function with --handler module.function", real.string()),
                                 0});
        impl_->fill = [real, folder](packing::Package& package) {
            folder ? package.add_folder(real).value() : fill_from_zip(package, real);
        };
    } else {
        runtime("provided.al2023");
        f.handler = program_handler(real, options.handler);
        if (options.lambda_name.empty()) f.name = function_name(f.handler, options.stage);
        impl_->fill = [real, architecture = &f.architecture](packing::Package& package) {
            packing::add_executable(package, real, *architecture).value();
        };
    }
}

Deploy_Lambda::~Deploy_Lambda() = default;
Deploy_Lambda::Deploy_Lambda(Deploy_Lambda&&) noexcept = default;
Deploy_Lambda& Deploy_Lambda::operator=(Deploy_Lambda&&) noexcept = default;

// ---- settings ----

Deploy_Lambda& Deploy_Lambda::add_file(const fs::path& file, std::string_view folder) {
    return impl_->package.add_file(file, folder).value(), *this;
}
Deploy_Lambda& Deploy_Lambda::add_folder(const fs::path& folder, const std::vector<std::string>& ignore) {
    return impl_->package.add_folder(folder, fs::canonical(folder).filename().string(), ignore).value(), *this;
}
Deploy_Lambda& Deploy_Lambda::add_layer(std::string arn) { return impl_->function.add_layer(std::move(arn)), *this; }
Deploy_Lambda& Deploy_Lambda::add_layers(const std::vector<std::string>& arns) {
    return impl_->function.add_layers(arns), *this;
}
Deploy_Lambda& Deploy_Lambda::set_env_variable(std::string key, std::string value) {
    return impl_->function.set_env_variable(std::move(key), std::move(value)), *this;
}
Deploy_Lambda& Deploy_Lambda::set_env_variables(const std::map<std::string, std::string>& variables) {
    for (const auto& [key, value] : variables) set_env_variable(key, value);
    return *this;
}
Deploy_Lambda& Deploy_Lambda::set_memory(int mb) { return impl_->function.memory = mb, *this; }
Deploy_Lambda& Deploy_Lambda::set_timeout(int seconds) { return impl_->function.timeout = seconds, *this; }
Deploy_Lambda& Deploy_Lambda::on_progress(std::function<void(const Deploy_Phase&)> callback) {
    return impl_->progress = std::move(callback), *this;
}
Deploy_Lambda& Deploy_Lambda::print_progress() {
    return on_progress([](const Deploy_Phase& phase) {
        std::fputs(fmt::format("{:<14} {:<60} {:>8.1f} ms\n", phase.name, phase.detail,
                               static_cast<double>(phase.took.count()) / 1000)
                       .c_str(),
                   stderr);
    });
}

// ---- deploy ----

bool Deploy_Lambda::deploy() try {
    Impl& self = *impl_;
    self.last_error.clear();
    self.unchanged = false;
    auto began = Clock::now();
    const std::string target = self.function.session().target();
    self.phase("target", target, began);

    began = Clock::now();
    packing::Package::Zip zip = self.packed();
    self.phase("packed", fmt::format("{} files, {}", self.package.entries().size(), in_mb(zip.bytes.size())), began);

    auto there = client_of(self.function.session())
                     .json("lambda", "GET",
                           "/2015-03-31/functions/" + wire::percent_encode(self.function.name) + "/configuration");
    if (there)
        self.update(*there, std::move(zip));
    else if (there.error().code == "ResourceNotFoundException")
        self.create(std::move(zip));
    else
        throw Aws_Exception(there.error());
    return true;
} catch (const std::exception& failed) {
    impl_->last_error = failed.what();
    return false;
}

packing::Package::Zip Deploy_Lambda::Impl::packed() {
    if (fill) std::exchange(fill, nullptr)(package);
    return package.zip().value();
}

void Deploy_Lambda::Impl::take_role(const Json& there) {
    if (!function.role.empty()) return;
    if (there.contains("Role")) {  // whichever it was given is kept
        function.role = there.at("Role").get<std::string>();
        return;
    }
    const auto began = Clock::now();
    IAM_Role role(role_name, function.session());
    const Status made = role.create_for_lambda();
    if (made.status == "error") throw Aws_Exception({"DeployFailed", made.error, 0});
    function.role = made.ok() ? made.data.at("Arn").get<std::string>() : role.arn();
    phase("role", role_name + (made.ok() ? " (made)" : ""), began);
}

void Deploy_Lambda::Impl::upload_if_large(packing::Package::Zip& zip) {
    if (zip.bytes.size() <= direct_zip_bytes_max && function.s3_bucket.empty()) {
        function.zip_bytes = std::move(zip.bytes);
        return;
    }
    const auto began = Clock::now();
    if (function.s3_bucket.empty())
        function.s3_bucket =
            fmt::format("{}--osbot-lambdas--{}", function.session().impl().account_id(), function.session().region());
    if (function.s3_key.empty()) function.s3_key = fmt::format("lambdas/{}.zip", function.name);
    S3 s3(function.session());
    s3.bucket_create(function.s3_bucket);
    s3.file_upload_from_bytes(zip.bytes, function.s3_bucket, function.s3_key, "application/zip");
    phase("uploaded", fmt::format("s3://{}/{}", function.s3_bucket, function.s3_key), began);
}

void Deploy_Lambda::Impl::create(packing::Package::Zip zip) {
    take_role(Json::object());
    const std::size_t size = zip.bytes.size();
    upload_if_large(zip);
    auto began = Clock::now();
    const Status created = function.create();
    check(created);
    if (!function.zip_bytes.empty()) phase("uploaded", fmt::format("{} with the request", in_mb(size)), began);
    phase("created", function.name, began);
    function.zip_bytes.clear();
    wait_until_active();
}

void Deploy_Lambda::Impl::update(const Json& there, packing::Package::Zip zip) {
    take_role(there);
    const bool code_changed = there.value("CodeSha256", "") != zip.sha256_base64;
    const bool configuration_changed = !same_configuration(there, function);
    if (!code_changed && !configuration_changed && there.value("State", "Active") == "Active") {
        unchanged = true;
        phase("unchanged", "code and configuration are there already: nothing is sent", Clock::now());
        return;
    }
    if (code_changed) {
        const std::size_t size = zip.bytes.size();
        upload_if_large(zip);
        const auto began = Clock::now();
        function.update_lambda_code();
        function.zip_bytes.clear();
        phase("code", fmt::format("{} sent", in_mb(size)), began);
    }
    if (configuration_changed) {
        const auto began = Clock::now();
        function.update_lambda_configuration();
        phase("configuration", code_changed ? "sent" : "sent; the code is unchanged", began);
    }
    wait_until_active();
}

void Deploy_Lambda::Impl::wait_until_active() {
    const auto began = Clock::now();
    const Status active = function.wait_for_state_active();
    check(active);
    if (active.data.value("LastUpdateStatus", "Successful") == "InProgress") {
        const std::string status = function.wait_for_function_update_to_complete();
        if (status == "Failed")
            throw Aws_Exception(
                {"DeployFailed", function.configuration().value("LastUpdateStatusReason", "the update failed"), 0});
    }
    phase("active", function.name, began);
}

const std::string& Deploy_Lambda::last_error() const { return impl_->last_error; }
bool Deploy_Lambda::unchanged() const { return impl_->unchanged; }
Json Deploy_Lambda::invoke(const Json& payload) { return impl_->function.invoke(payload); }
Json Deploy_Lambda::invoke_async(const Json& payload) { return impl_->function.invoke_async(payload); }
Invoke_Logs Deploy_Lambda::invoke_return_logs(const Json& payload) {
    return impl_->function.invoke_return_logs(payload);
}
bool Deploy_Lambda::exists() const { return impl_->function.exists(); }
Json Deploy_Lambda::info() const { return impl_->function.info(); }
bool Deploy_Lambda::delete_() { return impl_->function.delete_(); }
std::string Deploy_Lambda::function_url() const { return impl_->function.function_url(); }
const std::string& Deploy_Lambda::name() const { return impl_->function.name; }
Lambda& Deploy_Lambda::lambda_function() { return impl_->function; }

std::vector<std::string> Deploy_Lambda::files() {
    if (impl_->fill) std::exchange(impl_->fill, nullptr)(impl_->package);
    std::vector<std::string> paths;
    for (const auto& entry : impl_->package.entries()) paths.push_back("/" + entry.path);
    return paths;
}

}  // namespace osbot_aws
