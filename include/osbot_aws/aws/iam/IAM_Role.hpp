#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <osbot_aws/core/Error.hpp>
#include <osbot_aws/core/Session.hpp>
#include <osbot_aws/core/Status.hpp>

namespace osbot_aws {

/// Result of IAM_Role::create() and create_for_lambda().
struct Role_Status : Status {
    std::string role_name;  ///< the role's name
    std::string role_arn;   ///< the role's ARN; empty on an error
    /// Returns {'status', 'data', 'role_name', 'role_arn'}, and 'error' if status is error.
    Json to_json() const;
};

/// Manages one IAM role: its trust policy (who may assume it) and its permissions (what a function may do).
///
/// Errors: Aws_Exception with AWS's code, unless the method documents something else: NoSuchEntity (create the role
/// with create()), MalformedPolicyDocument (see its message), LimitExceeded (at most 10 attached policies, and 10,240
/// bytes of inline policies). Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html
class IAM_Role {
public:
    /// Sends no request. An empty name becomes a random one, osbot_temp_role_... If it is an ARN, its last part is
    /// used.
    explicit IAM_Role(const std::string& role_name = "", Session session = {});

    /// Creates a role that the principals in the trust policy may assume. Example of a trust policy: {"Version":
    /// "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action":
    /// "sts:AssumeRole"}]}. On AWS a new role is visible to other services after some seconds; Lambda::create() waits
    /// for it. Does not throw. Status: warning if the role already exists, which is left unchanged; error with AWS's
    /// code. Source: API_CreateRole.html
    Role_Status create(const Json& assume_policy_document);
    /// Creates a role that Lambda may assume and whose functions may write their logs (see allow_logs()). Returns the
    /// same status as create().
    /// Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html
    Role_Status create_for_lambda();
    std::string arn() const;                       ///< Returns the ARN; empty if the role does not exist.
    bool exists() const;                           ///< Returns whether the role exists.
    bool not_exists() const { return !exists(); }  ///< Returns whether the role does not exist.
    /// Describes the role: {RoleName, RoleId, Arn, Path, CreateDate, AssumeRolePolicyDocument, MaxSessionDuration
    /// (seconds), ...}, or null if it does not exist. Source: API_GetRole.html
    Json info() const;

    /// Allows the role's functions to write logs, with the permissions of AWS's AWSLambdaBasicExecutionRole. They are
    /// added as an inline policy, because the managed policy has a different ARN in each partition and may be missing
    /// on other endpoints. Repeating the call changes nothing.
    IAM_Role& allow_logs();
    bool allows_logs() const;  ///< Returns whether the role has the policy of allow_logs().
    /// Attaches a managed policy, either yours or AWS's (arn:aws:iam::aws:policy/...). Attaching it again has no
    /// effect. Source: API_AttachRolePolicy.html
    IAM_Role& attach_policy(const std::string& policy_arn);
    /// Adds an inline policy, or replaces the existing one with that name. The document is {"Version", "Statement":
    /// [{"Effect", "Action", "Resource"}]}. Source: API_PutRolePolicy.html
    IAM_Role& put_policy(const std::string& policy_name, const Json& policy_document);
    std::vector<std::string> attached_policies() const;  ///< Lists the ARNs of the managed policies.
    std::vector<std::string> inline_policies() const;    ///< Lists the names of the inline policies.

    /// Detaches the managed policies, deletes the inline policies and deletes the role. Returns false if the role did
    /// not exist. Source: API_DeleteRole.html
    bool delete_();

    const std::string& role_name() const { return role_name_; }  ///< the role's name

private:
    std::string role_name_;
    Session session_;
};

}  // namespace osbot_aws
