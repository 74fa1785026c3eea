#pragma once

#include <string>
#include <vector>

#include <osbot_aws/core/Json.hpp>

namespace osbot_aws::events {

/// Sns of an Sns_Record.
struct Sns_Message {
    std::string Type = {};                    ///< Notification
    std::string MessageId = {};               ///< id of the message
    std::string TopicArn = {};                ///< ARN of the topic
    std::string Subject = {};                 ///< empty if there is none
    std::string Message = {};                 ///< the text of the message
    std::string Timestamp = {};               ///< ISO 8601
    Json MessageAttributes = Json::object();  ///< {name: {Type, Value}}
    Json other = Json::object();              ///< all other members

    /// Parses `Message`. Errors: Aws_Exception(InvalidBody) if it is not JSON or nested over 1,000 levels.
    Json json() const;
    bool operator==(const Sns_Message&) const = default;
};

/// One message of a topic.
struct Sns_Record {
    std::string EventSource = {};           ///< aws:sns
    std::string EventVersion = {};          ///< 1.0
    std::string EventSubscriptionArn = {};  ///< ARN of the subscription
    Sns_Message Sns = {};                   ///< the message
    Json other = Json::object();            ///< all other members

    bool operator==(const Sns_Record&) const = default;
};

/// A message of an SNS topic, in a list of one.
///
/// The members have AWS's names. `other` contains the members without a field of their own, so that to_json() writes
/// the same JSON that from_json() read. Errors of from_json(): Aws_Exception(InvalidEvent), naming the member, or the
/// service that sent the event.
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
struct Sns_Event {
    std::vector<Sns_Record> Records = {};  ///< the records
    Json other = Json::object();           ///< all other members

    bool operator==(const Sns_Event&) const = default;
};

void from_json(const Json& json, Sns_Message& message);
void to_json(Json& json, const Sns_Message& message);
void from_json(const Json& json, Sns_Record& record);
void to_json(Json& json, const Sns_Record& record);
void from_json(const Json& json, Sns_Event& event);
void to_json(Json& json, const Sns_Event& event);

}  // namespace osbot_aws::events
