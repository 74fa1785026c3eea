// One deploy: pack, look, make or change what differs, wait.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>

#include <osbot_aws/aws/iam/IAM_Role.hpp>
#include <osbot_aws/aws/s3/S3.hpp>

#include "base/json.hpp"
#include "sdk/deploy_impl.hpp"
#include "sdk/lambda_calls.hpp"

namespace osbot_aws {
namespace {

constexpr const char* role_name = "temp_role_for_lambda_invocation";
constexpr std::size_t direct_zip_bytes_max =
    50'000'000;  // https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
constexpr std::size_t name_max = 64;

std::string variable(const char* name, const char* otherwise = "") {
    const char* value = std::getenv(name);
    return value != nullptr && *value != '\0' ? value : otherwise;
}

std::string function_name(std::string base, const std::string& stage) {
    std::replace(base.begin(), base.end(), '.', '_');
    if (!stage.empty()) base += "__" + stage;
    if (base.size() > name_max)
        throw Aws_Exception(
            {"InvalidName",
             fmt::format("the function's name '{}' has {} characters; Lambda allows {}", base, base.size(), name_max),
             0});
    return base;
}

std::vector<std::string> layer_arns(const Json& there) {
    std::vector<std::string> arns;
    for (const Json& layer : there.value("Layers", Json::array())) arns.push_back(layer.at("Arn").get<std::string>());
    return arns;
}

/// Which variables will be others, without their values: those are often secrets.
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

/// What sending the configuration will change of the one on the service, in words; empty: nothing.
std::vector<std::string> configuration_changes(const Json& there, const Lambda& f) {
    const Json wanted = configuration_members(f);
    std::vector<std::string> changes;
    for (const auto& [member, value] : wanted.items()) {
        if (member == "Environment") continue;
        const Json before = member == "Layers" ? Json(layer_arns(there)) : there.value(member, Json());
        if (before != value)
            changes.push_back(fmt::format("{} {} to {}", member, base::dump_json(before), base::dump_json(value)));
    }
    const Json environment = there.value("Environment", Json::object());
    for (auto& change :
         variable_changes(environment.value("Variables", Json::object()), wanted.at("Environment").at("Variables")))
        changes.push_back(std::move(change));
    return changes;
}

bool same_code(const Json& there, const Lambda& f, const packing::Package::Zip& zip) {
    // An image's tag may have been moved: only the service knows what it means now.
    return f.image_uri.empty() && there.value("CodeSha256", "") == zip.sha256_base64 &&
           there.value("Architectures", Json{"x86_64"}) == Json{f.architecture};
}

std::string in_mb(std::size_t bytes) { return fmt::format("{:.2f} MB", static_cast<double>(bytes) / 1e6); }

}  // namespace

Deploy_Lambda::Impl::Impl(Deploy_Source from, const Deploy_Options& options)
    : function(function_name(options.lambda_name.empty() ? from.name : options.lambda_name, options.stage),
               options.session),
      source(std::move(from)),
      packed_before(options.packed_before) {
    function.runtime = options.runtime.empty() ? source.runtime : options.runtime;
    function.handler = source.handler;
    function.architecture = options.architecture;
    function.s3_bucket = variable("OSBOT_LAMBDA_S3_BUCKET");
}

void Deploy_Lambda::Impl::phase(std::string name, std::string detail, Clock::time_point began) const {
    if (!progress) return;
    progress({std::move(name), std::move(detail),
              std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - began)});
}

Json Deploy_Lambda::Impl::deploy() {
    const auto began = Clock::now();
    const std::string target = function.session().target();
    phase("target", target, began);
    packing::Package::Zip zip = packed();
    auto there =
        client_of(function.session()).json("lambda", "GET", path_of(functions_path, function.name, "/configuration"));
    if (there) return update(*there, std::move(zip));
    if (!not_found(there.error())) throw Aws_Exception(there.error());
    return create(std::move(zip));
}

packing::Package::Zip Deploy_Lambda::Impl::packed() {
    if (!function.image_uri.empty()) return {};
    const auto began = Clock::now();
    fill();
    if (package.empty())
        throw Aws_Exception({"NoCode",
                             fmt::format("there is no code to deploy: '{}' is no file here; point at a handler, a file "
                                         "or a folder, or call set_container_image()",
                                         source.name),
                             0});
    const bool quick = packed_before != nullptr && function.session().is_local();
    auto zip = (quick ? package.quick_zip(*packed_before) : package.zip()).value();
    phase("packed",
          fmt::format("{} file{}, {}", package.entries().size(), package.entries().size() == 1 ? "" : "s",
                      in_mb(zip.bytes.size())),
          began);
    return zip;
}

