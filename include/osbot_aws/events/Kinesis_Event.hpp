#pragma once

#include <functional>
#include <string>
#include <vector>

#include <osbot_aws/core/Json.hpp>
#include <osbot_aws/events/Batch_Response.hpp>

namespace osbot_aws::events {

/// kinesis of a Kinesis_Record.
struct Kinesis_Data {
    std::string kinesisSchemaVersion = {};   ///< 1.0
    std::string partitionKey = {};           ///< determines the shard
    std::string sequenceNumber = {};         ///< id for Batch_Response; increases within a shard
    std::string data = {};                   ///< the bytes that were sent, decoded. In the event they are base64.
    double approximateArrivalTimestamp = 0;  ///< seconds since 1970, with milliseconds
    Json other = Json::object();             ///< all other members

    bool operator==(const Kinesis_Data&) const = default;
};

/// One record of a Kinesis_Event.
struct Kinesis_Record {
    Kinesis_Data kinesis = {};           ///< the data
    std::string eventSource = {};        ///< aws:kinesis
    std::string eventVersion = {};       ///< 1.0
    std::string eventID = {};            ///< SHARD:SEQUENCE NUMBER
    std::string eventName = {};          ///< aws:kinesis:record
    std::string invokeIdentityArn = {};  ///< role that reads the stream
    std::string awsRegion = {};          ///< region of the service
    std::string eventSourceARN = {};     ///< ARN of the stream or its consumer
    Json other = Json::object();         ///< all other members

    /// Parses `kinesis.data`: `record.json().get<Order>()`. Errors: Aws_Exception(InvalidBody) if it is not JSON or
    /// nested over 1,000 levels.
    Json json() const;
    bool operator==(const Kinesis_Record&) const = default;
};

/// A batch of records of a Kinesis data stream, from one shard.
///
/// The members have AWS's names. `other` contains the members without a field of their own, so that to_json() writes
/// the same JSON that from_json() read. Errors of from_json(): Aws_Exception(InvalidEvent), naming the member, or the
/// service that sent the event.
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
struct Kinesis_Event {
    std::vector<Kinesis_Record> Records = {};  ///< the records, in their order
    Json other = Json::object();               ///< all other members

    bool operator==(const Kinesis_Event&) const = default;
};

/// Calls `process` for each record, up to the first for which it throws an exception; the reason is written to the log.
/// Returns this record: Lambda delivers it and all later records again, which keeps their order.
Batch_Response process_each(const Kinesis_Event& event, const std::function<void(const Kinesis_Record&)>& process);

void from_json(const Json& json, Kinesis_Data& data);
void to_json(Json& json, const Kinesis_Data& data);
void from_json(const Json& json, Kinesis_Record& record);
void to_json(Json& json, const Kinesis_Record& record);
void from_json(const Json& json, Kinesis_Event& event);
void to_json(Json& json, const Kinesis_Event& event);

}  // namespace osbot_aws::events
