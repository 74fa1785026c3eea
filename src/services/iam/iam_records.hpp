// How the entities of IAM are stored.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "services/iam/entities.hpp"
#include "services/state.hpp"
#include "wire/arn.hpp"

namespace osbot_aws::services {

/// Whose entities: those of an account in a partition. Each partition has an IAM of its own. Source:
/// https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
struct Iam_Scope {
    Iam_Scope(std::string account_, std::string_view partition_)
        : account(std::move(account_)), partition(partition_) {}
    Iam_Scope(const Account& owner) : Iam_Scope(owner.id, owner.partition()) {}

    std::string account, partition;
    auto operator<=>(const Iam_Scope&) const = default;
};

/// Returns the scope of an entity, or of a caller.
template <class T>
Iam_Scope scope_of(const T& entity) {
    if constexpr (requires { entity.partition; })
        return {entity.account, entity.partition};
    else
        return {entity.account, wire::partition_in(entity.arn)};
}
/// Returns the scope of the entity with an ARN.
Iam_Scope scope_in(std::string_view arn);

/// The fields that users, groups and roles have in common.
template <class Fields, class Entity>
void describe_principal(Fields& f, Entity& principal) {
    f("account", principal.account)("name", principal.name)("id", principal.id)("arn", principal.arn);
    f("path", principal.path)("created_at", principal.created_at)("inline_policies", principal.inline_policies);
    f("attached", principal.attached)("tags", principal.tags).optional("boundary", principal.permissions_boundary);
}

template <class Fields>
void describe(Fields& f, store::Of<Fields, Role>& role) {
    describe_principal(f, role);
    f("description", role.description)("trust_policy", role.trust_policy)("session_s_max", role.session_s_max);
    f.optional("signin_s_max", role.signin_s_max).optional("linked_service", role.linked_service);
    f.optional("used_at", role.last_used_at).optional("used_in", role.last_used_region);
}

template <class Fields>
void describe(Fields& f, store::Of<Fields, Group>& group) {
    describe_principal(f, group);
}

template <class Fields>
void describe(Fields& f, store::Of<Fields, Login_Profile>& login) {
    f("created_at", login.created_at)("salt", login.salt)("hash", login.password_hash)("reset", login.reset_required);
}

template <class Fields>
void describe(Fields& f, store::Of<Fields, Credential>& credential) {
    f("id", credential.id)("created_at", credential.created_at)("status", credential.status)("body", credential.body);
    f.optional("service", credential.service).optional("login", credential.login);
    f.optional("expires_at", credential.expires_at).optional("used_at", credential.used_at);
    f.optional("used_in", credential.used_region).optional("used_for", credential.used_service);
}

template <class Fields>
void describe(Fields& f, store::Of<Fields, User>& user) {
    describe_principal(f, user);
    f("groups", user.group_ids).optional("login", user.login).optional("access_keys", user.access_keys);
    f.optional("ssh_keys", user.ssh_keys).optional("certificates", user.certificates);
    f.optional("service_credentials", user.service_credentials);
}

template <class Fields>
void describe(Fields& f, store::Of<Fields, Policy_Version>& version) {
    f("number", version.number)("document", version.document)("created_at", version.created_at);
}

template <class Fields>
void describe(Fields& f, store::Of<Fields, Policy>& policy) {
    f("account", policy.account)("name", policy.name)("id", policy.id)("arn", policy.arn)("path", policy.path);
    f("description", policy.description)("created_at", policy.created_at)("updated_at", policy.updated_at);
    f("versions", policy.versions)("default_version", policy.default_version)("last_version", policy.last_version);
    f("tags", policy.tags);
}

template <class Fields>
void describe(Fields& f, store::Of<Fields, Instance_Profile>& profile) {
    f("account", profile.account)("name", profile.name)("id", profile.id)("arn", profile.arn)("path", profile.path);
    f("created_at", profile.created_at)("role", profile.role)("tags", profile.tags);
}

template <class Fields>
void describe(Fields& f, store::Of<Fields, Oidc_Provider>& provider) {
    f("account", provider.account)("arn", provider.arn)("url", provider.url)("created_at", provider.created_at);
    f("client_ids", provider.client_ids)("thumbprints", provider.thumbprints)("tags", provider.tags);
}

template <class Fields>
void describe(Fields& f, store::Of<Fields, Saml_Key>& key) {
    f("id", key.id)("added_at", key.added_at);
}

template <class Fields>
void describe(Fields& f, store::Of<Fields, Saml_Provider>& provider) {
    f("account", provider.account)("name", provider.name)("arn", provider.arn)("uuid", provider.uuid);
    f("created_at", provider.created_at)("valid_until", provider.valid_until)("document", provider.document);
    f("encryption", provider.encryption).optional("private_keys", provider.private_keys)("tags", provider.tags);
}

template <class Fields>
void describe(Fields& f, store::Of<Fields, Mfa_Device>& device) {
    f("account", device.account)("serial", device.serial)("created_at", device.created_at);
    f("virtual", device.is_virtual)("user_id", device.user_id)("enabled_at", device.enabled_at)("tags", device.tags);
    f.optional("partition", device.partition);
}

template <class Fields>
void describe(Fields& f, store::Of<Fields, Server_Certificate>& certificate) {
    f("account", certificate.account)("name", certificate.name)("id", certificate.id)("arn", certificate.arn);
    f("path", certificate.path)("body", certificate.body)("chain", certificate.chain);
    f("uploaded_at", certificate.uploaded_at)("expires_at", certificate.expires_at)("tags", certificate.tags);
}

template <class Fields>
void describe(Fields& f, store::Of<Fields, Password_Policy>& policy) {
    f("length_min", policy.length_min)("symbols", policy.symbols)("numbers", policy.numbers);
    f("uppercase", policy.uppercase)("lowercase", policy.lowercase)("may_change", policy.may_change);
    f.optional("age_days_max", policy.age_days_max).optional("reused_max", policy.reused_max);
    f.optional("hard_expiry", policy.hard_expiry);
}

template <class Fields>
void describe(Fields& f, store::Of<Fields, Account_Settings>& settings) {
    f("account", settings.account)
        .optional("partition", settings.partition)
        .optional("alias", settings.alias)
        .optional("passwords", settings.passwords);
    f.optional("report_at", settings.report_at).optional("report", settings.report);
    f.optional("deletion_tasks", settings.deletion_tasks);
}

/// Returns the key of an entity in the store.
template <class T>
std::string record_key(const T& entity) {
    const Iam_Scope scope = scope_of(entity);
    const std::string partition = scope.partition == "aws" ? "" : scope.partition + ":";
    return fmt::format("{}{}:{}", partition, scope.account, entity.key());
}
inline std::string record_key(const Policy& policy) { return policy.arn; }

/// Version 1 of a policy's record may have a single document instead of versions.
Json upgrade_policy(std::string_view value, int version);

/// Returns the AWS managed policies of a table in the form of aws_policies.tsv, by ARN. Their ARNs and those in their
/// documents are of the partition.
std::vector<Policy> read_aws_policies(std::string_view table, std::string_view partition);

}  // namespace osbot_aws::services
