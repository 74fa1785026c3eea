#include <algorithm>

#include "base/error_codes.hpp"
#include "sdk/lambda_calls.hpp"

namespace osbot_aws {
namespace {

constexpr const char* public_access_sid = "FunctionURLAllowPublicAccess";
constexpr const char* public_invoke_sid = "FunctionURLAllowPublicInvoke";

Json url_members(const Function_Url_Changes& changes) {
    Json members = Json::object();
    if (!changes.auth_type.empty()) members["AuthType"] = changes.auth_type;
    if (!changes.invoke_mode.empty()) members["InvokeMode"] = changes.invoke_mode;
    if (!changes.cors.is_null()) members["Cors"] = changes.cors;
    return members;
}

Json statement_of(const Json& statements, const char* sid) {
    const auto found = std::find_if(statements.begin(), statements.end(),
                                    [&](const Json& statement) { return statement.value("Sid", "") == sid; });
    return found != statements.end() ? *found : Json();
}

}  // namespace

Json Lambda::function_url_create(const Function_Url_Options& options) {
    auto created = client_of(session_).json(
        "lambda", "POST", path_of(urls_path, name, "/url"),
        url_members({.auth_type = options.auth_type, .invoke_mode = options.invoke_mode, .cors = options.cors}),
        qualifier_query(options.function_alias));
    if (!created && created.error().code == codes::resource_conflict)
        return {{"status", "warning"}, {"message", "function url already existed"}};
    return std::move(created).value();
}

Status Lambda::function_url_create_with_public_access(const std::string& invoke_mode) try {
    Json created = function_url_create({.auth_type = "NONE", .invoke_mode = invoke_mode});
    // With AWS_IAM, unsigned requests are rejected, even if the policy allows everyone.
    if (created.contains("status") && function_url_info().value("AuthType", "") != "NONE")
        created = function_url_update({.auth_type = "NONE"});
    const Json statements = permissions();
    Status allowed{.name = name, .data = statement_of(statements, public_access_sid)};
    if (allowed.data.is_null()) {
        allowed = permission_add({.statement_id = public_access_sid,
                                  .action = "lambda:InvokeFunctionUrl",
                                  .principal = "*",
                                  .function_url_auth_type = "NONE"});
    }
    if (allowed && statement_of(statements, public_invoke_sid).is_null()) {
        // Required for URLs created since October 2025: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
        const auto added = client_of(session_).json("lambda", "POST", path_of(functions_path, name, "/policy"),
                                                    {{"StatementId", public_invoke_sid},
                                                     {"Action", "lambda:InvokeFunction"},
                                                     {"Principal", "*"},
                                                     {"InvokedViaFunctionUrl", true}});
        if (!added) allowed = error_status(name, added.error());
    }
    const Json statement = allowed ? std::move(allowed.data) : Json{{"error", allowed.error}};
    allowed.data = {{"function_url_create", created}, {"function_set_policy", statement}};
    return allowed;
} catch (const Aws_Exception& error) { return error_status(name, error.error()); }

Json Lambda::function_url_info(const std::string& alias) const {
    auto found =
        client_of(session_).json("lambda", "GET", path_of(urls_path, name, "/url"), nullptr, qualifier_query(alias));
    if (!found && !not_found(found.error())) throw Aws_Exception(found.error());
    return found ? std::move(*found) : Json::object();
}

std::string Lambda::function_url(const std::string& alias) const {
    return function_url_info(alias).value("FunctionUrl", "");
}

bool Lambda::function_url_exists(const std::string& alias) const { return !function_url_info(alias).empty(); }

Json Lambda::function_url_update(const Function_Url_Changes& changes) {
    auto updated = client_of(session_).json("lambda", "PUT", path_of(urls_path, name, "/url"), url_members(changes),
                                            qualifier_query(changes.function_alias));
    if (!updated && not_found(updated.error())) return nullptr;
    return std::move(updated).value();
}

bool Lambda::function_url_delete(const std::string& alias) {
    auto deleted =
        client_of(session_).json("lambda", "DELETE", path_of(urls_path, name, "/url"), nullptr, qualifier_query(alias));
    if (!deleted && !not_found(deleted.error())) throw Aws_Exception(deleted.error());
    return deleted.has_value();
}

}  // namespace osbot_aws
