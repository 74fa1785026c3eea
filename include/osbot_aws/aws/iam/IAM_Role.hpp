#pragma once

#include <string>

#include <osbot_aws/core/Error.hpp>
#include <osbot_aws/core/Session.hpp>
#include <osbot_aws/core/Status.hpp>

namespace osbot_aws {

/// One IAM role, by name.
class IAM_Role {
public:
    explicit IAM_Role(std::string role_name, Session session = {});

    /// A role that Lambda can assume, with the managed policy that lets functions write their logs. warning: it
    /// existed. Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html
    Status create_for_lambda();
    std::string arn() const;  ///< empty: there is no such role
    bool exists() const;
    Json info() const;  ///< null: there is no such role
    /// Detaches and deletes what hangs on it first. False: there was none.
    bool delete_();

    const std::string& role_name() const { return role_name_; }

private:
    std::string role_name_;
    Session session_;
};

}  // namespace osbot_aws
