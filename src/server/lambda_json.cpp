#include "server/lambda_json.hpp"

#include <fmt/format.h>

#include <limits>

#include "base/encoding.hpp"
#include "base/time_text.hpp"

namespace osbot_aws::server {
namespace {

std::optional<int> as_int(const std::optional<std::int64_t>& number) {
    if (!number) return std::nullopt;
    constexpr std::int64_t most = std::numeric_limits<int>::max(), least = std::numeric_limits<int>::min();
    return static_cast<int>(std::min(std::max(*number, least), most));
}

constexpr std::string_view zip_member = "\"ZipFile\"";
constexpr std::string_view placeholder = "*placeholder*";  // not valid base64, so no request contains it as code

/// Returns true if the placeholder is at a path where Lambda's requests have a zip.
bool has_placeholder_in_code(const Json& body) {
    if (!body.is_object()) return false;
    const auto has = [](const Json& part) { return part.is_object() && part.value("ZipFile", Json()) == placeholder; };
    return has(body) || has(body.value("Code", Json())) || has(body.value("Content", Json()));
}

/// Returns the text of the first string member with this (quoted) name at any depth; "" if there is none or if it has
/// escapes. In valid JSON, a string cannot contain the name with its quotes, and a value with that text is not followed
/// by a colon.
std::string_view string_member(std::string_view json, std::string_view quoted_name) {
    constexpr std::string_view white_space = " \t\r\n";
    for (std::size_t at = 0; (at = json.find(quoted_name, at)) != std::string_view::npos;) {
        at = json.find_first_not_of(white_space, at + quoted_name.size());
        if (at == std::string_view::npos || json[at] != ':') continue;
        at = json.find_first_not_of(white_space, at + 1);
        if (at == std::string_view::npos || json[at] != '"') continue;
        const std::size_t end = json.find('"', ++at);
        if (end == std::string_view::npos || (end > at && json[end - 1] == '\\')) return {};
        const std::string_view text = json.substr(at, end - at);
        return text.find('\\') == std::string_view::npos ? text : std::string_view();
    }
    return {};
}

void read_code(Fields& fields, engine::Code_Source& code) {
    code.s3_bucket = fields.text("S3Bucket").value_or("");
    code.s3_key = fields.text("S3Key").value_or("");
    code.s3_object_version = fields.text("S3ObjectVersion").value_or("");
    code.image_uri = fields.text("ImageUri").value_or("");
}

std::optional<engine::Image_Overrides> read_image_config(Fields& fields) {
    if (!fields.has("ImageConfig")) return std::nullopt;
    Fields config(fields.object("ImageConfig"));
    engine::Image_Overrides overrides{.entry_point = config.texts("EntryPoint").value_or(std::vector<std::string>{}),
                                      .command = config.texts("Command").value_or(std::vector<std::string>{}),
                                      .working_directory = config.text("WorkingDirectory").value_or("")};
    if (config.error()) fields.fail(*config.error());
    return overrides;
}

Json image_config_json(const engine::Image_Overrides& config) {
    Json json = Json::object();
    if (!config.entry_point.empty()) json["EntryPoint"] = config.entry_point;
    if (!config.command.empty()) json["Command"] = config.command;
    if (!config.working_directory.empty()) json["WorkingDirectory"] = config.working_directory;
    return json;
}

}  // namespace

Result<Body_With_Zip> Body_With_Zip::parse(std::string_view text) {
    Body_With_Zip body;
    std::string shortened;
    body.zip_base64_ = string_member(text, zip_member);
    if (!body.zip_base64_.empty()) {
        const auto at = static_cast<std::size_t>(body.zip_base64_.data() - text.data());
        shortened = fmt::format("{}{}{}", text.substr(0, at), placeholder, text.substr(at + body.zip_base64_.size()));
    }
    auto json = body.zip_base64_.empty() ? Result<Json>(Json()) : parse_json_object(shortened);
    // If this is another member with this name, or an error, whose message quotes the text: parse the original text.
    if (!json || !has_placeholder_in_code(*json)) {
        body.zip_base64_ = {};
        json = parse_json_object(text);
    }
    if (!json) return json.error();
    body.json_ = std::move(*json);
    return body;
}

Result<std::optional<std::string>> Body_With_Zip::zip_of(const Json& part) const {
    const auto zip = part.find("ZipFile");
    if (zip == part.end() || zip->is_null()) return std::optional<std::string>();
    if (!zip->is_string()) return Error{"SerializationException", "ZipFile can not be converted to a Blob"};
    const auto& text = zip->get_ref<const std::string&>();
    auto decoded = base::base64_decode(text == placeholder ? zip_base64_ : std::string_view(text));
    if (!decoded) return Error{"SerializationException", "ZipFile can not be converted to a Blob: it is not base64"};
    return decoded;
}

Result<engine::Create_Function> parse_create_function(const Json& body) {
    Fields fields(body);
    Fields code(fields.object("Code")), environment(fields.object("Environment")),
        storage(fields.object("EphemeralStorage")), tracing(fields.object("TracingConfig")),
        logging(fields.object("LoggingConfig"));
    engine::Create_Function params;
    params.name = fields.text("FunctionName").value_or("");
    params.runtime = fields.text("Runtime");
    params.handler = fields.text("Handler");
    params.role = fields.text("Role");
    read_code(code, params.code);
    params.description = fields.text("Description").value_or("");
    params.package_type = fields.text("PackageType").value_or(params.package_type);
    params.image_config = read_image_config(fields);
    params.memory_mb = as_int(fields.number("MemorySize")).value_or(params.memory_mb);
    params.timeout_s = as_int(fields.number("Timeout")).value_or(params.timeout_s);
    params.ephemeral_storage_mb = as_int(storage.number("Size")).value_or(params.ephemeral_storage_mb);
    params.architectures = fields.texts("Architectures");
    params.environment = environment.map("Variables").value_or(std::map<std::string, std::string>{});
    params.layers = fields.texts("Layers").value_or(std::vector<std::string>{});
    params.tracing_mode = tracing.text("Mode").value_or(params.tracing_mode);
    params.log_format = logging.text("LogFormat").value_or(params.log_format);
    params.application_log_level = logging.text("ApplicationLogLevel");
    params.system_log_level = logging.text("SystemLogLevel");
    params.log_group = logging.text("LogGroup").value_or("");
    params.tags = fields.map("Tags").value_or(std::map<std::string, std::string>{});
    params.publish = fields.flag("Publish");
    for (const Fields* part : {&fields, &code, &environment, &storage, &tracing, &logging}) {
        if (part->error()) return *part->error();
    }
    return params;
}

Result<engine::Update_Function_Code> parse_update_function_code(const Json& body) {
    Fields fields(body);
    engine::Update_Function_Code params;
    read_code(fields, params.code);
    params.architectures = fields.texts("Architectures");
    params.revision_id = fields.text("RevisionId").value_or("");
    params.publish = fields.flag("Publish");
    params.dry_run = fields.flag("DryRun");
    if (fields.error()) return *fields.error();
    return params;
}

Result<engine::Update_Function_Configuration> parse_update_function_configuration(const Json& body) {
    Fields fields(body);
    Fields environment(fields.object("Environment")), storage(fields.object("EphemeralStorage")),
        tracing(fields.object("TracingConfig")), logging(fields.object("LoggingConfig"));
    engine::Update_Function_Configuration params;
    params.runtime = fields.text("Runtime");
    params.handler = fields.text("Handler");
    params.role = fields.text("Role");
    params.description = fields.text("Description");
    params.tracing_mode = tracing.text("Mode");
    params.log_format = logging.text("LogFormat");
    params.application_log_level = logging.text("ApplicationLogLevel");
    params.system_log_level = logging.text("SystemLogLevel");
    params.log_group = logging.text("LogGroup");
    params.memory_mb = as_int(fields.number("MemorySize"));
    params.image_config = read_image_config(fields);
    params.timeout_s = as_int(fields.number("Timeout"));
    params.ephemeral_storage_mb = as_int(storage.number("Size"));
    params.environment = environment.map("Variables");
    if (body.contains("Environment") && !params.environment)
        params.environment.emplace();  // {"Environment": {}} removes all variables
    params.layers = fields.texts("Layers");
    params.revision_id = fields.text("RevisionId").value_or("");
    for (const Fields* part : {&fields, &environment, &storage, &tracing, &logging}) {
        if (part->error()) return *part->error();
    }
    return params;
}

Result<engine::Add_Permission> parse_add_permission(const Json& body) {
    Fields fields(body);
    engine::Add_Permission params;
    params.statement_id = fields.text("StatementId").value_or("");
    params.action = fields.text("Action").value_or("");
    params.principal = fields.text("Principal").value_or("");
    params.source_arn = fields.text("SourceArn").value_or("");
    params.source_account = fields.text("SourceAccount").value_or("");
    params.event_source_token = fields.text("EventSourceToken").value_or("");
    params.principal_org_id = fields.text("PrincipalOrgID").value_or("");
    params.function_url_auth_type = fields.text("FunctionUrlAuthType").value_or("");
    params.revision_id = fields.text("RevisionId").value_or("");
    params.invoked_via_function_url = fields.flag("InvokedViaFunctionUrl");
    if (fields.error()) return *fields.error();
    return params;
}

Result<engine::Publish_Layer> parse_publish_layer(const Json& body) {
    Fields fields(body);
    Fields content(fields.object("Content"));
    engine::Publish_Layer params;
    read_code(content, params.code);
    params.description = fields.text("Description").value_or("");
    params.license_info = fields.text("LicenseInfo").value_or("");
    params.runtimes = fields.texts("CompatibleRuntimes").value_or(std::vector<std::string>{});
    params.architectures = fields.texts("CompatibleArchitectures").value_or(std::vector<std::string>{});
    for (const Fields* all : {&fields, &content})
        if (all->error()) return *all->error();
    return params;
}

Result<engine::Function_Url_Change> parse_function_url_change(const Json& body) {
    Fields fields(body);
    engine::Function_Url_Change params;
    params.auth_type = fields.text("AuthType");
    params.invoke_mode = fields.text("InvokeMode");
    Fields cors(fields.object("Cors"));
    Json known = Json::object();  // only known fields, because responses contain the stored object
    for (const char* list : {"AllowHeaders", "AllowMethods", "AllowOrigins", "ExposeHeaders"}) {
        if (auto values = cors.texts(list)) known[list] = std::move(*values);
    }
    if (const auto age = cors.number("MaxAge")) known["MaxAge"] = *age;
    if (cors.flag("AllowCredentials")) known["AllowCredentials"] = true;
    if (body.contains("Cors")) params.cors = std::move(known);
    for (const Fields* part : {&fields, &cors}) {
        if (part->error()) return *part->error();
    }
    return params;
}

Json configuration_json(const engine::Function& f, std::string_view qualifier, bool in_list) {
    // The ARN has the version number even if the request has no qualifier. It has an alias only if the request names
    // it.
    const bool numbered = f.version != "$LATEST" && (qualifier.empty() || qualifier == "$LATEST");
    const std::string_view qualifier_in_arn = numbered ? std::string_view(f.version) : qualifier;
    Json json = {{"FunctionName", f.name},
                 {"FunctionArn", engine::qualified_arn(f, qualifier_in_arn)},
                 {"Role", f.role},
                 {"CodeSize", f.code_size},
                 {"Description", f.description},
                 {"Timeout", f.timeout_s},
                 {"MemorySize", f.memory_mb},
                 {"LastModified", base::iso8601(f.modified_at)},
                 {"CodeSha256", f.code_sha256_base64},
                 {"Version", f.version},
                 {"TracingConfig", {{"Mode", f.tracing_mode}}},
                 {"RevisionId", f.revision_id},
                 {"PackageType", f.package_type},
                 {"Architectures", Json::array({f.architecture})},
                 {"EphemeralStorage", {{"Size", f.ephemeral_storage_mb}}},
                 {"SnapStart", {{"ApplyOn", "None"}, {"OptimizationStatus", "Off"}}},
                 {"LoggingConfig", {{"LogFormat", f.log_format}, {"LogGroup", f.log_group}}}};
    const auto add = [&](const char* name, const std::string& value) {
        if (!value.empty()) json[name] = value;
    };
    if (f.log_format == "JSON") {
        json["LoggingConfig"]["ApplicationLogLevel"] = f.application_log_level;
        json["LoggingConfig"]["SystemLogLevel"] = f.system_log_level;
    }
    add("Runtime", f.runtime);
    add("Handler", f.handler);
    if (f.image_config != engine::Image_Overrides{})
        json["ImageConfigResponse"] = {{"ImageConfig", image_config_json(f.image_config)}};
    if (!f.environment.empty()) json["Environment"] = {{"Variables", f.environment}};
    for (const auto& layer : f.layers) json["Layers"].push_back({{"Arn", layer.arn}, {"CodeSize", layer.zip->size()}});
    if (in_list) return json;
    add("State", f.state);
    add("StateReason", f.state_reason);
    add("StateReasonCode", f.state_reason_code);
    add("LastUpdateStatus", f.last_update_status);
    add("LastUpdateStatusReason", f.last_update_reason);
    add("LastUpdateStatusReasonCode", f.last_update_reason_code);
    return json;
}

Json layer_version_json(const engine::Layer_Version& version) {
    Json json{{"LayerVersionArn", version.arn},
              {"Version", version.number},
              {"Description", version.description},
              {"CreatedDate", base::iso8601(version.created_at)}};
    if (!version.runtimes.empty()) json["CompatibleRuntimes"] = version.runtimes;
    if (!version.architectures.empty()) json["CompatibleArchitectures"] = version.architectures;
    if (!version.license_info.empty()) json["LicenseInfo"] = version.license_info;
    return json;
}

Json function_url_json(const engine::Function_Url& url, const std::string& function_arn) {
    Json json = {{"FunctionUrl", url.url},
                 {"FunctionArn", function_arn},
                 {"AuthType", url.auth_type},
                 {"InvokeMode", url.invoke_mode},
                 {"CreationTime", base::iso8601_ms_z(url.created_at)},
                 {"LastModifiedTime", base::iso8601_ms_z(url.modified_at)}};
    if (!url.cors.is_null()) json["Cors"] = url.cors;
    return json;
}

}  // namespace osbot_aws::server
