#pragma once

#include <string>
#include <vector>

#include <osbot_aws/core/Json.hpp>

namespace osbot_aws::events {

/// The records of a batch that failed: Lambda delivers them again. The event source mapping must have
/// ReportBatchItemFailures in its FunctionResponseTypes (Event_Source::function_response_types); otherwise Lambda
/// ignores the result.
/// - A queue: the failed messages are delivered again, the others are deleted.
/// - A stream (Kinesis, DynamoDB): the batch is delivered again from the first failed record.
/// Sources: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html,
/// https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html
struct Batch_Response {
    std::vector<std::string> batchItemFailures = {};  ///< messageId or sequence number of each failed record
};

void from_json(const Json& json, Batch_Response& response);
void to_json(Json& json, const Batch_Response& response);

}  // namespace osbot_aws::events
