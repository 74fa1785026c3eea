#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "services/sqs/queue.hpp"

namespace osbot_aws::services {

using Queue_Attributes = std::map<std::string, std::string>;

/// Returns the attributes of a new queue: those of the request and the defaults. A FIFO queue has FifoQueue = true.
/// Errors: InvalidAttributeName, InvalidAttributeValue, InvalidParameterValue (redrive policies).
/// Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
Result<Queue_Attributes> new_queue_attributes(const Queue_Attributes& requested, bool fifo);

/// Returns the attributes of a queue after SetQueueAttributes. An empty value removes an attribute, or restores its
/// default. Errors: as new_queue_attributes().
Result<Queue_Attributes> changed_queue_attributes(const Queue& queue, const Queue_Attributes& changes);

/// Returns the requested attributes in the form in which a queue has them: "True" is "true". Errors: as
/// new_queue_attributes().
Result<Queue_Attributes> normalized_attributes(const Queue_Attributes& requested, bool fifo);

/// Parses the attributes of a queue. Errors: InvalidParameterValue (redrive policies).
Result<Queue_Settings> parse_queue_attributes(const Queue_Attributes& attributes);

/// Returns true if the redrive allow policy of a dead-letter queue allows messages of the queue `source_arn`.
bool allows_redrive(const Queue& dead_letter_queue, std::string_view source_arn);

/// Returns true if the request is for a FIFO queue.
bool requests_fifo(const Queue_Attributes& attributes);

/// Returns true if GetQueueAttributes accepts `name`: a settable attribute, or one that the queue computes.
bool is_queue_attribute(std::string_view name);

}  // namespace osbot_aws::services
