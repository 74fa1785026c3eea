#include <fmt/format.h>

#include <osbot_aws/aws/iam/IAM_Role.hpp>

#include "face/session_impl.hpp"

namespace osbot_aws {
namespace {

const char* const trust_policy =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]})";
constexpr std::string_view logs_policy = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";

/// Lists come as {} or "" when they are empty.
Json list_of(const Json& answer, const char* name) {
    return answer.is_object() && answer.contains(name) && answer.at(name).is_array() ? answer.at(name) : Json::array();
}

}  // namespace

IAM_Role::IAM_Role(std::string role_name, Session session)
    : role_name_(std::move(role_name)), session_(std::move(session)) {}

Status IAM_Role::create_for_lambda() {
    client::Aws_Client& iam = client_of(session_);
    auto created =
        iam.query("iam", "CreateRole", {{"RoleName", role_name_}, {"AssumeRolePolicyDocument", trust_policy}});
    if (!created && created.error().code == "EntityAlreadyExists") {
        return {.status = "warning", .name = role_name_, .data = {}, .error = "", .message = "role already exists"};
    }
    if (!created)
        return {.status = "error",
                .name = role_name_,
                .data = {},
                .error = fmt::format("{}: {}", created.error().code, created.error().message)};
    auto attached =
        iam.query("iam", "AttachRolePolicy", {{"RoleName", role_name_}, {"PolicyArn", std::string(logs_policy)}});
    if (!attached)
        return {.status = "error",
                .name = role_name_,
                .data = {},
                .error = fmt::format("{}: {}", attached.error().code, attached.error().message)};
    return {.name = role_name_, .data = created->at("Role")};
}

Json IAM_Role::info() const {
    auto found = client_of(session_).query("iam", "GetRole", {{"RoleName", role_name_}});
    if (!found && found.error().code != "NoSuchEntity") throw Aws_Exception(found.error());
    return found ? found->at("Role") : Json();
}

std::string IAM_Role::arn() const {
    const Json role = info();
    return role.is_null() ? "" : role.at("Arn").get<std::string>();
}

bool IAM_Role::exists() const { return !info().is_null(); }

bool IAM_Role::delete_() {
    if (!exists()) return false;
    client::Aws_Client& iam = client_of(session_);
    const auto attached = iam.query("iam", "ListAttachedRolePolicies", {{"RoleName", role_name_}}).value();
    for (const Json& policy : list_of(attached, "AttachedPolicies")) {
        iam.query("iam", "DetachRolePolicy",
                  {{"RoleName", role_name_}, {"PolicyArn", policy.at("PolicyArn").get<std::string>()}})
            .value();
    }
    const auto inlined = iam.query("iam", "ListRolePolicies", {{"RoleName", role_name_}}).value();
    for (const Json& policy : list_of(inlined, "PolicyNames")) {
        iam.query("iam", "DeleteRolePolicy", {{"RoleName", role_name_}, {"PolicyName", policy.get<std::string>()}})
            .value();
    }
    iam.query("iam", "DeleteRole", {{"RoleName", role_name_}}).value();
    return true;
}

}  // namespace osbot_aws
