#include "services/iam/api/principal.hpp"

namespace osbot_aws::services {

namespace {

Error invalid_arn(const std::string& arn) { return {"InvalidInput", fmt::format("ARN {} is not valid.", arn), 400}; }

}  // namespace

Json boundary_json(const std::string& arn) {
    return {{"PermissionsBoundaryType", "Policy"}, {"PermissionsBoundaryArn", arn}};
}

std::optional<Error> bad_boundary(const Iam& iam, const Account& account, const std::string& arn) {
    if (arn.empty()) return std::nullopt;
    if (arn.find(":policy/") == std::string::npos) return invalid_arn(arn);
    if (iam.policy(account, arn) != nullptr) return std::nullopt;
    return missing_policy(account, arn, fmt::format("Scope ARN: {} does not exist or is not attachable.", arn));
}

std::optional<Error> bad_policy_arn(const std::string& arn) {
    if (arn.starts_with("arn:") && arn.find(":policy/") != std::string::npos) return std::nullopt;
    return invalid_arn(arn);
}

// Recorded in China: https://github.com/pulumi/pulumi-aws-apigateway/issues/347
Error missing_policy(const Account& account, const std::string& arn, std::string message) {
    const auto parts = wire::Arn::parse(arn);
    if (parts && parts->partition != account.partition()) return {"ValidationError", "Invalid ARN partition", 400};
    return {"NoSuchEntity", std::move(message), 404};
}

std::optional<Error> bad_change(const Role& role) {
    if (role.linked_service.empty()) return std::nullopt;
    return Error{
        "UnmodifiableEntity",
        fmt::format("Cannot perform the operation on the protected role '{}' - this role is only modifiable by "
                    "AWS",
                    role.name),
        400};
}

std::string_view policy_path(std::string_view arn) {
    constexpr std::string_view type = ":policy";
    arn.remove_prefix(std::min(arn.find(type) + type.size(), arn.size()));
    return arn.substr(0, arn.rfind('/') + 1);
}

Error delete_conflict(std::string_view reason) {
    return {"DeleteConflict", fmt::format("Cannot delete entity, must {} first.", reason), 409};
}

std::optional<Error> has_policies(const Principal& principal) {
    if (!principal.attached.empty()) return delete_conflict("detach all policies");
    if (!principal.inline_policies.empty()) return delete_conflict("delete policies");
    return std::nullopt;
}

Json attached_json(const std::string& arn) {
    return {{"PolicyName", arn.substr(arn.rfind('/') + 1)}, {"PolicyArn", arn}};
}

Json attached_list(const Principal& principal) {
    auto arns = principal.attached;
    std::ranges::sort(arns);
    Json list = Json::array();
    for (const std::string& arn : arns) list.push_back(attached_json(arn));
    return list;
}

Json inline_json(const Principal& principal) {
    Json list = Json::array();
    for (const auto& [name, document] : principal.inline_policies)
        list.push_back({{"PolicyName", name}, {"PolicyDocument", wire::percent_encode(document)}});
    return list;
}

}  // namespace osbot_aws::services
