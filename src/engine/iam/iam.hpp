#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <osbot_aws/core/Json.hpp>

#include "base/result.hpp"
#include "engine/context.hpp"

namespace osbot_aws::engine {

using Tags = std::vector<std::pair<std::string, std::string>>;

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
};

struct Policy {
    std::string name;
    std::string id;  ///< ANPA...
    std::string arn;
    std::string path = "/";
    std::string description;
    std::string document;
    std::string created_at;
};

struct Create_Role {
    std::string name, path = "/", trust_policy, description;
    int session_s_max = 3600;
    Tags tags;
};

struct Create_Policy {
    std::string name, path = "/", document, description;
};

/// IAM: roles and policies of an account (of all regions). Policies are kept and shown, not enforced (SECURITY.md).
///
/// Loop thread only. Errors of all: NoSuchEntity, EntityAlreadyExists, ValidationError, MalformedPolicyDocument,
/// DeleteConflict.
/// Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html
class Iam {
public:
    explicit Iam(Context& context) : context_(context) { load(); }

    void load();  ///< from the store: at start, and again when a write has failed
    void reload() { load(); }
    void clear() { accounts_.clear(); }  ///< after Store::clear()

    Result<Role> create_role(const Account& account, const Create_Role& wanted);
    Result<Role> role(const Account& account, const std::string& name) const;
    /// For whoever was given an ARN (Lambda's Role); nullptr: there is none. Valid until the next change.
    const Role* role_by_arn(const std::string& arn) const;
    std::vector<Role> roles(const Account& account, const std::string& path_prefix) const;  ///< by name
    Result<void> update_trust_policy(const Account& account, const std::string& role, const std::string& document);
    Result<void> delete_role(const Account& account, const std::string& name);

    Result<Policy> create_policy(const Account& account, const Create_Policy& wanted);
    Result<Policy> policy(const Account& account, const std::string& arn) const;
    std::vector<Policy> policies(const Account& account, const std::string& path_prefix) const;  ///< of the account
    static const std::vector<Policy>& aws_policies();  ///< those of AWS's managed ones that we have
    Result<void> delete_policy(const Account& account, const std::string& arn);
    int attachments(const Account& account, const std::string& policy_arn) const;

    Result<void> attach(const Account& account, const std::string& role, const std::string& policy_arn);
    Result<void> detach(const Account& account, const std::string& role, const std::string& policy_arn);
    Result<std::vector<Policy>> attached(const Account& account, const std::string& role) const;

    Result<void> put_inline(const Account& account, const std::string& role, const std::string& policy,
                            const std::string& document);
    Result<std::string> inline_document(const Account& account, const std::string& role,
                                        const std::string& policy) const;
    Result<void> delete_inline(const Account& account, const std::string& role, const std::string& policy);

private:
    struct Entities {
        std::map<std::string, Role> roles;       // by name
        std::map<std::string, Policy> policies;  // by ARN
    };

    Role* find_role(const Account& account, const std::string& name);
    const Role* find_role(const Account& account, const std::string& name) const;
    void save(const Account& account, const Role& role);

    Context& context_;
    std::map<std::string, Entities> accounts_;  // by account id
};

}  // namespace osbot_aws::engine
