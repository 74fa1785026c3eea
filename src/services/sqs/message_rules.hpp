#pragma once

#include <optional>

#include <osbot_aws/core/Error.hpp>

#include "services/sqs/sqs.hpp"

namespace osbot_aws::services {

inline Error invalid_value(std::string message) { return {"InvalidParameterValue", std::move(message)}; }

/// Checks a message. Errors: MissingParameter, InvalidMessageContents, InvalidParameterValue.
/// Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html. The
/// error messages are copied from localstack's services/sqs/provider.py.
std::optional<Error> check_message(const Queue& queue, const Send_Message& request);

}  // namespace osbot_aws::services
