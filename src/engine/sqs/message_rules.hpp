#pragma once

#include <optional>

#include <osbot_aws/core/Error.hpp>

#include "engine/sqs/sqs.hpp"

namespace osbot_aws::engine {

/// What a message must keep to. Errors: MissingParameter, InvalidMessageContents, InvalidParameterValue.
/// Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html; the words
/// are those that localstack's services/sqs/provider.py answers.
std::optional<Error> check_message(const Queue& queue, const Send_Message& wanted);

}  // namespace osbot_aws::engine
