#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "services/iam/policy/evaluation.hpp"
#include "services/sqs/queue.hpp"

namespace osbot_aws::services {

/// Returns the policy of a queue.
Policies queue_policy(const Queue& queue);

/// The parameters of AddPermission.
struct Permission {
    std::string label;
    std::vector<std::string> accounts;
    std::vector<std::string> actions;
};

/// Returns the policy of the queue with a statement for the permission.
/// Errors: InvalidParameterValue; MissingParameter; OverLimit.
/// Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_AddPermission.html
Result<std::string> with_permission(const Queue& queue, const Permission& permission);

/// Returns the policy of the queue without the statement; empty if it was the last one. Errors: InvalidParameterValue.
Result<std::string> without_permission(const Queue& queue, std::string_view label);

}  // namespace osbot_aws::services
