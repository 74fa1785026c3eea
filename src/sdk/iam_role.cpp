#include <fmt/format.h>

#include <algorithm>

#include <osbot_aws/aws/iam/IAM_Role.hpp>

#include "base/error_codes.hpp"
#include "base/json.hpp"
#include "base/numbers.hpp"
#include "base/random.hpp"
#include "client/paging.hpp"
#include "sdk/session_impl.hpp"
#include "wire/http.hpp"

namespace osbot_aws {
namespace {

constexpr const char* logs_policy = "write_logs";

Json lambda_trust_policy() {
    return {
        {"Version", "2012-10-17"},
        {"Statement",
         {{{"Effect", "Allow"}, {"Principal", {{"Service", "lambda.amazonaws.com"}}}, {"Action", "sts:AssumeRole"}}}}};
}

using Fields = std::vector<std::pair<std::string, std::string>>;

Json list(const Session& session, const std::string& action, const char* items, const std::string& role_name) {
    return client::all_pages({items, "Marker"},
                             [&](const std::string& marker) {
                                 Fields fields{{"RoleName", role_name}};
                                 if (!marker.empty()) fields.emplace_back("Marker", marker);
                                 return client_of(session).query("iam", action, std::move(fields));
                             })
        .value();
}

/// Converts a role from IAM's XML to the types that boto3 returns. In the XML, all values are text, and documents are
/// percent-encoded.
/// Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html
Json parse_role(Json role) {
    Json& document = role["AssumeRolePolicyDocument"];
    if (document.is_string()) {
        Json decoded = base::parse_json(wire::percent_decode(document.get_ref<const std::string&>()));
        if (!decoded.is_discarded()) document = std::move(decoded);
    }
    if (const auto seconds = base::parse_number<int>(role.value("MaxSessionDuration", "")))
        role["MaxSessionDuration"] = *seconds;
    // An element without children is parsed as an empty string.
    const auto set_default = [&](const char* member, Json empty) {
        if (const auto found = role.find(member); found != role.end() && found->is_string()) *found = std::move(empty);
    };
    set_default("RoleLastUsed", Json::object());
    set_default("Tags", Json::array());
    return role;
}

Role_Status failed_status(const std::string& role_name, const Aws_Exception& error) {
    return {{.status = "error",
             .name = role_name,
             .data = {},
             .code = error.code(),
             .error = error.what(),
             .message = error.error().message},
            role_name,
            ""};
}

}  // namespace

Json Role_Status::to_json() const {
    Json json{{"status", status},
              {"data", status == "warning" ? Json(message) : data},
              {"role_name", role_name},
              {"role_arn", role_arn}};
    if (!error.empty()) json["error"] = error;
    return json;
}

IAM_Role::IAM_Role(const std::string& role_name, Session session)
    : role_name_(role_name.substr(role_name.rfind('/') + 1)), session_(std::move(session)) {
    if (role_name_.empty()) role_name_ = "osbot_temp_role_" + base::random_hex(8);
}

Role_Status IAM_Role::create(const Json& assume_policy_document) try {
    Role_Status status{{.name = role_name_}, role_name_, ""};
    auto created = client_of(session_).query(
        "iam", "CreateRole",
        {{"RoleName", role_name_}, {"AssumeRolePolicyDocument", base::dump_json(assume_policy_document)}});
    if (!created && created.error().code == codes::entity_already_exists) {
        status.status = "warning";
        status.message = "role already exists";
        status.role_arn = arn();
        return status;
    }
    status.data = parse_role(std::move(created).value().at("Role"));
    status.role_arn = status.data.at("Arn").get<std::string>();
    return status;
} catch (const Aws_Exception& error) { return failed_status(role_name_, error); }

Role_Status IAM_Role::create_for_lambda() try {
    Role_Status status = create(lambda_trust_policy());
    if (status.status == "ok") allow_logs();
    return status;
} catch (const Aws_Exception& error) { return failed_status(role_name_, error); }

Json IAM_Role::info() const {
    const auto found =
        value_unless(codes::no_such_entity, client_of(session_).query("iam", "GetRole", {{"RoleName", role_name_}}));
    return found ? parse_role(found->at("Role")) : Json();
}

std::string IAM_Role::arn() const {
    const Json role = info();
    return role.is_null() ? "" : role.at("Arn").get<std::string>();
}

bool IAM_Role::exists() const { return !info().is_null(); }

// ---- policies ----

// https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSLambdaBasicExecutionRole.html
IAM_Role& IAM_Role::allow_logs() {
    return put_policy(logs_policy, {{"Version", "2012-10-17"},
                                    {"Statement",
                                     {{{"Effect", "Allow"},
                                       {"Action", {"logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"}},
                                       {"Resource", "*"}}}}});
}

bool IAM_Role::allows_logs() const {
    const std::vector<std::string> names = inline_policies();
    return std::find(names.begin(), names.end(), logs_policy) != names.end();
}

IAM_Role& IAM_Role::attach_policy(const std::string& policy_arn) {
    client_of(session_).query("iam", "AttachRolePolicy", {{"RoleName", role_name_}, {"PolicyArn", policy_arn}}).value();
    return *this;
}

IAM_Role& IAM_Role::put_policy(const std::string& policy_name, const Json& policy_document) {
    client_of(session_)
        .query("iam", "PutRolePolicy",
               {{"RoleName", role_name_},
                {"PolicyName", policy_name},
                {"PolicyDocument", base::dump_json(policy_document)}})
        .value();
    return *this;
}

std::vector<std::string> IAM_Role::attached_policies() const {
    std::vector<std::string> arns;
    for (const Json& policy : list(session_, "ListAttachedRolePolicies", "AttachedPolicies", role_name_))
        arns.push_back(policy.at("PolicyArn").get<std::string>());
    return arns;
}

std::vector<std::string> IAM_Role::inline_policies() const {
    return list(session_, "ListRolePolicies", "PolicyNames", role_name_).get<std::vector<std::string>>();
}

bool IAM_Role::delete_() {
    if (!exists()) return false;
    client::Aws_Client& iam = client_of(session_);
    for (const std::string& arn : attached_policies())
        iam.query("iam", "DetachRolePolicy", {{"RoleName", role_name_}, {"PolicyArn", arn}}).value();
    for (const std::string& name : inline_policies())
        iam.query("iam", "DeleteRolePolicy", {{"RoleName", role_name_}, {"PolicyName", name}}).value();
    iam.query("iam", "DeleteRole", {{"RoleName", role_name_}}).value();
    return true;
}

}  // namespace osbot_aws
