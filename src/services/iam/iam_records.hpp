#pragma once

#include "services/iam/iam.hpp"

namespace osbot_aws::services {

template <class Fields>
void describe(Fields& f, store::Of<Fields, Role>& role) {
    f("account", role.account)("name", role.name)("id", role.id)("arn", role.arn)("path", role.path);
    f("description", role.description)("trust_policy", role.trust_policy)("session_s_max", role.session_s_max);
    f.optional("signin_s_max", role.signin_s_max);
    f("created_at", role.created_at)("inline_policies", role.inline_policies)("attached", role.attached);
    f("tags", role.tags).optional("boundary", role.permissions_boundary);
    f.optional("used_at", role.last_used_at).optional("used_in", role.last_used_region);
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

/// Version 1 of a policy's record may have a single document instead of versions.
Json upgrade_policy(std::string_view value, int version);

/// Returns the AWS managed policies that functions commonly use, from aws_policies.json. Parsed on the first call.
const std::vector<Policy>& aws_managed_policies();

}  // namespace osbot_aws::services
