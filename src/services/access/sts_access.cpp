// Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html
#include "services/access/access_rules.hpp"

namespace osbot_aws::services {
namespace {

Resources federated_user(const Access_Input& input) {
    return {input.global("sts", "federated-user/" + input.text("Name"))};
}

Resources target_root(const Access_Input& input) {
    const std::string target = input.text("TargetPrincipal");
    return {target.starts_with("arn:") ? target : Account{target, input.call.account.region}.root_arn()};
}

constexpr Resource_Group sts_groups[] = {
    {&any_resource,
     "DecodeAuthorizationMessage GetAccessKeyInfo GetDelegatedAccessToken GetScopedCredentials GetWebIdentityToken"},
    {&arn_in<"RoleArn">, "AssumeRole AssumeRoleWithSAML AssumeRoleWithWebIdentity"},
    {&federated_user, "GetFederationToken"},
    {&target_root, "AssumeRoot"},
};

constexpr Additional_Action sts_additional[] = {
    {"AssumeRole", "Tags", "sts:TagSession", &arn_in<"RoleArn">},
    {"AssumeRole", "SourceIdentity", "sts:SetSourceIdentity", &arn_in<"RoleArn">},
    {"GetFederationToken", "Tags", "sts:TagSession", &federated_user},
};

/// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_getsessiontoken.html and the
/// API reference of GetCallerIdentity: both require no permission.
constexpr std::string_view sts_unchecked = "GetCallerIdentity GetSessionToken";

}  // namespace

const Access_Rules& sts_access_rules() {
    static constexpr Access_Rules rules{"sts", sts_groups, {}, sts_additional, sts_unchecked};
    return rules;
}

}  // namespace osbot_aws::services
