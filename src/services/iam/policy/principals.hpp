#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace osbot_aws::services {

/// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
enum class Principal_Type { aws, service, federated, canonical_user };

/// A caller, or the name of one in a policy.
struct Policy_Principal {
    std::string name;
    Principal_Type kind = Principal_Type::aws;

    bool operator==(const Policy_Principal&) const = default;
};
using Policy_Principals = std::vector<Policy_Principal>;

/// Returns the kind with a name in a policy: AWS, Service, Federated or CanonicalUser.
std::optional<Principal_Type> principal_kind(std::string_view text);

/// Returns true for a name of its kind: an account, a user, a role or a session; a service; an identity provider; an
/// id of 64 or more hexadecimal digits. Whether it exists is not checked. A name has no wildcards, but may be "*".
bool is_principal(const Policy_Principal& principal);

/// Returns the id by which S3 names an account: 64 hexadecimal digits.
std::string canonical_user_id(std::string_view account);

}  // namespace osbot_aws::services
