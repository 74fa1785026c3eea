#include "base/json.hpp"
#include "sdk/lambda_calls.hpp"

namespace osbot_aws {
namespace {

Result<Json> remove(const Session& session, const std::string& function_name, const std::string& statement_id) {
    return client_of(session).json(
        "lambda", "DELETE", path_of(functions_path, function_name, "/policy/" + wire::percent_encode(statement_id)));
}

}  // namespace

Status Lambda::permission_add(const Permission& permission) {
    Json members{
        {"StatementId", permission.statement_id}, {"Action", permission.action}, {"Principal", permission.principal}};
    if (!permission.source_arn.empty()) members["SourceArn"] = permission.source_arn;
    if (!permission.function_url_auth_type.empty()) members["FunctionUrlAuthType"] = permission.function_url_auth_type;
    auto added = client_of(session_).json(
        "lambda", "POST",
        path_of(functions_path, permission.function_arn.empty() ? name : permission.function_arn, "/policy"), members);
    if (!added) return error_status(name, added.error());
    return {.name = name, .data = base::parse_json_or_throw(added->at("Statement").get<std::string>())};
}

Status Lambda::permission_delete(const std::string& function_name, const std::string& statement_id) {
    return status_of(name, remove(session_, function_name.empty() ? name : function_name, statement_id));
}

Json Lambda::policy() const {
    auto found = client_of(session_).json("lambda", "GET", path_of(functions_path, name, "/policy"));
    if (!found && !not_found(found.error())) throw Aws_Exception(found.error());
    return found ? base::parse_json_or_throw(found->at("Policy").get<std::string>()) : Json::object();
}

Json Lambda::permissions() const { return policy().value("Statement", Json::array()); }

Json Lambda::policy_statements(const List_Options& options) const { return index_or_group(permissions(), options); }

Lambda& Lambda::policy_statements_clear() {
    for (const Json& statement : permissions()) {
        const auto removed = remove(session_, name, statement.at("Sid").get<std::string>());
        if (!removed && !not_found(removed.error())) throw Aws_Exception(removed.error());
    }
    return *this;
}

}  // namespace osbot_aws
