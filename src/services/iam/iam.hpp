#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "services/iam/iam_rules.hpp"
#include "services/state.hpp"

namespace osbot_aws::services {

struct Role {
    std::string account;  ///< id
    std::string name;
    std::string id;  ///< AROA...
    std::string arn;
    std::string path = "/";
    std::string description;
    std::string trust_policy;  ///< AssumeRolePolicyDocument, unchanged
    int session_s_max = 3600;
    std::optional<int> signin_s_max = {};                ///< stored and returned only
    std::string created_at;                              ///< ISO 8601
    std::map<std::string, std::string> inline_policies;  ///< name to document
    std::vector<std::string> attached;                   ///< ARNs, in the order they were attached
    Tags tags;
    std::string permissions_boundary;            ///< ARN of a policy; empty: none
    std::string last_used_at, last_used_region;  ///< time (ISO 8601) and region of the last AssumeRole; empty: never
};

struct Policy_Version {
    int number = 1;
    std::string document;
    std::string created_at;
};

struct Policy {
    std::string account;  ///< id; empty: an AWS managed policy
    std::string name;
    std::string id;  ///< ANPA...
    std::string arn;
    std::string path = "/";
    std::string description;
    std::string created_at, updated_at;
    std::vector<Policy_Version> versions;  ///< by number; AWS managed policies have only the default version
    int default_version = 1;
    int last_version = 1;  ///< version numbers are never reused
    Tags tags;

    const Policy_Version* version(int number) const;
};

struct Create_Role {
    std::string name, path = "/", trust_policy, description;
    int session_s_max = 3600;
    Tags tags;
    std::string permissions_boundary = {};
    std::optional<int> signin_s_max = {};
};

struct Update_Role {
    std::string name;
    std::optional<std::string> description;
    std::optional<int> session_s_max;
    std::optional<int> signin_s_max = {};
    bool resets_signin = false;
};

struct Create_Policy {
    std::string name, path = "/", document, description;
    Tags tags = {};
};

/// IAM: roles and policies of an account, in all regions. Policies are stored and returned, not enforced (SECURITY.md).
///
/// Loop thread only. Errors of all operations: NoSuchEntity, EntityAlreadyExists, ValidationError,
/// MalformedPolicyDocument, DeleteConflict, LimitExceeded, InvalidInput. Pointers are valid until the next change.
/// Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html
class Iam final : public State {
public:
    explicit Iam(Context& context);

    void load() override;
    void clear() override { accounts_.clear(); }

    // ---- iam.cpp: roles and their policies ----

    Result<Role> create_role(const Account& account, const Create_Role& request);
    Result<Role> role(const Account& account, const std::string& name) const;
    /// Returns the role with this ARN, for Lambda's Role parameter; nullptr if it does not exist.
    const Role* role_by_arn(const std::string& arn) const;
    std::vector<const Role*> roles(const Account& account, const std::string& path_prefix) const;  ///< by name
    Result<Role> update_role(const Account& account, const Update_Role& request);
    Result<void> update_trust_policy(const Account& account, const std::string& role, const std::string& document);
    /// An empty ARN removes the boundary. Errors: NoSuchEntity if the role has no boundary to remove.
    Result<void> set_permissions_boundary(const Account& account, const std::string& role, const std::string& arn);
    Result<void> tag_role(const Account& account, const std::string& role, const Tags& tags);
    Result<void> untag_role(const Account& account, const std::string& role, const std::vector<std::string>& keys);
    Result<void> delete_role(const Account& account, const std::string& name);
    /// Sets the time and the region of the role's last use.
    void record_role_use(const std::string& arn, const std::string& region);

    Result<void> attach(const Account& account, const std::string& role, const std::string& policy_arn);
    Result<void> detach(const Account& account, const std::string& role, const std::string& policy_arn);
    Result<std::vector<const Policy*>> attached(const Account& account, const std::string& role) const;  ///< by ARN

    Result<void> put_inline(const Account& account, const std::string& role, const std::string& policy,
                            const std::string& document);
    Result<std::string> inline_document(const Account& account, const std::string& role,
                                        const std::string& policy) const;
    Result<void> delete_inline(const Account& account, const std::string& role, const std::string& policy);

    // ---- iam_policies.cpp: managed policies ----

    Result<Policy> create_policy(const Account& account, const Create_Policy& request);
    Result<Policy> policy(const Account& account, const std::string& arn) const;
    std::vector<const Policy*> policies(const Account& account, const std::string& path_prefix) const;  ///< by ARN
    static const std::vector<Policy>& aws_policies();  ///< the AWS managed policies in aws_policies.json, by ARN
    Result<void> delete_policy(const Account& account, const std::string& arn);
    Result<Policy_Version> create_version(const Account& account, const std::string& arn, const std::string& document,
                                          bool as_default);
    /// `version`: e.g. "v2".
    Result<Policy_Version> version(const Account& account, const std::string& arn, const std::string& version) const;
    Result<void> set_default_version(const Account& account, const std::string& arn, const std::string& version);
    Result<void> delete_version(const Account& account, const std::string& arn, const std::string& version);
    Result<void> tag_policy(const Account& account, const std::string& arn, const Tags& tags);
    Result<void> untag_policy(const Account& account, const std::string& arn, const std::vector<std::string>& keys);
    /// Return the roles that have the policy attached (attached_to) or as their permissions boundary (bounded_by), by
    /// name.
    std::vector<const Role*> attached_to(const Account& account, const std::string& arn) const;
    std::vector<const Role*> bounded_by(const Account& account, const std::string& arn) const;

private:
    struct Entities {
        std::map<std::string, Role> roles;       // by name
        std::map<std::string, Policy> policies;  // by ARN
    };

    Role* find_role(const Account& account, const std::string& name);
    const Role* find_role(const Account& account, const std::string& name) const;
    const Policy* find_policy(const Account& account, const std::string& arn) const;
    Result<Policy*> customer_policy(const Account& account, const std::string& arn);
    template <class Predicate>
    std::vector<const Role*> roles_where(const Account& account, Predicate predicate) const;
    void save(const Role& role);
    void save(const Policy& policy);

    Context& context_;
    store::Records<Role> role_records_;
    store::Records<Policy> policy_records_;
    std::map<std::string, Entities> accounts_;  // by account id
};

/// Errors that iam.cpp and iam_policies.cpp share.
Error no_such_role(const std::string& name);
Error no_such_policy(const std::string& arn);
/// Returns a random id with this prefix: AROA..., ANPA...
std::string new_iam_id(std::string_view prefix);

}  // namespace osbot_aws::services
