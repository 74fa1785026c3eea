#pragma once

#include <string>
#include <vector>

#include <osbot_aws/aws/iam/IAM_Role.hpp>
#include <osbot_aws/aws/lambda_/Lambda.hpp>

namespace osbot_aws {

/// A Lambda for tests: create() makes the execution role that it needs, and has code when none was set.
///
///     Lambda_With_Temp_Role lambda_func("my-test-function");
///     lambda_func.create();
///
/// The role may do `temp_role_action` of every service in `temp_role_services`, and write logs. Functions share it; it
/// stays when they are deleted: IAM_Role(temp_role_name).delete_() ends it.
class Lambda_With_Temp_Role : public Lambda {
public:
    std::vector<std::string> temp_role_services = {"lambda", "s3"};    ///< prefixes of IAM actions
    std::string temp_role_action = "*";                                ///< of each service
    std::string temp_role_resource = "*";                              ///< an ARN or *
    std::string temp_role_name = "osbot__temp_role_for__test_Lambda";  ///< shared by such functions
    bool temp_role_recreate = false;                                   ///< delete and make it anew

    using Lambda::Lambda;

    /// Lambda::create(), after temp_role_create() when `role` is empty; without code the function answers with its
    /// event. Status as there; error also with what IAM says.
    Status create();
    /// Lambda::update(), with this create() when there is no function; one that is there keeps its role.
    Status update();
    /// Makes the role when there is none, gives it the policy `temp_role_services`, and sets `role`; create() does this
    /// by itself. Answers the role. Errors: Aws_Exception: RoleFailed, with IAM's code and message; IAM's own.
    IAM_Role temp_role_create();
    /// Forgets the role, so that the next create() looks it up again, or makes it anew when it was deleted.
    IAM_Role temp_role_iam_reset_credentials();
};

}  // namespace osbot_aws
