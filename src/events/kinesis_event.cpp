#include <osbot_aws/events/Kinesis_Event.hpp>

#include "base/encoding.hpp"
#include "events/batch.hpp"
#include "events/members.hpp"

namespace osbot_aws::events {
namespace {

constexpr auto kinesis_data_members = [](auto& visit, auto& data) {
    visit("kinesisSchemaVersion", data.kinesisSchemaVersion);
    visit("partitionKey", data.partitionKey);
    visit("sequenceNumber", data.sequenceNumber);
    visit("data", data.data);
    visit("approximateArrivalTimestamp", data.approximateArrivalTimestamp);
};

constexpr auto kinesis_record_members = [](auto& visit, auto& record) {
    visit("kinesis", record.kinesis);
    visit("eventSource", record.eventSource);
    visit("eventVersion", record.eventVersion);
    visit("eventID", record.eventID);
    visit("eventName", record.eventName);
    visit("invokeIdentityArn", record.invokeIdentityArn);
    visit("awsRegion", record.awsRegion);
    visit("eventSourceARN", record.eventSourceARN);
};

constexpr auto kinesis_event_members = [](auto& visit, auto& event) { visit("Records", event.Records); };

}  // namespace

Json Kinesis_Record::json() const { return parse_body(kinesis.data, "the data of record " + kinesis.sequenceNumber); }

Batch_Response process_each(const Kinesis_Event& event, const std::function<void(const Kinesis_Record&)>& process) {
    return process_stream(event.Records, process,
                          [](const Kinesis_Record& record) { return record.kinesis.sequenceNumber; });
}

void from_json(const Json& json, Kinesis_Data& data) {
    read_members(json, data, kinesis_data_members);
    auto bytes = base::base64_decode(data.data);
    if (!bytes) fail_invalid_event("data is not base64");
    data.data = std::move(*bytes);
}
void to_json(Json& json, const Kinesis_Data& data) {
    write_members(json, data, kinesis_data_members);
    if (!data.data.empty()) json["data"] = base::base64_encode(data.data);
}

void from_json(const Json& json, Kinesis_Record& record) { read_members(json, record, kinesis_record_members); }
void to_json(Json& json, const Kinesis_Record& record) { write_members(json, record, kinesis_record_members); }

void from_json(const Json& json, Kinesis_Event& event) {
    check_source(json, "eventSource", "aws:kinesis");
    read_members(json, event, kinesis_event_members);
}
void to_json(Json& json, const Kinesis_Event& event) { write_members(json, event, kinesis_event_members); }

}  // namespace osbot_aws::events