void Deploy_Lambda::Impl::take_role(const Json& there) {
    if (!function.role.empty()) return;
    if (there.contains("Role")) {  // whichever it was given is kept
        function.role = there.at("Role").get<std::string>();
        return;
    }
    const auto began = Clock::now();
    IAM_Role role(role_name, function.session());
    const Role_Status made = role.create_for_lambda();
    if (made.status == "error") throw Aws_Exception({"RoleFailed", made.error, 0});
    // A deploy was interrupted before it, or somebody took it away.
    if (!made.ok() && !role.allows_logs()) role.allow_logs();
    function.role = made.role_arn;
    phase("role", std::string(role_name) + (made.ok() ? " (made)" : ""), began);
}

/// Small packages go with the request, with no bucket at all.
void Deploy_Lambda::Impl::take_code(packing::Package::Zip& zip) {
    if (!function.image_uri.empty()) return;
    if (zip.bytes.size() <= direct_zip_bytes_max && function.s3_bucket.empty()) {
        function.zip_bytes = std::move(zip.bytes);
        return;
    }
    const auto began = Clock::now();
    if (function.s3_bucket.empty())
        function.s3_bucket =
            fmt::format("{}--osbot-lambdas--{}", function.session().impl().account_id(), function.session().region());
    if (function.s3_key.empty())
        function.s3_key =
            fmt::format("{}/{}.zip", variable("OSBOT_LAMBDA_S3_FOLDER_LAMBDAS", "lambdas"), function.name);
    S3 s3(function.session());
    s3.bucket_create(function.s3_bucket);
    s3.file_upload_from_bytes(zip.bytes, function.s3_bucket, function.s3_key, "application/zip");
    phase("uploaded", fmt::format("s3://{}/{}", function.s3_bucket, function.s3_key), began);
}

Json Deploy_Lambda::Impl::create(packing::Package::Zip zip) {
    take_role(Json::object());
    const packing::Package::Zip digest{.bytes = {}, .sha256_base64 = zip.sha256_base64};
    take_code(zip);
    const auto began = Clock::now();
    const Status created = function.create();
    if (created.status == "error")  // "CODE: message", as an update that AWS refuses
        throw Aws_Exception({created.error.substr(0, created.error.find(": ")), created.message, 0});
    if (!function.zip_bytes.empty())
        phase("uploaded", fmt::format("{} with the request", in_mb(function.zip_bytes.size())), began);
    if (created.status == "warning") {  // by another, or by a request of ours whose answer was lost
        zip = digest;
        zip.bytes = std::exchange(function.zip_bytes, "");
        return update(function.configuration(), std::move(zip));
    }
    function.zip_bytes.clear();
    phase("created", function.name, began);
    return settled(created.data);
}

Json Deploy_Lambda::Impl::update(const Json& there, packing::Package::Zip zip) {
    take_role(there);
    const bool code_changed = !same_code(there, function, zip);
    const auto changes = configuration_changes(there, function);
    if (!code_changed && changes.empty() && there.value("State", "Active") == "Active") {
        unchanged = true;
        phase("unchanged", "code and configuration are there already: nothing is sent", Clock::now());
        return there;
    }
    Json now = there;
    if (code_changed) {
        const std::size_t size = zip.bytes.size();
        take_code(zip);
        const auto began = Clock::now();
        now = function.update_lambda_code();
        function.zip_bytes.clear();
        phase("code", function.image_uri.empty() ? in_mb(size) + " sent" : function.image_uri, began);
    }
    if (!changes.empty()) {
        if (code_changed) now = wait_until_settled(function, std::move(now));
        const auto began = Clock::now();
        now = function.update_lambda_configuration();
        phase("configuration",
              fmt::format("{}{}", fmt::join(changes, ", "), code_changed ? "" : "; the code is unchanged"), began);
    }
    return settled(now);
}

/// Once the function can be invoked.
Json Deploy_Lambda::Impl::settled(const Json& seen) {
    const auto began = Clock::now();
    Json now = wait_until_settled(function, seen);
    if (const auto why = why_not_ready(now)) throw Aws_Exception({"DeployFailed", *why, 0});
    phase("active", function.name, began);
    return now;
}

}  // namespace osbot_aws
