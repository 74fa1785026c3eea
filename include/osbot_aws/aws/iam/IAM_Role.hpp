#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <osbot_aws/core/Error.hpp>
#include <osbot_aws/core/Session.hpp>
#include <osbot_aws/core/Status.hpp>

namespace osbot_aws {

/// What IAM_Role's create_for_lambda() answers.
struct Role_Status : Status {
    std::string role_name;  ///< of the role
    std::string role_arn;   ///< of the role; empty on an error
    /// {'status', 'data', 'role_name', 'role_arn'}, and 'error' when there is one.
    Json to_json() const;
};

/// One IAM role, by name: what a function may do, and who may be it.
///
/// Errors: Aws_Exception with AWS's code, unless a method says otherwise: NoSuchEntity (create() makes the role),
/// MalformedPolicyDocument (its message names the fault), LimitExceeded (10 attached policies, 10,240 bytes of own
/// ones). Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html
class IAM_Role {
public:
    /// An empty name: a random one, osbot_temp_role_... An ARN is taken for its last part.
    explicit IAM_Role(const std::string& role_name = "", Session session = {});

    /// A role that whom the document names can assume: {"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
    /// "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}. warning: it existed and is left
    /// as it is; error with AWS's code. On AWS it takes seconds until services see a new role: Lambda::create() waits.
    Role_Status create(const Json& assume_policy_document);
    /// A role that Lambda can assume, whose functions may write their logs (allow_logs()). Answers as create().
    /// Source:
    /// https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html
    Role_Status create_for_lambda();
    std::string arn() const;                       ///< empty: there is no such role
    bool exists() const;                           ///< there is such a role
    bool not_exists() const { return !exists(); }  ///< there is none
    /// {RoleName, RoleId, Arn, Path, CreateDate, AssumeRolePolicyDocument, MaxSessionDuration, ...}; null: there is no
    /// such role. Source: API_GetRole.html
    Json info() const;

    /// What AWS's own AWSLambdaBasicExecutionRole allows, as a policy of this role: that one has another ARN in each
    /// partition, and other endpoints may not have it. Doing it again changes nothing.
    IAM_Role& allow_logs();
    bool allows_logs() const;  ///< the role has the policy that allow_logs() gives it
    /// A managed policy, yours or AWS's own (arn:aws:iam::aws:policy/...); attaching what is attached does nothing.
    IAM_Role& attach_policy(const std::string& policy_arn);
    /// A policy of this role alone; replaces the one of that name. {"Version", "Statement": [{"Effect", "Action",
    /// "Resource"}]}. Source: API_PutRolePolicy.html
    IAM_Role& put_policy(const std::string& policy_name, const Json& policy_document);
    std::vector<std::string> attached_policies() const;  ///< ARNs
    std::vector<std::string> own_policies() const;       ///< names

    /// Detaches and deletes what hangs on it first. False: there was none.
    bool delete_();

    const std::string& role_name() const { return role_name_; }  ///< its name

private:
    std::string role_name_;
    Session session_;
};

}  // namespace osbot_aws
