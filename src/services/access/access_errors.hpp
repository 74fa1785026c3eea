#pragma once

#include <string>

#include "aws/model.hpp"
#include "base/result.hpp"

namespace osbot_aws::services {

/// Why a request is rejected before its operation runs.
enum class Access_Problem {
    no_signature,
    incomplete_signature,
    unknown_key,
    invalid_token,
    expired_token,
    bad_signature
};

/// Returns the error with the code, message and status of the service. `message`: of the problems that have more than
/// one; "": AWS's message. Sources:
/// https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html,
/// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/CommonErrors.html,
/// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList
Error access_error(const aws::Service& service, Access_Problem problem, std::string message = {});

/// Returns AWS's error for a caller that may not perform an action.
/// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
Error access_denied_error(const aws::Service& service, std::string message);

}  // namespace osbot_aws::services
