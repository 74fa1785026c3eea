// Source:
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
#include <fmt/format.h>

#include "services/access/access_rules.hpp"
#include "services/iam/caller.hpp"

namespace osbot_aws::services {
namespace {

/// Returns the ARN of an entity, whose path is part of it; of a new one, with the path of the input.
template <class T>
std::string entity_arn(const Access_Input& input, std::string_view type, const std::string& name) {
    if (const T* found = input.state.iam.all<T>().find(input.call.account, name)) return found->arn;
    const std::string path = input.call.fields().text_or("Path", "/");
    return input.global("iam", fmt::format("{}{}{}", type, path.starts_with('/') ? path : "/", name));
}

/// The user that the input names, or else the caller.
Resources iam_user(const Access_Input& input) {
    if (const auto name = input.call.fields().text("UserName")) return {entity_arn<User>(input, "user", *name)};
    return {input.call.caller ? input.call.caller->arn : "*"};
}
Resources user_of_key(const Access_Input& input) {
    const User* found = input.state.iam.user_of_key(input.text("AccessKeyId"));
    return {found != nullptr && found->account == input.call.account.id ? found->arn : "*"};
}
Resources iam_group(const Access_Input& input) { return {entity_arn<Group>(input, "group", input.text("GroupName"))}; }
Resources iam_role(const Access_Input& input) { return {entity_arn<Role>(input, "role", input.text("RoleName"))}; }
Resources new_policy(const Access_Input& input) {
    const std::string path = input.call.fields().text_or("Path", "/");
    return {input.global("iam", "policy" + path + input.text("PolicyName"))};
}
Resources instance_profile(const Access_Input& input) {
    return {entity_arn<Instance_Profile>(input, "instance-profile", input.text("InstanceProfileName"))};
}
Resources iam_certificate(const Access_Input& input) {
    return {entity_arn<Server_Certificate>(input, "server-certificate", input.text("ServerCertificateName"))};
}
Resources new_oidc_provider(const Access_Input& input) {
    const std::string url = input.text("Url");
    const std::size_t scheme = url.find("://");
    return {input.global("iam", "oidc-provider/" + url.substr(scheme == std::string::npos ? 0 : scheme + 3))};
}
Resources new_saml_provider(const Access_Input& input) {
    return {input.global("iam", "saml-provider/" + input.text("Name"))};
}
Resources new_mfa_device(const Access_Input& input) {
    return {input.global("iam", "mfa" + input.call.fields().text_or("Path", "/") + input.text("VirtualMFADeviceName"))};
}
Resources linked_role(const Access_Input& input) {
    return {input.global(
        "iam", fmt::format("role/aws-service-role/{}/{}", input.text("AWSServiceName"), input.text("CustomSuffix")))};
}
Resources delegation_request(const Access_Input& input) {
    return {input.global("iam", "delegation-request/" + input.text("DelegationRequestId"))};
}

constexpr Resource_Group iam_groups[] = {
    {&any_resource,
     "AcquireRole CreateAccountAlias CreateDelegationRequest DeleteAccountAlias DeleteAccountPasswordPolicy "
     "DisableOrganizationsRootCredentialsManagement DisableOrganizationsRootSessions "
     "DisableOutboundWebIdentityFederation EnableOrganizationsRootCredentialsManagement "
     "EnableOrganizationsRootSessions EnableOutboundWebIdentityFederation GenerateCredentialReport "
     "GenerateOrganizationsAccessReport GetAccountAuthorizationDetails GetAccountPasswordPolicy GetAccountProperties "
     "GetAccountSummary GetContextKeysForCustomPolicy GetCredentialReport GetHumanReadableSummary "
     "GetOrganizationsAccessReport GetOutboundWebIdentityFederationInfo GetRoleTemplateVersion "
     "GetServiceLastAccessedDetails GetServiceLastAccessedDetailsWithEntities GetServiceLinkedRoleDeletionStatus "
     "ListAccountAliases ListDelegationRequests ListGroups ListInstanceProfiles ListOpenIDConnectProviders "
     "ListOrganizationsFeatures ListPolicies ListRoles ListSAMLProviders ListServerCertificates ListUsers "
     "ListVirtualMFADevices PutAccountProperties SendDelegationToken SetSecurityTokenServicePreferences "
     "SimulateCustomPolicy UpdateAccountPasswordPolicy"},
    {&iam_user,
     "AttachUserPolicy ChangePassword CreateAccessKey CreateLoginProfile CreateServiceSpecificCredential CreateUser "
     "DeactivateMFADevice DeleteAccessKey DeleteLoginProfile DeleteSSHPublicKey DeleteServiceSpecificCredential "
     "DeleteSigningCertificate DeleteUser DeleteUserPermissionsBoundary DeleteUserPolicy DetachUserPolicy "
     "EnableMFADevice GetLoginProfile GetMFADevice GetSSHPublicKey GetUser GetUserPolicy ListAccessKeys "
     "ListAttachedUserPolicies ListGroupsForUser ListMFADevices ListSSHPublicKeys ListServiceSpecificCredentials "
     "ListSigningCertificates ListUserPolicies ListUserTags PutUserPermissionsBoundary PutUserPolicy "
     "ResetServiceSpecificCredential ResyncMFADevice TagUser UntagUser UpdateAccessKey UpdateLoginProfile "
     "UpdateSSHPublicKey UpdateServiceSpecificCredential UpdateSigningCertificate UpdateUser UploadSSHPublicKey "
     "UploadSigningCertificate"},
    {&user_of_key, "GetAccessKeyLastUsed"},
    {&iam_group,
     "AddUserToGroup AttachGroupPolicy CreateGroup DeleteGroup DeleteGroupPolicy DetachGroupPolicy GetGroup "
     "GetGroupPolicy ListAttachedGroupPolicies ListGroupPolicies PutGroupPolicy RemoveUserFromGroup UpdateGroup"},
    {&iam_role,
     "AttachRolePolicy CreateRole DeleteRole DeleteRolePermissionsBoundary DeleteRolePolicy DeleteServiceLinkedRole "
     "DetachRolePolicy GetRole GetRolePolicy ListAttachedRolePolicies ListInstanceProfilesForRole ListRolePolicies "
     "ListRoleTags PutRolePermissionsBoundary PutRolePolicy TagRole UntagRole UpdateAssumeRolePolicy UpdateRole "
     "UpdateRoleDescription"},
    {&linked_role, "CreateServiceLinkedRole"},
    {&arn_in<"PolicyArn">,
     "CreatePolicyVersion DeletePolicy DeletePolicyVersion GetPolicy GetPolicyVersion ListEntitiesForPolicy "
     "ListPolicyTags ListPolicyVersions SetDefaultPolicyVersion TagPolicy UntagPolicy"},
    {&new_policy, "CreatePolicy"},
    {&instance_profile,
     "AddRoleToInstanceProfile CreateInstanceProfile DeleteInstanceProfile GetInstanceProfile ListInstanceProfileTags "
     "RemoveRoleFromInstanceProfile TagInstanceProfile UntagInstanceProfile"},
    {&iam_certificate,
     "DeleteServerCertificate GetServerCertificate ListServerCertificateTags TagServerCertificate "
     "UntagServerCertificate UpdateServerCertificate UploadServerCertificate"},
    {&arn_in<"OpenIDConnectProviderArn">,
     "AddClientIDToOpenIDConnectProvider DeleteOpenIDConnectProvider GetOpenIDConnectProvider "
     "ListOpenIDConnectProviderTags RemoveClientIDFromOpenIDConnectProvider TagOpenIDConnectProvider "
     "UntagOpenIDConnectProvider UpdateOpenIDConnectProvider UpdateOpenIDConnectProviderThumbprint"},
    {&new_oidc_provider, "CreateOpenIDConnectProvider"},
    {&arn_in<"SAMLProviderArn">,
     "DeleteSAMLProvider GetSAMLProvider ListSAMLProviderTags TagSAMLProvider UntagSAMLProvider UpdateSAMLProvider"},
    {&new_saml_provider, "CreateSAMLProvider"},
    {&arn_in<"SerialNumber">, "DeleteVirtualMFADevice ListMFADeviceTags TagMFADevice UntagMFADevice"},
    {&new_mfa_device, "CreateVirtualMFADevice"},
    {&arn_in<"Arn">, "GenerateServiceLastAccessedDetails ListPoliciesGrantingServiceAccess"},
    {&arn_in<"PolicySourceArn">, "GetContextKeysForPrincipalPolicy SimulatePrincipalPolicy"},
    {&delegation_request,
     "AcceptDelegationRequest AssociateDelegationRequest GetDelegationRequest RejectDelegationRequest "
     "UpdateDelegationRequest"},
};

constexpr Additional_Action iam_additional[] = {
    {"AddRoleToInstanceProfile", "RoleName", "iam:PassRole", &iam_role},
    {"CreateInstanceProfile", "Tags", "iam:TagInstanceProfile", &instance_profile},
    {"CreateOpenIDConnectProvider", "Tags", "iam:TagOpenIDConnectProvider", &new_oidc_provider},
    {"CreatePolicy", "Tags", "iam:TagPolicy", &new_policy},
    {"CreateRole", "Tags", "iam:TagRole", &iam_role},
    {"CreateSAMLProvider", "Tags", "iam:TagSAMLProvider", &new_saml_provider},
    {"CreateUser", "Tags", "iam:TagUser", &iam_user},
    {"CreateVirtualMFADevice", "Tags", "iam:TagMFADevice", &new_mfa_device},
    {"UploadServerCertificate", "Tags", "iam:TagServerCertificate", &iam_certificate},
};

}  // namespace

const Access_Rules& iam_access_rules() {
    static constexpr Access_Rules rules{"iam", iam_groups, {}, iam_additional, ""};
    return rules;
}

}  // namespace osbot_aws::services
