// Settings; create, delete, list.
#include <algorithm>

#include <osbot_aws/apis/shell/Shell_Client.hpp>

#include "base/encoding.hpp"
#include "base/error_codes.hpp"
#include "base/json.hpp"
#include "base/local_error.hpp"
#include "sdk/lambda_calls.hpp"
#include "sdk/waiting.hpp"

namespace osbot_aws {
namespace {

// The wait for a new role: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html (eventual consistency)
constexpr std::chrono::seconds role_wait_max{30};
constexpr std::chrono::milliseconds role_wait_first{10}, role_wait_interval_max{1'000};  // each attempt sends the code

/// Returns the request without code and environment values, which are large or secret.
Json without_secrets(Json request) {
    if (request["Code"].contains("ZipFile")) request["Code"]["ZipFile"] = "...";
    for (auto& [name, value] : request["Environment"]["Variables"].items()) value = "...";
    return request;
}

Status already_exists(const std::string& name, Json data = nullptr) {
    return {.status = "warning",
            .name = name,
            .data = std::move(data),
            .error = "",
            .message = "lambda function already exists: " + name};
}

}  // namespace

Lambda::Lambda(std::string function_name, Session session)
    : name(std::move(function_name)), session_(std::move(session)) {
    std::replace(name.begin(), name.end(), '.', '_');
}

Lambda& Lambda::set_role(std::string arn) { return role = std::move(arn), *this; }
Lambda& Lambda::set_memory(int mb) { return memory = mb, *this; }
Lambda& Lambda::set_timeout(int seconds) { return timeout = seconds, *this; }
Lambda& Lambda::set_s3_bucket(std::string bucket) { return s3_bucket = std::move(bucket), *this; }
Lambda& Lambda::set_s3_key(std::string key) { return s3_key = std::move(key), *this; }
Lambda& Lambda::set_folder_code(std::filesystem::path folder) { return folder_code = std::move(folder), *this; }
Lambda& Lambda::set_handler(std::string path) { return handler = std::move(path), *this; }
Lambda& Lambda::set_trace_mode(std::string mode) { return trace_mode = std::move(mode), *this; }
Lambda& Lambda::set_env_variable(std::string key, std::string value) {
    return env_variables[std::move(key)] = std::move(value), *this;
}
Lambda& Lambda::set_env_variables(const std::map<std::string, std::string>& variables) {
    for (const auto& [key, value] : variables) env_variables[key] = value;
    return *this;
}
Lambda& Lambda::add_layer(std::string arn) {
    if (std::find(layers.begin(), layers.end(), arn) == layers.end()) layers.push_back(std::move(arn));
    return *this;
}
Lambda& Lambda::add_layers(const std::vector<std::string>& arns) {
    for (const std::string& arn : arns) add_layer(arn);
    return *this;
}
Lambda& Lambda::set_layers(std::vector<std::string> arns) { return layers = std::move(arns), *this; }

// ---- requests ----

Json configuration_members(const Lambda& f) {
    Json members{{"MemorySize", f.memory},
                 {"Timeout", f.timeout},
                 {"Role", f.role},
                 {"TracingConfig", {{"Mode", f.trace_mode}}},
                 {"EphemeralStorage", {{"Size", f.ephemeral_storage}}},
                 {"Environment", {{"Variables", f.env_variables}}}};
    if (!f.description.empty()) members["Description"] = f.description;
    if (f.image_uri.empty()) {  // AWS rejects these for an image, which contains them
        members["Runtime"] = f.runtime;
        members["Handler"] = f.handler.empty() ? f.name + ".run" : f.handler;
        members["Layers"] = f.layers;
    }
    return members;
}

Json code_members(const Lambda& f) {
    if (!f.image_uri.empty()) return {{"ImageUri", f.image_uri}};
    if (!f.zip_bytes.empty()) {
        Json code = Json::object();
        code["ZipFile"] = base::base64_encode(f.zip_bytes);  // an initializer list would copy the large text
        return code;
    }
    return {{"S3Bucket", f.s3_bucket}, {"S3Key", f.s3_key}};
}

std::string code_request_text(Json request) {
    constexpr std::string_view placeholder = "*zip*",
                               member = R"("ZipFile":"*zip*")";  // unescaped quotes: not part of a value
    Json& code = request.contains("Code") ? request["Code"] : request;
    if (!code.contains("ZipFile")) return base::dump_json(request);
    const std::string zip = std::exchange(code["ZipFile"].get_ref<std::string&>(), std::string(placeholder));
    std::string text = base::dump_json(request);
    return text.replace(text.find(member) + member.size() - placeholder.size() - 1, placeholder.size(), zip);
}

bool has_code(const Lambda& f) {
    return !f.image_uri.empty() || !f.zip_bytes.empty() || (!f.s3_bucket.empty() && !f.s3_key.empty());
}

std::optional<std::string> invalid_setting(const Lambda& f) {
    if (f.role.empty()) return "role is not set: expected the ARN of an IAM role that Lambda can assume";
    if (!has_code(f)) return "no code is set: set zip_bytes, s3_bucket and s3_key, folder_code, or image_uri";
    if (f.architecture != "x86_64" && f.architecture != "arm64")
        return fmt::format("invalid architecture '{}': expected x86_64 or arm64", f.architecture);
    return std::nullopt;
}

// ---- create and delete ----

Json Lambda::create_kwargs() const {
    Json request = configuration_members(*this);
    request["FunctionName"] = name;
    request["Architectures"] = {architecture};
    request["Code"] = code_members(*this);
    request["PackageType"] = image_uri.empty() ? "Zip" : "Image";
    request["Tags"] = tags;
    return request;
}

Status Lambda::create() try {
    if (!has_code(*this)) upload();
    if (auto reason = invalid_setting(*this)) {
        const bool may_be_deployed = !role.empty() && !has_code(*this);  // a deployment clears zip_bytes
        if (may_be_deployed && exists()) return already_exists(name);
        return error_status(name, {"ParamValidationError", *reason, 0});
    }
    const Json request = create_kwargs();
    const std::string text = code_request_text(request);
    for (Exponential_Backoff wait(session_, role_wait_max, role_wait_interval_max, role_wait_first);;) {
        auto created = client_of(session_).json_text("lambda", "POST", std::string(functions_path), text);
        if (created) return {.name = name, .data = std::move(*created)};
        const Error& error = created.error();
        if (error.code == codes::resource_conflict) return already_exists(name, without_secrets(request));
        const bool role_not_visible = error.message.find("cannot be assumed by Lambda") != std::string::npos;
        if (!role_not_visible || session_.is_local() || !wait.next())
            return error_status(name, error, without_secrets(request));
    }
} catch (const Aws_Exception& error) { return error_status(name, error.error()); }

bool Lambda::exists(const std::string& function_name) const {
    return found(call_function(session_, "GET", name_or(function_name, *this), "/configuration")).has_value();
}

bool Lambda::delete_(bool delete_log_group) {
    const bool existed = found(call_function(session_, "DELETE", name)).has_value();
    if (delete_log_group) log_group().delete_();
    return existed;
}

// ---- inspect ----

namespace {

/// Returns the value of an item's member as a key of an object.
std::string key_of(const Json& item, const std::string& member) {
    const auto found = item.find(member);
    if (found == item.end()) {
        std::string all;
        for (const auto& [name, value] : item.items()) all += fmt::format("{}{}", all.empty() ? "" : ", ", name);
        throw Aws_Exception(local_error("NoSuchMember", "an item has no '{}'; it has: {}", member, all));
    }
    if (found->is_structured())
        throw Aws_Exception(local_error("NotAKey", "'{}' is {}, which cannot be a key", member,
                                        found->is_array() ? "a list" : "an object"));
    return found->is_string() ? found->get<std::string>() : base::dump_json(*found);
}

}  // namespace

Json index_or_group(Json items, const List_Options& options) {
    const std::string& key = options.index_by.empty() ? options.group_by : options.index_by;
    if (key.empty()) return items;
    Json result = Json::object();
    for (Json& item : items) {
        const std::string text = key_of(item, key);
        if (options.index_by.empty())
            result[text].push_back(std::move(item));
        else
            result[text] = std::move(item);
    }
    return result;
}

Json lambda_list(const Session& session, const std::string& path, const char* items, const Query& query) {
    return client::all_pages({items, "NextMarker"},
                             [&](const std::string& marker) {
                                 Query page = query;
                                 if (!marker.empty()) page.emplace_back("Marker", marker);
                                 return client_of(session).json("lambda", "GET", path, nullptr, std::move(page));
                             })
        .value();
}

Json Lambda::info(const std::string& function_name) const {
    return call_function(session_, "GET", name_or(function_name, *this)).value();
}

std::string Lambda::function_arn() const { return configuration().at("FunctionArn").get<std::string>(); }

Json Lambda::functions(const List_Options& options) const {
    return index_or_group(lambda_list(session_, std::string(functions_path), "Functions"), options);
}

std::vector<std::string> Lambda::functions_names() const {
    std::vector<std::string> names;
    for (const Json& function : functions()) names.push_back(function.at("FunctionName").get<std::string>());
    std::sort(names.begin(), names.end());
    return names;
}

Json Lambda::account_settings() const {
    return client_of(session_).json("lambda", "GET", "/2016-08-19/account-settings").value();
}

Logs Lambda::log_group() const { return Logs("/aws/lambda/" + name, session_); }

Shell_Client Lambda::shell(const std::string& auth_key) const { return Shell_Client(*this, auth_key); }

Json Lambda::shell_python_exec(const std::string& code, const std::string& auth_key) const {
    return shell(auth_key).python_exec(code);
}

}  // namespace osbot_aws
