#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "services/sqs/queue.hpp"

namespace osbot_aws::services {

/// Returns the default attributes of a standard queue.
const std::map<std::string, std::string>& default_queue_attributes();

/// Parses the attributes of a queue. Errors: InvalidAttributeName, InvalidAttributeValue, InvalidParameterValue
/// (redrive policies), NotImplemented (attributes of FIFO queues).
/// Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
Result<Queue_Settings> parse_queue_attributes(const std::map<std::string, std::string>& attributes);

/// Returns the error for a request for a FIFO queue. `name` is the queue name or the attribute that requested it.
Error no_fifo_queues(std::string_view name);

/// Returns true if GetQueueAttributes accepts `name`: a settable attribute, or one that the queue computes.
bool is_queue_attribute(std::string_view name);

}  // namespace osbot_aws::services
