#pragma once

#include <string>
#include <vector>

#include <osbot_aws/aws/iam/IAM_Role.hpp>
#include <osbot_aws/aws/lambda_/Lambda.hpp>

namespace osbot_aws {

/// A Lambda for tests: create() also creates the execution role and, if no code is set, an echo function.
///
///     Lambda_With_Temp_Role lambda_func("my-test-function");
///     lambda_func.create();
///
/// The role allows `temp_role_action` of each service in `temp_role_services`, and writing logs. Functions share the
/// role. It is not deleted with them: delete it with IAM_Role(temp_role_name).delete_().
class Lambda_With_Temp_Role : public Lambda {
public:
    std::vector<std::string> temp_role_services = {"lambda", "s3"};    ///< prefixes of IAM actions
    std::string temp_role_action = "*";                                ///< the allowed action of each service
    std::string temp_role_resource = "*";                              ///< an ARN or *
    std::string temp_role_name = "osbot__temp_role_for__test_Lambda";  ///< name of the shared role
    bool temp_role_recreate = false;  ///< deletes an existing role and creates it again

    using Lambda::Lambda;

    /// Calls temp_role_create() if `role` is empty, then Lambda::create(). If no code is set, the function returns its
    /// event. Status: as Lambda::create(); error also with the codes of temp_role_create().
    /// Lambda::update() calls it too, if the function does not exist. An existing function keeps its role.
    Status create() override;
    /// Creates the role if it does not exist, sets its inline policy `temp_role_services`, and sets `role`. create()
    /// calls this automatically. Returns the role. Errors: Aws_Exception: RoleFailed, with IAM's code and message;
    /// other errors of IAM.
    IAM_Role temp_role_create();
    /// Clears `role`, so that the next create() looks it up again, or creates it if it was deleted. Returns the role.
    IAM_Role temp_role_iam_reset_credentials();
};

}  // namespace osbot_aws
