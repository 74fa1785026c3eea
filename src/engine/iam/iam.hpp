#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "engine/context.hpp"
#include "engine/iam/iam_rules.hpp"

namespace osbot_aws::engine {

struct Role {
    std::string name;
    std::string id;  ///< AROA...
    std::string arn;
    std::string path = "/";
    std::string description;
    std::string trust_policy;  ///< AssumeRolePolicyDocument, as it came
    int session_s_max = 3600;
    std::string created_at;                              ///< ISO 8601
    std::map<std::string, std::string> inline_policies;  ///< name to document
    std::vector<std::string> attached;                   ///< ARNs, in the order they were attached
    Tags tags;
    std::string permissions_boundary;  ///< ARN of a policy; empty: none
    std::string used_at, used_in;      ///< when it was last assumed, ISO 8601, and from which region; empty: never
};

struct Policy_Version {
    int number = 1;
    std::string document;
    std::string created_at;
};

struct Policy {
    std::string name;
    std::string id;  ///< ANPA...
    std::string arn;
    std::string path = "/";
    std::string description;
    std::string created_at, updated_at;
    std::vector<Policy_Version> versions;  ///< in the order of their numbers; of AWS's only the default one
    int default_version = 1;
    int last_version = 1;  ///< numbers are not used again
    Tags tags;

    const Policy_Version* version(int number) const;
};

struct Create_Role {
    std::string name, path = "/", trust_policy, description;
    int session_s_max = 3600;
    Tags tags;
    std::string permissions_boundary = {};
};

struct Update_Role {
    std::string name;
    std::optional<std::string> description;
    std::optional<int> session_s_max;
};

struct Create_Policy {
    std::string name, path = "/", document, description;
    Tags tags = {};
};

/// IAM: roles and policies of an account (of all regions). Policies are kept and shown, not enforced (SECURITY.md).
///
/// Loop thread only. Errors of all: NoSuchEntity, EntityAlreadyExists, ValidationError, MalformedPolicyDocument,
/// DeleteConflict, LimitExceeded, InvalidInput. Pointers are valid until the next change.
/// Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html
class Iam {
public:
    explicit Iam(Context& context) : context_(context) { load(); }

    void load();  ///< from the store: at start, and again when a write has failed
    void reload() { load(); }
    void clear() { accounts_.clear(); }  ///< after Store::clear()

    // ---- iam.cpp: roles, and what they are given ----

    Result<Role> create_role(const Account& account, const Create_Role& wanted);
    Result<Role> role(const Account& account, const std::string& name) const;
    /// For whoever was given an ARN (Lambda's Role); nullptr: there is none.
    const Role* role_by_arn(const std::string& arn) const;
    std::vector<const Role*> roles(const Account& account, const std::string& path_prefix) const;  ///< by name
    Result<Role> update_role(const Account& account, const Update_Role& wanted);
    Result<void> update_trust_policy(const Account& account, const std::string& role, const std::string& document);
    /// An empty ARN takes the boundary away. Errors: NoSuchEntity when it has none then.
    Result<void> set_permissions_boundary(const Account& account, const std::string& role, const std::string& arn);
    Result<void> tag_role(const Account& account, const std::string& role, const Tags& tags);
    Result<void> untag_role(const Account& account, const std::string& role, const std::vector<std::string>& keys);
    Result<void> delete_role(const Account& account, const std::string& name);
    void role_was_used(const std::string& arn, const std::string& region);

    Result<void> attach(const Account& account, const std::string& role, const std::string& policy_arn);
    Result<void> detach(const Account& account, const std::string& role, const std::string& policy_arn);
    Result<std::vector<const Policy*>> attached(const Account& account, const std::string& role) const;  ///< by ARN

    Result<void> put_inline(const Account& account, const std::string& role, const std::string& policy,
                            const std::string& document);
    Result<std::string> inline_document(const Account& account, const std::string& role,
                                        const std::string& policy) const;
    Result<void> delete_inline(const Account& account, const std::string& role, const std::string& policy);

    // ---- iam_policies.cpp: managed policies ----

    Result<Policy> create_policy(const Account& account, const Create_Policy& wanted);
    Result<Policy> policy(const Account& account, const std::string& arn) const;
    std::vector<const Policy*> policies(const Account& account, const std::string& path_prefix) const;  ///< by ARN
    static const std::vector<Policy>& aws_policies();  ///< those of AWS's managed ones that we have, by ARN
    Result<void> delete_policy(const Account& account, const std::string& arn);
    Result<Policy_Version> create_version(const Account& account, const std::string& arn, const std::string& document,
                                          bool as_default);
    /// `version`: "v2"
    Result<Policy_Version> version(const Account& account, const std::string& arn, const std::string& version) const;
    Result<void> set_default_version(const Account& account, const std::string& arn, const std::string& version);
    Result<void> delete_version(const Account& account, const std::string& arn, const std::string& version);
    Result<void> tag_policy(const Account& account, const std::string& arn, const Tags& tags);
    Result<void> untag_policy(const Account& account, const std::string& arn, const std::vector<std::string>& keys);
    /// Roles that have it, by name: as a permissions policy, or as a boundary.
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
    Result<Policy*> own_policy(const Account& account, const std::string& arn);
    template <class Wanted>
    std::vector<const Role*> roles_that(const Account& account, Wanted wanted) const;
    void save(const Account& account, const Role& role);
    void save(const Account& account, const Policy& policy);

    Context& context_;
    std::map<std::string, Entities> accounts_;  // by account id
};

/// Errors that both files answer.
Error no_such_role(const std::string& name);
Error no_such_policy(const std::string& arn);
/// AROA..., ANPA...
std::string new_iam_id(std::string_view prefix);

}  // namespace osbot_aws::engine
