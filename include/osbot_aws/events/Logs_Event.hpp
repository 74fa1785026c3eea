#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <osbot_aws/core/Json.hpp>

namespace osbot_aws::events {

/// One log event of a Logs_Data.
struct Log_Event {
    std::string id = {};                    ///< unique id
    std::int64_t timestamp = 0;             ///< milliseconds since 1970
    std::string message = {};               ///< the line
    Json extractedFields = Json::object();  ///< columns of the filter pattern
    Json other = Json::object();            ///< all other members

    bool operator==(const Log_Event&) const = default;
};

/// The content of awslogs.data.
struct Logs_Data {
    std::string messageType = {};  ///< DATA_MESSAGE, or CONTROL_MESSAGE for a check of the subscription
    std::string owner = {};        ///< account id
    std::string logGroup = {};     ///< name of the log group
    std::string logStream = {};    ///< name of the log stream
    std::vector<std::string> subscriptionFilters = {};  ///< names of the filters
    std::vector<Log_Event> logEvents = {};              ///< the log events
    Json other = Json::object();                        ///< all other members

    bool operator==(const Logs_Data&) const = default;
};

/// awslogs of a Logs_Event.
struct Logs_Payload {
    Logs_Data data = {};       ///< unzipped
    std::string encoded = {};  ///< `data` as in the event; to_json() writes it if `data` was not changed

    bool operator==(const Logs_Payload&) const = default;
};

/// Log events of a subscribed log group.
///
/// The members have AWS's names. In the event, awslogs.data is base64 of a gzip file, which from_json() decodes: at
/// most 16 MiB (16,777,216 bytes) of JSON. Errors of from_json(): Aws_Exception(InvalidEvent), naming the member or the
/// limit.
/// Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
struct Logs_Event {
    Logs_Payload awslogs = {};    ///< the log events and their metadata
    Json other = Json::object();  ///< all other members

    bool operator==(const Logs_Event&) const = default;
};

void from_json(const Json& json, Log_Event& event);
void to_json(Json& json, const Log_Event& event);
void from_json(const Json& json, Logs_Data& data);
void to_json(Json& json, const Logs_Data& data);
void from_json(const Json& json, Logs_Event& event);
void to_json(Json& json, const Logs_Event& event);

}  // namespace osbot_aws::events
