#pragma once

#include <optional>

#include "services/sqs/sqs.hpp"

namespace osbot_aws::services {

/// Checks a message. `in_batch` selects the wording of AWS. Errors: MissingParameter, InvalidMessageContents,
/// InvalidParameterValue. Sources:
/// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html; the error messages
/// are those that AWS was recorded with where sqs_errors.hpp names, others are copied from localstack's
/// services/sqs/provider.py.
std::optional<Error> check_message(const Queue& queue, const Send_Message& request);

/// Checks the members of a message for FIFO queues. AWS rejects a batch if one of its entries lacks such a member.
std::optional<Error> check_group(const Queue& queue, const Send_Message& request);

/// Returns true if all characters are allowed in XML 1.0. In valid UTF-8 the only other characters are control
/// characters, U+FFFE and U+FFFF.
bool is_content(std::string_view text);

/// Checks the value of the system attribute AWSTraceHeader.
std::optional<Error> check_trace_header(const std::string& header);

/// Checks an id of a group, of deduplication, or of an attempt to receive.
std::optional<Error> check_id(std::string_view parameter, const std::optional<std::string>& id);

}  // namespace osbot_aws::services
