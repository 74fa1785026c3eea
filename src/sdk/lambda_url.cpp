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

Result<Json> call_url(const Lambda& f, const std::string& method, const Json& members, const std::string& alias) {
    return client_of(f.session())
        .json("lambda", method, path_of(urls_path, f.name, "/url"), members, qualifier_query(alias));
}

}  // namespace

Json Lambda::function_url_create(const Function_Url_Options& options) {
    const Function_Url_Changes settings{
        .auth_type = options.auth_type, .invoke_mode = options.invoke_mode, .cors = options.cors};
    return value_unless(codes::resource_conflict,
                        call_url(*this, "POST", url_members(settings), options.function_alias))
        .value_or(Json{{"status", "warning"}, {"message", "function url already existed"}});
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
        const auto added = call_function(session_, "POST", name, "/policy",
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
    return found(call_url(*this, "GET", nullptr, alias)).value_or(Json::object());
}

std::string Lambda::function_url(const std::string& alias) const {
    return function_url_info(alias).value("FunctionUrl", "");
}

bool Lambda::function_url_exists(const std::string& alias) const { return !function_url_info(alias).empty(); }

Json Lambda::function_url_update(const Function_Url_Changes& changes) {
    return found(call_url(*this, "PUT", url_members(changes), changes.function_alias)).value_or(Json());
}

bool Lambda::function_url_delete(const std::string& alias) {
    return found(call_url(*this, "DELETE", nullptr, alias)).has_value();
}

}  // namespace osbot_aws
