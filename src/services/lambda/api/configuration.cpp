#include "services/lambda/api/configuration.hpp"

#include <fmt/format.h>

#include <map>

#include "base/encoding.hpp"
#include "base/hash.hpp"
#include "base/json_object.hpp"
#include "base/time_text.hpp"

namespace osbot_aws::services {
namespace {

using aws::Fields;
using base::json_object;

/// Settings that the engine stores and returns. It acts on DeadLetterConfig (services/lambda/destinations.hpp),
/// SnapStart (Function::snap_starts()) and TenancyConfig (Function::isolates_tenants()).
constexpr const char* stored_function_members[] = {"VpcConfig",         "DeadLetterConfig", "KMSKeyArn",
                                                   "FileSystemConfigs", "SnapStart",        "TenancyConfig"};

Json stored_settings(const Fields& input) {
    Json settings = Json::object();
    for (const char* name : stored_function_members)
        if (input.has(name)) settings[name] = input.json()[name];
    return settings;
}

/// Returns the response's form of a stored setting; null if the response omits it. `published`: of a numbered version.
Json setting_json(const std::string& name, const Json& setting, bool published) {
    const Fields fields(setting);
    if (name == "VpcConfig")  // the engine has no VPCs
        return {{"SubnetIds", fields.list("SubnetIds")},
                {"SecurityGroupIds", fields.list("SecurityGroupIds")},
                {"VpcId", ""},
                {"Ipv6AllowedForDualStack", fields.flag("Ipv6AllowedForDualStack")}};
    if (name == "SnapStart") {
        const std::string apply_on = fields.text_or("ApplyOn", "None");
        const bool on = published && apply_on == "PublishedVersions";
        return {{"ApplyOn", apply_on}, {"OptimizationStatus", on ? "On" : "Off"}};
    }
    if (name == "DeadLetterConfig" && fields.text_or("TargetArn").empty()) return {};
    return setting.empty() || setting == "" ? Json() : setting;
}

void add_settings(const services::Function& function, Json& configuration) {
    const Json& settings = function.settings;
    const bool published = function.version != "$LATEST";
    for (const char* name : stored_function_members) {
        const auto setting = settings.find(name);
        Json value = setting == settings.end() ? Json() : setting_json(name, *setting, published);
        if (!value.is_null()) configuration[name] = std::move(value);
    }
}

std::optional<services::Image_Overrides> image_config(const Fields& input) {
    if (!input.has("ImageConfig")) return std::nullopt;
    const Fields config(input.object("ImageConfig"));
    return services::Image_Overrides{.entry_point = config.texts("EntryPoint"),
                                     .command = config.texts("Command"),
                                     .working_directory = config.text_or("WorkingDirectory")};
}

Json image_config_json(const services::Image_Overrides& config) {
    Json json = Json::object();
    if (!config.entry_point.empty()) json["EntryPoint"] = config.entry_point;
    if (!config.command.empty()) json["Command"] = config.command;
    if (!config.working_directory.empty()) json["WorkingDirectory"] = config.working_directory;
    return json;
}

std::optional<std::vector<std::string>> texts_if(const Fields& input, std::string_view name) {
    return input.has(name) ? std::optional(input.texts(name)) : std::nullopt;
}

/// Returns the ARN of a runtime's version: of PutRuntimeManagementConfig, or the engine's. AWS's ends with a hash, too;
/// the engine has one version of each runtime.
std::string runtime_version_arn(const services::Function& f) {
    if (!f.runtime_version_arn.empty()) return f.runtime_version_arn;
    static std::map<std::string, std::string> hashes;  // of the runtimes in use; on the loop
    auto& hash = hashes[f.runtime];
    if (hash.empty()) hash = base::sha256_hex(f.runtime);
    return services::Account{"", f.account.region}.arn("lambda", "runtime:" + hash);
}

Json logging_json(const services::Function& f) {
    Json logging = json_object({{"LogFormat", f.log_format}, {"LogGroup", f.log_group}});
    if (f.log_format != "JSON") return logging;
    logging["ApplicationLogLevel"] = f.application_log_level;
    logging["SystemLogLevel"] = f.system_log_level;
    return logging;
}

void add_states(const services::Function& f, Json& json) {
    const auto add = [&](const char* name, const std::string& value) {
        if (!value.empty()) json[name] = value;
    };
    add("State", f.state);
    add("StateReason", f.state_reason);
    add("StateReasonCode", f.state_reason_code);
    add("LastUpdateStatus", f.last_update_status);
    add("LastUpdateStatusReason", f.last_update_reason);
    add("LastUpdateStatusReasonCode", f.last_update_reason_code);
}

}  // namespace

// AWS documents the version for managed instances only; the message is this engine's.
// https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-version-publishing.html
std::optional<Error> check_publish_to(const Fields& input) {
    if (!input.has("PublishTo")) return std::nullopt;
    return services::invalid(
        "PublishTo is not supported for functions without CapacityProviderConfig. This local engine has no capacity "
        "providers: use Publish or PublishVersion.");
}

services::Create_Function create_function_params(const Fields& input) {
    const Fields environment(input.object("Environment")), storage(input.object("EphemeralStorage")),
        tracing(input.object("TracingConfig")), logging(input.object("LoggingConfig"));
    services::Create_Function params;
    params.name = input.text_or("FunctionName");
    params.runtime = input.text("Runtime");
    params.handler = input.text("Handler");
    params.role = input.text_or("Role");
    params.description = input.text_or("Description");
    params.package_type = input.text_or("PackageType", params.package_type);
    params.image_config = image_config(input);
    params.memory_mb = input.integer("MemorySize").value_or(params.memory_mb);
    params.timeout_s = input.integer("Timeout").value_or(params.timeout_s);
    params.ephemeral_storage_mb = storage.integer("Size").value_or(params.ephemeral_storage_mb);
    params.architectures = texts_if(input, "Architectures");
    if (input.has("Environment")) params.environment = environment.map("Variables");
    params.layers = input.texts("Layers");
    params.tracing_mode = tracing.text_or("Mode", params.tracing_mode);
    params.log_format = logging.text_or("LogFormat", params.log_format);
    params.application_log_level = logging.text("ApplicationLogLevel");
    params.system_log_level = logging.text("SystemLogLevel");
    params.log_group = logging.text_or("LogGroup");
    params.tags = input.map("Tags");
    params.settings = stored_settings(input);
    params.publish = input.flag("Publish");
    params.code_signing_arn = input.text_or("CodeSigningConfigArn");
    return params;
}

services::Update_Function_Code update_function_code_params(const Fields& input) {
    services::Update_Function_Code params;
    params.name = input.text_or("FunctionName");
    params.architectures = texts_if(input, "Architectures");
    params.revision_id = input.text_or("RevisionId");
    params.publish = input.flag("Publish");
    params.dry_run = input.flag("DryRun");
    return params;
}

services::Update_Function_Configuration update_function_configuration_params(const Fields& input) {
    const Fields environment(input.object("Environment")), storage(input.object("EphemeralStorage")),
        tracing(input.object("TracingConfig")), logging(input.object("LoggingConfig"));
    services::Update_Function_Configuration params;
    params.name = input.text_or("FunctionName");
    params.runtime = input.text("Runtime");
    params.handler = input.text("Handler");
    params.role = input.text("Role");
    params.description = input.text("Description");
    params.tracing_mode = tracing.text("Mode");
    params.log_format = logging.text("LogFormat");
    params.application_log_level = logging.text("ApplicationLogLevel");
    params.system_log_level = logging.text("SystemLogLevel");
    params.log_group = logging.text("LogGroup");
    params.memory_mb = input.integer("MemorySize");
    params.image_config = image_config(input);
    params.timeout_s = input.integer("Timeout");
    params.ephemeral_storage_mb = storage.integer("Size");
    // {"Environment": {}} removes all variables
    if (input.has("Environment")) params.environment = environment.map("Variables");
    params.layers = texts_if(input, "Layers");
    params.settings = stored_settings(input);
    params.revision_id = input.text_or("RevisionId");
    return params;
}

Json configuration_json(const services::Function& f, std::string_view qualifier, bool in_list) {
    // The ARN has the version number even if the request has no qualifier. It has an alias only if the request names
    // it.
    const bool numbered = f.version != "$LATEST" && (qualifier.empty() || qualifier == "$LATEST");
    const std::string_view qualifier_in_arn = numbered ? std::string_view(f.version) : qualifier;
    Json json = json_object({{"FunctionName", f.name},
                             {"FunctionArn", services::qualified_arn(f, qualifier_in_arn)},
                             {"Role", f.role},
                             {"CodeSize", f.code_size},
                             {"Description", f.description},
                             {"Timeout", f.timeout_s},
                             {"MemorySize", f.memory_mb},
                             {"LastModified", base::iso8601(f.modified_at)},
                             {"CodeSha256", f.code_sha256_base64},
                             {"Version", f.version},
                             {"TracingConfig", json_object({{"Mode", f.tracing_mode}})},
                             {"RevisionId", f.revision_id},
                             {"PackageType", f.package_type},
                             {"Architectures", Json::array({f.architecture})},
                             {"EphemeralStorage", json_object({{"Size", f.ephemeral_storage_mb}})},
                             {"SnapStart", json_object({{"ApplyOn", "None"}, {"OptimizationStatus", "Off"}})},
                             {"LoggingConfig", logging_json(f)}});
    if (!f.runtime.empty()) {
        json["Runtime"] = f.runtime;
        json["RuntimeVersionConfig"] = json_object({{"RuntimeVersionArn", runtime_version_arn(f)}});
    }
    if (!f.handler.empty()) json["Handler"] = f.handler;
    if (f.image_config != services::Image_Overrides{})
        json["ImageConfigResponse"] = {{"ImageConfig", image_config_json(f.image_config)}};
    if (f.has_environment || !f.environment.empty()) json["Environment"]["Variables"] = f.environment;
    for (const auto& layer : f.layers) json["Layers"].push_back({{"Arn", layer.arn}, {"CodeSize", layer.zip->size()}});
    add_settings(f, json);
    if (!in_list) add_states(f, json);
    return json;
}

Result<Json> configuration_result(const Result<services::Function_Ptr>& function, std::string_view qualifier) {
    return function.transform([&](const auto& found) { return configuration_json(*found, qualifier); });
}

}  // namespace osbot_aws::services
