// The steps of one deployment: pack, compare with the existing function, create or update it, wait.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include <osbot_aws/aws/iam/IAM_Role.hpp>

#include "base/counted.hpp"
#include "base/json.hpp"
#include "base/local_error.hpp"
#include "sdk/deploy_impl.hpp"
#include "sdk/deployed_code.hpp"
#include "sdk/lambda_calls.hpp"
#include "sdk/user_support.hpp"

namespace osbot_aws {
namespace {

constexpr const char* temp_role_name = "temp_role_for_lambda_invocation";
constexpr std::size_t direct_zip_bytes_max =
    50'000'000;  // https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
constexpr std::size_t name_max = 64;

std::string function_name(std::string base, const std::string& stage) {
    std::replace(base.begin(), base.end(), '.', '_');
    if (!stage.empty()) base += "__" + stage;
    if (base.size() > name_max)
        throw Aws_Exception(local_error("InvalidName", "the function's name '{}' has {} characters; Lambda allows {}",
                                        base, base.size(), name_max));
    return base;
}

/// Describes the changed variables without their values, which are often secrets.
std::vector<std::string> variable_changes(const Json& before, const Json& after) {
    std::vector<std::string> changes;
    for (const auto& [name, value] : after.items()) {
        if (!before.contains(name)) changes.push_back(name + " added");
        if (before.contains(name) && before.at(name) != value) changes.push_back(name + " changed");
    }
    for (const auto& [name, value] : before.items()) {
        if (!after.contains(name)) changes.push_back(name + " removed");
    }
    return changes;
}

/// Describes in words how the new configuration differs from the existing one; empty if they are equal.
std::vector<std::string> configuration_changes(const Json& existing, const Lambda& f) {
    const Json members = configuration_members(f);
    std::vector<std::string> changes;
    for (const auto& [member, value] : members.items()) {
        if (member == "Environment") continue;
        const Json before = member == "Layers" ? Json(layer_arns(existing)) : existing.value(member, Json());
        if (before != value)
            changes.push_back(fmt::format("{} {} to {}", member, base::dump_json(before), base::dump_json(value)));
    }
    const Json environment = existing.value("Environment", Json::object());
    for (auto& change :
         variable_changes(environment.value("Variables", Json::object()), members.at("Environment").at("Variables")))
        changes.push_back(std::move(change));
    return changes;
}

bool same_code(const Json& existing, const Lambda& f, const packing::Package::Zip& zip) {
    // The tag of an image may point to another image now; only the service knows.
    return f.image_uri.empty() && existing.value("CodeSha256", "") == zip.sha256_base64 &&
           existing.value("Architectures", Json{"x86_64"}) == Json{f.architecture};
}

/// Describes why a function is not active yet. A local engine is slow only while it installs packages.
std::optional<std::string> slow_reason(const Lambda& f, const Json& configuration) {
    if (!f.session().is_local()) return not_ready_reason(configuration);
    const auto runtime = runtime_without_support(configuration.value("Runtime", ""));
    if (!runtime) return std::nullopt;
    return fmt::format("the engine installs the packages of AWS's runtime for {}", *runtime);
}

/// "; 5 left out: .env, .git, ..."
std::string left_out_text(const std::vector<std::string>& paths) {
    constexpr std::size_t named_max = 2;
    if (paths.empty()) return "";
    const std::vector<std::string> named(paths.begin(), paths.begin() + std::min(paths.size(), named_max));
    return fmt::format("; {} left out: {}{}", paths.size(), fmt::join(named, ", "),
                       paths.size() > named_max ? ", ..." : "");
}

}  // namespace

std::vector<std::string> layer_arns(const Json& existing) {
    std::vector<std::string> arns;
    for (const Json& layer : existing.value("Layers", Json::array()))
        arns.push_back(layer.at("Arn").get<std::string>());
    return arns;
}

std::string size_text(std::uint64_t bytes) {
    if (bytes < 10'000) return fmt::format("{} B", bytes);
    return fmt::format("{:.2f} MB", static_cast<double>(bytes) / 1e6);
}

Deploy_Lambda::Impl::Impl(Deploy_Source deploy_source, const Deploy_Options& options)
    : function(function_name(options.lambda_name.empty() ? deploy_source.name : options.lambda_name, options.stage),
               options.session),
      source(std::move(deploy_source)) {
    function.runtime = options.runtime.empty() ? source.runtime : options.runtime;
    function.handler = source.handler;
    function.architecture = options.architecture;
    function.s3_bucket = configured_code_bucket();
}

void Deploy_Lambda::Impl::phase(std::string name, std::string detail, Clock::time_point start) const {
    if (!progress) return;
    progress({std::move(name), std::move(detail),
              std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start)});
}

Json Deploy_Lambda::Impl::deploy() {
    const auto start = Clock::now();
    const std::string target = function.session().target();
    phase("target", target, start);
    std::optional<Result<Json>> existing;
    if (named) {  // the code may depend on settings of the function, such as its runtime
        existing = find_existing();
        if (*existing) keep_settings(**existing);
    }
    packing::Package::Zip zip;
    if (function.image_uri.empty()) {
        prepare_package();
        zip = pack();
    }
    if (!existing) existing = find_existing();
    if (*existing) return update(**existing, std::move(zip));
    if (!not_found(existing->error())) throw Aws_Exception(existing->error());
    return create(std::move(zip));
}

Result<Json> Deploy_Lambda::Impl::find_existing() const {
    return call_function(function.session(), "GET", function.name, "/configuration");
}

void Deploy_Lambda::Impl::prepare_package() {
    fill();
    if (package.empty())
        throw Aws_Exception(local_error("NoCode",
                                        "no code to deploy: '{}' is not a file; pass a handler, a file or a folder, "
                                        "or call set_container_image()",
                                        source.name));
    add_packages();
}

packing::Package::Zip Deploy_Lambda::Impl::pack() {
    const auto start = Clock::now();
    const bool reuse_compressed = packed_before != nullptr && function.session().is_local();
    auto zip = (reuse_compressed ? package.quick_zip(*packed_before) : package.zip()).value();
    phase("packed",
          fmt::format("{}, {}{}", base::counted(package.entries().size(), "file"), size_text(zip.bytes.size()),
                      left_out_text(package.left_out())),
          start);
    return zip;
}

void Deploy_Lambda::Impl::resolve_role(const Json& existing) {
    if (!function.role.empty()) return;
    if (existing.contains("Role")) {  // an existing function keeps its role
        function.role = existing.at("Role").get<std::string>();
        return;
    }
    const auto start = Clock::now();
    IAM_Role role(temp_role_name, function.session());
    const Role_Status created = role.create_for_lambda();
    if (created.status == "error") throw Aws_Exception({"RoleFailed", created.error, 0});
    // The policy is missing if an earlier deployment was interrupted, or if it was removed.
    if (!created.ok() && !role.allows_logs()) role.allow_logs();
    function.role = created.role_arn;
    phase("role", std::string(temp_role_name) + (created.ok() ? " (created)" : ""), start);
}

/// Small packages are sent with the request and need no bucket.
void Deploy_Lambda::Impl::prepare_code(packing::Package::Zip& zip) {
    if (!function.image_uri.empty()) return;
    if (zip.bytes.size() <= direct_zip_bytes_max && function.s3_bucket.empty()) {
        function.zip_bytes = std::move(zip.bytes);
        return;
    }
    const auto start = Clock::now();
    const Code_Object object = code_object_of(function);
    upload_code(function, object, zip.bytes);
    function.s3_bucket = object.bucket;
    function.s3_key = object.key;
    phase("uploaded", object.url(), start);
}

Json Deploy_Lambda::Impl::create(packing::Package::Zip zip) {
    resolve_role(Json::object());
    const packing::Package::Zip digest{.bytes = {}, .sha256_base64 = zip.sha256_base64};
    prepare_code(zip);
    const auto start = Clock::now();
    const Status created = function.create();
    created.value();  // throws the same error as a rejected update
    if (!function.zip_bytes.empty())
        phase("uploaded", fmt::format("{} with the request", size_text(function.zip_bytes.size())), start);
    if (created.status == "warning") {  // created by someone else, or by our request whose response was lost
        zip = digest;
        zip.bytes = std::exchange(function.zip_bytes, "");
        return update(function.configuration(), std::move(zip));
    }
    function.zip_bytes.clear();
    phase("created", function.name, start);
    return wait_until_ready(created.data);
}

Json Deploy_Lambda::Impl::update(const Json& existing, packing::Package::Zip zip) {
    resolve_role(existing);
    const bool code_changed = !same_code(existing, function, zip);
    const auto changes = configuration_changes(existing, function);
    if (!code_changed && changes.empty() && existing.value("State", "Active") == "Active") {
        unchanged = true;
        phase("unchanged", "code and configuration are up to date: nothing is sent", Clock::now());
        return existing;
    }
    Json now = existing;
    if (code_changed) {
        const std::size_t size = zip.bytes.size();
        prepare_code(zip);
        const auto start = Clock::now();
        now = function.update_lambda_code();
        function.zip_bytes.clear();
        phase("code", function.image_uri.empty() ? size_text(size) + " sent" : function.image_uri, start);
    }
    if (!changes.empty()) {
        if (code_changed) now = wait_until_complete(std::move(now));
        const auto start = Clock::now();
        now = function.update_lambda_configuration();
        phase("configuration",
              fmt::format("{}{}", fmt::join(changes, ", "), code_changed ? "" : "; the code is unchanged"), start);
    }
    return wait_until_ready(now);
}

/// Waits until creation or update is complete. Reports the reason if that takes long.
Json Deploy_Lambda::Impl::wait_until_complete(Json configuration) const {
    return wait_until_settled(function, std::move(configuration), [this](const Json& now) {
        if (const auto reason = slow_reason(function, now)) phase("waiting", *reason, Clock::now());
    });
}

/// Waits until the function can be invoked and returns its configuration.
Json Deploy_Lambda::Impl::wait_until_ready(const Json& configuration) {
    const auto start = Clock::now();
    Json now = wait_until_complete(configuration);
    if (const auto reason = not_ready_reason(now)) throw Aws_Exception({"DeployFailed", *reason, 0});
    phase("active", function.name, start);
    return now;
}

}  // namespace osbot_aws
