#pragma once

#include <string>
#include <string_view>

#include <osbot_aws/core/Error.hpp>

namespace osbot_aws::services {

// Errors of SQS that several operations have. The messages are those that AWS was recorded with, in
// https://github.com/localstack/localstack, tests/aws/services/sqs/test_sqs.snapshot.json.

Error invalid_value(std::string message);
/// "Value x for parameter y is invalid. Reason: z"
Error invalid_parameter(std::string_view name, std::string_view value, std::string_view reason);
/// The message is moto's (tests/test_sqs/test_sqs.py, test_untag_queue_errors), also for a request without keys.
Error invalid_tag_key();
Error missing_parameter(std::string_view name);
/// A parameter of FIFO queues in a request to a standard queue, or the reverse.
Error wrong_queue_type(std::string_view name, std::string_view value);
Error no_such_queue();
Error no_such_resource(std::string_view parameter);
Error invalid_handle(std::string_view handle);

}  // namespace osbot_aws::services
