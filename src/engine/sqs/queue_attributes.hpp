#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "engine/sqs/queue.hpp"

namespace osbot_aws::engine {

/// What a standard queue has when nothing is said.
const std::map<std::string, std::string>& default_queue_attributes();

/// What they mean. Errors: InvalidAttributeName, InvalidAttributeValue, InvalidParameterValue (redrive policies);
/// NotImplemented for what makes a FIFO queue.
/// Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
Result<Queue_Settings> parse_queue_attributes(const std::map<std::string, std::string>& attributes);

/// FIFO queues are not here; `asked` is the name or attribute that asked for one.
Error no_fifo_queues(std::string_view asked);

/// Whether `name` can be asked for: one that can be set, or one that the queue counts.
bool is_queue_attribute(std::string_view name);

}  // namespace osbot_aws::engine
