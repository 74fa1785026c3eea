// The format of functions in the store. A missing field has its default value, so that the state of an older engine can
// be read.
#include "services/lambda/function_record.hpp"

#include "base/json.hpp"
#include "base/time_text.hpp"
#include "services/lambda/functions.hpp"
#include "store/blobs.hpp"

namespace osbot_aws::services {

namespace {

Json layers_json(const std::vector<Function_Layer>& layers) {
    Json list = Json::array();
    for (const Function_Layer& layer : layers)
        list.push_back({{"arn", layer.arn},
                        {"sha256", layer.zip->sha256()},
                        {"size", layer.zip->size()},
                        {"unpacked", layer.unpacked_bytes}});
    return list;
}

std::vector<Function_Layer> parse_layers(const Json& list, store::Blobs& blobs) {
    std::vector<Function_Layer> layers;
    for (const Json& layer : list)
        layers.push_back(
            {layer.at("arn").get<std::string>(),
             blobs.hold_or_throw(layer.at("sha256").get<std::string>(), layer.value("size", std::uint64_t{0})),
             layer.value("unpacked", std::uint64_t{0})});
    return layers;
}

}  // namespace

Json function_json(const Function& f) {
    Json json = {{"name", f.name},
                 {"version", f.version},
                 {"arn", f.arn},
                 {"runtime", f.runtime},
                 {"handler", f.handler},
                 {"role", f.role},
                 {"description", f.description},
                 {"package_type", f.package_type},
                 {"image_uri", f.image_uri},
                 {"image_config",
                  {{"entry_point", f.image_config.entry_point},
                   {"command", f.image_config.command},
                   {"working_directory", f.image_config.working_directory}}},
                 {"memory_mb", f.memory_mb},
                 {"timeout_s", f.timeout_s},
                 {"ephemeral_storage_mb", f.ephemeral_storage_mb},
                 {"architecture", f.architecture},
                 {"environment", f.environment},
                 {"layers", layers_json(f.layers)},
                 {"tracing_mode", f.tracing_mode},
                 {"log_format", f.log_format},
                 {"application_log_level", f.application_log_level},
                 {"system_log_level", f.system_log_level},
                 {"log_group", f.log_group},
                 {"tags", f.tags},
                 {"settings", f.settings},
                 {"code_sha256_hex", f.zip ? f.zip->sha256() : ""},
                 {"code_sha256_base64", f.code_sha256_base64},
                 {"code_size", f.code_size},
                 {"code_kms_key_arn", f.code_kms_key_arn},
                 {"code_unpacked_bytes", f.code_unpacked_bytes},
                 {"state", f.state},
                 {"state_reason", f.state_reason},
                 {"state_reason_code", f.state_reason_code},
                 {"last_update_status", f.last_update_status},
                 {"last_update_reason", f.last_update_reason},
                 {"last_update_reason_code", f.last_update_reason_code},
                 {"revision_id", f.revision_id},
                 {"modified_ms", base::unix_ms(f.modified_at)}};
    if (f.reserved_concurrency) json["reserved_concurrency"] = *f.reserved_concurrency;
    return json;
}

Function_Ptr parse_function(const Account& account, const Json& json, store::Blobs& blobs) {
    Function f;
    f.account = account;
    f.name = json.value("name", "");
    f.version = json.value("version", f.version);
    f.arn = json.value("arn", "");
    f.runtime = json.value("runtime", "");
    f.handler = json.value("handler", "");
    f.role = json.value("role", "");
    f.description = json.value("description", "");
    f.package_type = json.value("package_type", f.package_type);
    f.image_uri = json.value("image_uri", "");
    const Json image_config = json.value("image_config", Json::object());
    f.image_config = {image_config.value("entry_point", std::vector<std::string>{}),
                      image_config.value("command", std::vector<std::string>{}),
                      image_config.value("working_directory", "")};
    f.memory_mb = json.value("memory_mb", f.memory_mb);
    f.timeout_s = json.value("timeout_s", f.timeout_s);
    f.ephemeral_storage_mb = json.value("ephemeral_storage_mb", f.ephemeral_storage_mb);
    f.architecture = json.value("architecture", f.architecture);
    f.environment = json.value("environment", f.environment);
    f.layers = parse_layers(json.value("layers", Json::array()), blobs);
    f.tracing_mode = json.value("tracing_mode", f.tracing_mode);
    f.log_format = json.value("log_format", f.log_format);
    f.application_log_level = json.value("application_log_level", f.application_log_level);
    f.system_log_level = json.value("system_log_level", f.system_log_level);
    f.log_group = json.value("log_group", "");
    f.tags = json.value("tags", f.tags);
    f.settings = json.value("settings", f.settings);
    f.code_sha256_base64 = json.value("code_sha256_base64", "");
    f.code_size = json.value("code_size", f.code_size);
    f.code_kms_key_arn = json.value("code_kms_key_arn", "");
    const std::string zip = json.value("code_sha256_hex", "");
    if (!zip.empty()) f.zip = blobs.hold_or_throw(zip, f.code_size);  // a container image has no zip
    f.code_unpacked_bytes = json.value("code_unpacked_bytes", f.code_unpacked_bytes);
    f.state = json.value("state", f.state);
    f.state_reason = json.value("state_reason", "");
    f.state_reason_code = json.value("state_reason_code", "");
    f.last_update_status = json.value("last_update_status", f.last_update_status);
    f.last_update_reason = json.value("last_update_reason", "");
    f.last_update_reason_code = json.value("last_update_reason_code", "");
    f.revision_id = json.value("revision_id", "");
    f.modified_at = base::from_unix_ms(json.value("modified_ms", std::int64_t{0}));
    if (json.contains("reserved_concurrency")) f.reserved_concurrency = json["reserved_concurrency"].get<int>();
    return std::make_shared<const Function>(std::move(f));
}

std::string Functions::record_text(const Record& record) {
    Json versions = Json::array(), aliases = Json::array(), urls = Json::object();
    for (const auto& [number, version] : record.versions) versions.push_back(function_json(*version));
    for (const auto& [name, alias] : record.aliases) {
        aliases.push_back({{"name", name},
                           {"version", alias.version},
                           {"description", alias.description},
                           {"weights", alias.weights},
                           {"revision_id", alias.revision_id}});
    }
    for (const auto& [qualifier, url] : record.urls) {
        urls[qualifier] = {{"id", url.id},
                           {"auth_type", url.auth_type},
                           {"invoke_mode", url.invoke_mode},
                           {"cors", url.cors},
                           {"created_ms", base::unix_ms(url.created_at)},
                           {"modified_ms", base::unix_ms(url.modified_at)}};
    }
    Json json = {{"account", record.account.id},
                 {"region", record.account.region},
                 {"latest", function_json(*record.latest)},
                 {"versions", std::move(versions)},
                 {"next_version", record.next_version},
                 {"aliases", std::move(aliases)},
                 {"statements", record.statements},
                 {"policy_revisions", record.policy_revisions},
                 {"urls", std::move(urls)}};
    if (record.serving && record.serving != record.latest) json["serving"] = function_json(*record.serving);
    return base::dump_json_lossy(json);
}

Functions::Record Functions::parse_record(const std::string& text, store::Blobs& blobs) {
    const Json json = base::parse_json_or_throw(text);
    Record record;
    record.account = {json.at("account").get<std::string>(), json.at("region").get<std::string>()};
    record.latest = parse_function(record.account, json.at("latest"), blobs);
    if (json.contains("serving"))
        record.serving = parse_function(record.account, json["serving"], blobs);
    else if (record.latest->state == "Active" && record.latest->last_update_status != "InProgress")
        record.serving = record.latest;
    for (const Json& version_json : json.at("versions")) {
        auto version = parse_function(record.account, version_json, blobs);
        record.versions.emplace(std::stoll(version->version), std::move(version));
    }
    record.next_version = json.value("next_version", record.next_version);
    for (const Json& alias_json : json.value("aliases", Json::array())) {
        Alias alias{.name = alias_json.at("name"),
                    .version = alias_json.at("version"),
                    .description = alias_json.value("description", ""),
                    .weights = alias_json.value("weights", std::map<std::string, double>{}),
                    .revision_id = alias_json.value("revision_id", "")};
        record.aliases.emplace(alias.name, std::move(alias));
    }
    record.statements = json.value("statements", record.statements);
    record.policy_revisions = json.value("policy_revisions", record.policy_revisions);
    for (const auto& [qualifier, url] : json.at("urls").items()) {
        record.urls[qualifier] = {.id = url.value("id", ""),
                                  .url = {},
                                  .qualifier = qualifier,
                                  .auth_type = url.value("auth_type", "NONE"),
                                  .invoke_mode = url.value("invoke_mode", "BUFFERED"),
                                  .cors = url.value("cors", Json()),
                                  .created_at = base::from_unix_ms(url.value("created_ms", std::int64_t{0})),
                                  .modified_at = base::from_unix_ms(url.value("modified_ms", std::int64_t{0}))};
    }
    return record;
}

}  // namespace osbot_aws::services
