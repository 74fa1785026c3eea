#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include <osbot_aws/aws/lambda_/Lambda.hpp>

#include "base/encoding.hpp"
#include "face/session_impl.hpp"
#include "wire/http.hpp"

namespace osbot_aws {
namespace {

constexpr std::string_view functions_path = "/2015-03-31/functions/";
constexpr std::string_view urls_path = "/2021-10-31/functions/";
constexpr std::chrono::milliseconds wait_first{10};
// A role that was just made: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html (eventual consistency)
constexpr std::chrono::seconds role_wait_max{30};
constexpr std::chrono::milliseconds role_wait{500};
constexpr std::chrono::seconds invoke_wait_beside_timeout{60};

std::string path_of(std::string_view root, const std::string& name, std::string_view rest = "") {
    return fmt::format("{}{}{}", root, wire::percent_encode(name), rest);
}

bool not_found(const Error& error) { return error.code == "ResourceNotFoundException"; }

Json error_json(const Error& error) { return {{"error", fmt::format("{}: {}", error.code, error.message)}}; }

std::string text_of(const Error& error) { return fmt::format("{}: {}", error.code, error.message); }

/// Waits grow from 10 ms to the longest that the caller wants.
class Growing_Wait {
public:
    explicit Growing_Wait(const Wait_Options& options)
        : options_(options), until_(std::chrono::steady_clock::now() + options.max_wait) {}
    bool again() {
        if (std::chrono::steady_clock::now() >= until_) return false;
        std::this_thread::sleep_for(next_);
        next_ = std::min(next_ * 2, std::max(options_.interval_max, wait_first));
        return true;
    }

private:
    Wait_Options options_;
    std::chrono::steady_clock::time_point until_;
    std::chrono::milliseconds next_ = wait_first;
};

/// All pages of a list.
Json all_pages(client::Aws_Client& client, const std::string& path, const char* items) {
    Json all = Json::array();
    std::string marker;
    do {
        std::vector<std::pair<std::string, std::string>> query;
        if (!marker.empty()) query.emplace_back("Marker", marker);
        const Json page = client.json("lambda", "GET", path, nullptr, query).value();
        for (const Json& item : page.at(items)) all.push_back(item);
        marker =
            page.contains("NextMarker") && page["NextMarker"].is_string() ? page["NextMarker"].get<std::string>() : "";
    } while (!marker.empty());
    return all;
}

Json configuration_members(const Lambda& f) {
    Json members{{"MemorySize", f.memory},
                 {"Timeout", f.timeout},
                 {"Role", f.role},
                 {"TracingConfig", {{"Mode", f.trace_mode}}},
                 {"EphemeralStorage", {{"Size", f.ephemeral_storage}}},
                 {"Environment", {{"Variables", f.env_variables}}},
                 {"Layers", f.layers}};
    if (!f.description.empty()) members["Description"] = f.description;
    if (f.image_uri.empty()) {
        members["Runtime"] = f.runtime;
        members["Handler"] = f.handler.empty() ? f.name + ".run" : f.handler;
    }
    return members;
}

Json code_members(const Lambda& f) {
    if (!f.image_uri.empty()) return {{"ImageUri", f.image_uri}};
    if (!f.zip_bytes.empty()) return {{"ZipFile", base::base64_encode(f.zip_bytes)}};
    return {{"S3Bucket", f.s3_bucket}, {"S3Key", f.s3_key}};
}

bool has_code(const Lambda& f) {
    return !f.image_uri.empty() || !f.zip_bytes.empty() || (!f.s3_bucket.empty() && !f.s3_key.empty());
}

/// What was sent, without what may be secret or large.
Json shown(Json request) {
    if (request.contains("Code") && request["Code"].contains("ZipFile")) request["Code"]["ZipFile"] = "...";
    if (request.contains("Environment")) {
        for (auto& [name, value] : request["Environment"]["Variables"].items()) value = "...";
    }
    return request;
}

/// Two calls that change a function may not overlap: AWS answers ResourceConflictException until the first is through.
template <class Call>
Result<Json> once_not_in_progress(Lambda& f, Call call) {
    auto answer = call();
    if (answer || answer.error().code != "ResourceConflictException") return answer;
    f.wait_for_function_update_to_complete();
    return call();
}

Json raw_payload(const std::string& text) {
    if (text.empty()) return nullptr;
    Json parsed = Json::parse(text, nullptr, false);
    return parsed.is_discarded() ? Json{{"raw_message", text}} : parsed;
}

}  // namespace

Json Status::to_json() const {
    const auto or_none = [](const std::string& text) { return text.empty() ? Json() : Json(text); };
    return {
        {"status", status}, {"name", name}, {"data", data}, {"error", or_none(error)}, {"message", or_none(message)}};
}

Json Invoke_Answer::to_json() const {
    Json json{{"status", status}, {"name", name}, {"data", data}, {"response", response}};
    if (!function_error.empty()) json["function_error"] = function_error;
    if (!error.empty()) json["error"] = error;
    return json;
}

Json Invoke_Logs::to_json() const {
    Json json{{"status", status},
              {"name", name},
              {"return_value", return_value},
              {"execution_logs", execution_logs},
              {"request_id", request_id}};
    if (!error.empty()) json["error"] = error;
    return json;
}

Lambda::Lambda(std::string function_name, Session session)
    : name(std::move(function_name)), session_(std::move(session)) {
    std::replace(name.begin(), name.end(), '.', '_');
}

Lambda& Lambda::set_role(std::string arn) { return role = std::move(arn), *this; }
Lambda& Lambda::set_s3_bucket(std::string bucket) { return s3_bucket = std::move(bucket), *this; }
Lambda& Lambda::set_s3_key(std::string key) { return s3_key = std::move(key), *this; }
Lambda& Lambda::set_handler(std::string path) { return handler = std::move(path), *this; }
Lambda& Lambda::set_trace_mode(std::string mode) { return trace_mode = std::move(mode), *this; }
Lambda& Lambda::set_env_variable(std::string key, std::string value) {
    return env_variables[std::move(key)] = std::move(value), *this;
}
Lambda& Lambda::set_env_variables(std::map<std::string, std::string> variables) {
    return env_variables = std::move(variables), *this;
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

Status Lambda::create() {
    if (role.empty())
        return {.status = "error",
                .name = name,
                .data = {},
                .error = "role is not set: it is the ARN of an IAM role that Lambda can assume"};
    if (!has_code(*this))
        return {.status = "error",
                .name = name,
                .data = {},
                .error = "no code is set: zip_bytes, s3_bucket and s3_key, or image_uri"};
    Json request = configuration_members(*this);
    request["FunctionName"] = name;
    request["Architectures"] = {architecture};
    request["Code"] = code_members(*this);
    request["PackageType"] = image_uri.empty() ? "Zip" : "Image";
    request["Tags"] = tags;

    const auto until = std::chrono::steady_clock::now() + role_wait_max;
    for (;;) {
        auto created = client_of(session_).json("lambda", "POST", "/2015-03-31/functions", request);
        if (created) return {.name = name, .data = std::move(*created)};
        const Error& error = created.error();
        if (error.code == "ResourceConflictException") {
            return {.status = "warning",
                    .name = name,
                    .data = shown(request),
                    .error = "",
                    .message = "lambda function already exists"};
        }
        const bool role_not_there_yet = error.message.find("cannot be assumed by Lambda") != std::string::npos;
        if (!role_not_there_yet || session_.is_local() || std::chrono::steady_clock::now() > until) {
            return {.status = "error",
                    .name = name,
                    .data = shown(request),
                    .error = text_of(error),
                    .message = error.message};
        }
        std::this_thread::sleep_for(role_wait);
    }
}

bool Lambda::exists(const std::string& function_name) const {
    auto found = client_of(session_).json(
        "lambda", "GET", path_of(functions_path, function_name.empty() ? name : function_name, "/configuration"));
    if (!found && !not_found(found.error())) throw Aws_Exception(found.error());
    return found.has_value();
}

bool Lambda::delete_(bool delete_log_group) {
    auto deleted = client_of(session_).json("lambda", "DELETE", path_of(functions_path, name));
    if (!deleted && !not_found(deleted.error())) throw Aws_Exception(deleted.error());
    if (delete_log_group) {
        auto logs = client_of(session_).json11("logs", "Logs_20140328.DeleteLogGroup",
                                               {{"logGroupName", "/aws/lambda/" + name}});
        if (!logs && !not_found(logs.error())) throw Aws_Exception(logs.error());
    }
    return deleted.has_value();
}

Status Lambda::update() try {
    if (!exists()) {
        Status created = create();
        if (created) wait_for_state_active();
        return created;
    }
    Json data = Json::object();
    if (has_code(*this)) {
        data["update_code"] = image_uri.empty() ? update_lambda_code() : update_lambda_image_uri(image_uri);
        wait_for_function_update_to_complete();
    }
    data["update_config"] = update_lambda_configuration();
    wait_for_function_update_to_complete();
    return {.name = name, .data = std::move(data)};
} catch (const Aws_Exception& failed) {
    return {.status = "error", .name = name, .data = {}, .error = failed.what(), .message = failed.error().message};
}

Json Lambda::update_lambda_code() {
    Json request = code_members(*this);
    request["Architectures"] = {architecture};
    return once_not_in_progress(*this,
                                [&] {
                                    return client_of(session_).json("lambda", "PUT",
                                                                    path_of(functions_path, name, "/code"), request);
                                })
        .value();
}

Json Lambda::update_lambda_image_uri(const std::string& uri) {
    image_uri = uri;
    return update_lambda_code();
}

Json Lambda::update_lambda_configuration() {
    Json members = configuration_members(*this);
    if (role.empty()) members.erase("Role");
    return once_not_in_progress(*this,
                                [&] {
                                    return client_of(session_).json(
                                        "lambda", "PUT", path_of(functions_path, name, "/configuration"), members);
                                })
        .value();
}

Json Lambda::configuration_update(Json members) {
    return client_of(session_).json("lambda", "PUT", path_of(functions_path, name, "/configuration"), members).value();
}

namespace {

struct Invoke_Call {
    std::string type = "RequestResponse";
    bool log_tail = false;
    std::string qualifier;
};

Result<wire::Response> call_invoke(const Lambda& f, const Json& payload, const Invoke_Call& options) {
    client::Call call{
        .service = "lambda", .method = "POST", .path = path_of("/2015-03-31/functions/", f.name, "/invocations")};
    if (options.type != "RequestResponse") call.headers.add("X-Amz-Invocation-Type", options.type);
    if (options.log_tail) call.headers.add("X-Amz-Log-Type", "Tail");
    if (!options.qualifier.empty()) call.query.emplace_back("Qualifier", options.qualifier);
    call.headers.add("Content-Type", "application/json");
    call.body.bytes = payload.dump();
    call.read_timeout = std::chrono::seconds(std::max(f.timeout, 900)) + invoke_wait_beside_timeout;
    call.repeatable = options.type == "DryRun";
    return client_of(f.session()).send(call);
}

Json status_code_json(const wire::Response& response) {
    return {{"StatusCode", response.status}, {"RequestId", std::string(response.headers["x-amzn-RequestId"])}};
}

}  // namespace

Invoke_Answer Lambda::invoke_raw(const Json& payload, bool log_tail, const std::string& qualifier) {
    Invoke_Answer answer{.name = name};
    auto called = call_invoke(*this, payload, {.log_tail = log_tail, .qualifier = qualifier});
    if (!called) {
        answer.status = "error";
        answer.error = text_of(called.error());
        answer.data = answer.error;
        return answer;
    }
    answer.data = raw_payload(called->body.bytes);
    answer.function_error = called->headers["X-Amz-Function-Error"];
    answer.response = status_code_json(*called);
    answer.response["ExecutedVersion"] = std::string(called->headers["X-Amz-Executed-Version"]);
    if (log_tail) answer.response["LogResult"] = base::base64_decode(called->headers["X-Amz-Log-Result"]).value_or("");
    if (!answer.function_error.empty()) {
        const Json& data = answer.data;
        answer.error = data.is_object() ? fmt::format("{}: {}", data.value("errorType", answer.function_error),
                                                      data.value("errorMessage", ""))
                                        : answer.function_error;
    }
    return answer;
}

Json Lambda::invoke(const Json& payload) {
    Invoke_Answer answer = invoke_raw(payload);
    if (answer.status == "error") return {{"error", answer.error}};
    if (!answer.error.empty() && answer.data.is_object()) answer.data["error"] = answer.error;
    return std::move(answer.data);
}

Invoke_Logs Lambda::invoke_return_logs(const Json& payload) {
    Invoke_Answer answer = invoke_raw(payload, true);
    Invoke_Logs logs{.status = answer.status,
                     .name = name,
                     .return_value = {},
                     .execution_logs = {},
                     .request_id = {},
                     .error = answer.error};
    if (answer.status == "error") return logs;
    logs.return_value = std::move(answer.data);
    logs.execution_logs = answer.response.value("LogResult", "");
    logs.request_id = answer.response.value("RequestId", "");
    return logs;
}

Json Lambda::invoke_async(const Json& payload) {
    return status_code_json(call_invoke(*this, payload, {.type = "Event"}).value());
}
Json Lambda::invoke_dry_run(const Json& payload) {
    return status_code_json(call_invoke(*this, payload, {.type = "DryRun"}).value());
}

Json Lambda::configuration() const {
    return client_of(session_).json("lambda", "GET", path_of(functions_path, name, "/configuration")).value();
}

Json Lambda::info(const std::string& function_name) const {
    return client_of(session_)
        .json("lambda", "GET", path_of(functions_path, function_name.empty() ? name : function_name))
        .value();
}

std::string Lambda::function_arn() const { return configuration().at("FunctionArn").get<std::string>(); }

Json Lambda::functions() const { return all_pages(client_of(session_), "/2015-03-31/functions", "Functions"); }

std::vector<std::string> Lambda::functions_names() const {
    std::vector<std::string> names;
    for (const Json& function : functions()) names.push_back(function.at("FunctionName").get<std::string>());
    std::sort(names.begin(), names.end());
    return names;
}

// ---- function URL ----

namespace {

std::vector<std::pair<std::string, std::string>> qualifier_query(const std::string& alias) {
    return alias.empty() ? std::vector<std::pair<std::string, std::string>>{}
                         : std::vector<std::pair<std::string, std::string>>{{"Qualifier", alias}};
}

Json url_members(const Function_Url_Options& options) {
    Json members{{"AuthType", options.auth_type}, {"InvokeMode", options.invoke_mode}};
    if (!options.cors.is_null()) members["Cors"] = options.cors;
    return members;
}

}  // namespace

Json Lambda::function_url_create(const Function_Url_Options& options) {
    if (function_url_exists()) return {{"status", "warning"}, {"message", "function url already existed"}};
    return client_of(session_)
        .json("lambda", "POST", path_of(urls_path, name, "/url"), url_members(options),
              qualifier_query(options.function_alias))
        .value();
}

Json Lambda::function_url_create_with_public_access(const std::string& invoke_mode) {
    Json created = function_url_create({.auth_type = "NONE", .invoke_mode = invoke_mode});
    Json allowed;
    const Json there = permissions();
    const auto has = [&](const std::string& sid) {
        return std::any_of(there.begin(), there.end(), [&](const Json& s) { return s.value("Sid", "") == sid; });
    };
    if (!has("FunctionURLAllowPublicAccess")) {
        allowed = permission_add({.function_arn = name,
                                  .statement_id = "FunctionURLAllowPublicAccess",
                                  .action = "lambda:InvokeFunctionUrl",
                                  .principal = "*",
                                  .source_arn = {},
                                  .function_url_auth_type = "NONE"});
    }
    if (!has("FunctionURLAllowPublicInvoke")) {
        // Asked for of URLs made since October 2025: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
        client_of(session_)
            .json("lambda", "POST", path_of(functions_path, name, "/policy"),
                  {{"StatementId", "FunctionURLAllowPublicInvoke"},
                   {"Action", "lambda:InvokeFunction"},
                   {"Principal", "*"},
                   {"InvokedViaFunctionUrl", true}})
            .value();
    }
    return {{"function_url_create", created}, {"function_set_policy", allowed}};
}

Json Lambda::function_url_info() const {
    auto found = client_of(session_).json("lambda", "GET", path_of(urls_path, name, "/url"));
    if (!found && !not_found(found.error())) throw Aws_Exception(found.error());
    return found ? std::move(*found) : Json::object();
}

std::string Lambda::function_url() const { return function_url_info().value("FunctionUrl", ""); }
bool Lambda::function_url_exists() const { return !function_url_info().empty(); }

Json Lambda::function_url_update(const Function_Url_Options& options) {
    if (!function_url_exists()) return nullptr;
    return client_of(session_)
        .json("lambda", "PUT", path_of(urls_path, name, "/url"), url_members(options),
              qualifier_query(options.function_alias))
        .value();
}

bool Lambda::function_url_delete() {
    auto deleted = client_of(session_).json("lambda", "DELETE", path_of(urls_path, name, "/url"));
    if (!deleted && !not_found(deleted.error())) throw Aws_Exception(deleted.error());
    return deleted.has_value();
}

// ---- permissions ----

Json Lambda::permission_add(const Permission& permission) {
    Json members{
        {"StatementId", permission.statement_id}, {"Action", permission.action}, {"Principal", permission.principal}};
    if (!permission.source_arn.empty()) members["SourceArn"] = permission.source_arn;
    if (!permission.function_url_auth_type.empty()) members["FunctionUrlAuthType"] = permission.function_url_auth_type;
    auto added = client_of(session_).json(
        "lambda", "POST",
        path_of(functions_path, permission.function_arn.empty() ? name : permission.function_arn, "/policy"), members);
    if (!added) return error_json(added.error());
    return Json::parse(added->at("Statement").get<std::string>());
}

Json Lambda::permission_delete(const std::string& function_name, const std::string& statement_id) {
    auto deleted = client_of(session_).json("lambda", "DELETE",
                                            path_of(functions_path, function_name.empty() ? name : function_name,
                                                    "/policy/" + wire::percent_encode(statement_id)));
    return deleted ? *deleted : error_json(deleted.error());
}

Json Lambda::policy() const {
    auto found = client_of(session_).json("lambda", "GET", path_of(functions_path, name, "/policy"));
    if (!found && !not_found(found.error())) throw Aws_Exception(found.error());
    return found ? Json::parse(found->at("Policy").get<std::string>()) : Json::object();
}

Json Lambda::permissions() const { return policy().value("Statement", Json::array()); }

Lambda& Lambda::policy_statements_clear() {
    for (const Json& statement : permissions()) permission_delete(name, statement.at("Sid").get<std::string>());
    return *this;
}

// ---- waiting ----

Status Lambda::wait_for_state(const std::string& state, Wait_Options options) {
    Growing_Wait wait(options);
    std::string seen;
    do {
        auto found = client_of(session_).json("lambda", "GET", path_of(functions_path, name, "/configuration"));
        if (!found)
            return {.status = "error",
                    .name = name,
                    .data = {},
                    .error = text_of(found.error()),
                    .message = found.error().message};
        seen = found->value("State", "");
        if (seen == state)
            return {.name = name,
                    .data = std::move(*found),
                    .error = "",
                    .message = "function has expected state of " + state};
        if (seen == "Failed") {
            const std::string reason = found->value("StateReason", "no reason given");
            return {.status = "error",
                    .name = name,
                    .data = {},
                    .error = "the function is Failed: " + reason,
                    .message = reason};
        }
    } while (wait.again());
    const std::string text =
        fmt::format("the function is still {} after {} ms, not {}", seen, options.max_wait.count(), state);
    return {.status = "error", .name = name, .data = {}, .error = text, .message = text};
}

std::string Lambda::wait_for_function_update_to_complete(Wait_Options options) {
    Growing_Wait wait(options);
    std::string seen;
    do {
        seen = configuration().value("LastUpdateStatus", "");
        if (seen != "InProgress") return seen;
    } while (wait.again());
    return seen;
}

Json invoke_lambda(const std::string& lambda_name, const Json& payload) { return Lambda(lambda_name).invoke(payload); }
Json invoke_lambda_async(const std::string& lambda_name, const Json& payload) {
    return Lambda(lambda_name).invoke_async(payload);
}

}  // namespace osbot_aws
