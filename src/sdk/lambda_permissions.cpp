#include "base/json.hpp"
#include "sdk/lambda_calls.hpp"

namespace osbot_aws {
namespace {

Result<Json> remove(const Session& session, const std::string& function_name, const std::string& statement_id) {
    return call_function(session, "DELETE", function_name, "/policy/" + wire::percent_encode(statement_id));
}

}  // namespace

Status Lambda::permission_add(const Permission& permission) {
    Json members{
        {"StatementId", permission.statement_id}, {"Action", permission.action}, {"Principal", permission.principal}};
    if (!permission.source_arn.empty()) members["SourceArn"] = permission.source_arn;
    if (!permission.function_url_auth_type.empty()) members["FunctionUrlAuthType"] = permission.function_url_auth_type;
    const auto added = call_function(session_, "POST", name_or(permission.function_arn, *this), "/policy", members);
    if (!added) return error_status(name, added.error());
    return {.name = name, .data = base::parse_json_or_throw(added->at("Statement").get<std::string>())};
}

Status Lambda::permission_delete(const std::string& function_name, const std::string& statement_id) {
    return status_of(name, remove(session_, name_or(function_name, *this), statement_id));
}

Json Lambda::policy() const {
    const auto response = found(call_function(session_, "GET", name, "/policy"));
    return response ? base::parse_json_or_throw(response->at("Policy").get<std::string>()) : Json::object();
}

Json Lambda::permissions() const { return policy().value("Statement", Json::array()); }

Json Lambda::policy_statements(const List_Options& options) const { return index_or_group(permissions(), options); }

Lambda& Lambda::policy_statements_clear() {
    for (const Json& statement : permissions()) found(remove(session_, name, statement.at("Sid").get<std::string>()));
    return *this;
}

}  // namespace osbot_aws
