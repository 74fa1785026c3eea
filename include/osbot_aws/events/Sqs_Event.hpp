#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include <osbot_aws/core/Json.hpp>
#include <osbot_aws/events/Batch_Response.hpp>

namespace osbot_aws::events {

/// One message of an Sqs_Event.
struct Sqs_Record {
    std::string messageId = {};                          ///< id for Sqs_Batch_Response
    std::string receiptHandle = {};                      ///< handle for ChangeMessageVisibility
    std::string body = {};                               ///< the text of the message
    std::map<std::string, std::string> attributes = {};  ///< ApproximateReceiveCount, SentTimestamp, MessageGroupId ...
    Json messageAttributes = Json::object();             ///< {name: {stringValue, binaryValue (base64), dataType}}
    std::string md5OfBody = {};                          ///< hexadecimal MD5 of the body
    std::string eventSource = {};                        ///< aws:sqs
    std::string eventSourceARN = {};                     ///< ARN of the queue
    std::string awsRegion = {};                          ///< region of the service
    Json other = Json::object();                         ///< all other members

    /// Parses `body`: `record.json().get<Order>()`. Errors: Aws_Exception(InvalidBody) if it is not JSON or nested over
    /// 1,000 levels.
    Json json() const;
    bool operator==(const Sqs_Record&) const = default;
};

/// A batch of messages of a queue.
///
/// The members have AWS's names. `other` contains the members without a field of their own, so that to_json() writes
/// the same JSON that from_json() read. Errors of from_json(): Aws_Exception(InvalidEvent), naming the member, or the
/// service that sent the event.
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
struct Sqs_Event {
    std::vector<Sqs_Record> Records = {};  ///< the records
    Json other = Json::object();           ///< all other members

    bool operator==(const Sqs_Event&) const = default;
};

/// The messageId of each failed message.
using Sqs_Batch_Response = Batch_Response;

/// Calls `process` for each message and returns those for which it threw an exception; the reason is written to the
/// log. After a failure in a FIFO queue, all later messages of the batch are returned too, which keeps their order.
Sqs_Batch_Response process_each(const Sqs_Event& event, const std::function<void(const Sqs_Record&)>& process);

void from_json(const Json& json, Sqs_Record& record);
void to_json(Json& json, const Sqs_Record& record);
void from_json(const Json& json, Sqs_Event& event);
void to_json(Json& json, const Sqs_Event& event);

}  // namespace osbot_aws::events
