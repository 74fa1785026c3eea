#include <osbot_aws/events/Dynamodb_Event.hpp>

#include "events/batch.hpp"
#include "events/members.hpp"

namespace osbot_aws::events {
namespace {

constexpr auto change_members = [](auto& visit, auto& change) {
    visit("ApproximateCreationDateTime", change.ApproximateCreationDateTime);
    visit("Keys", change.Keys);
    visit("NewImage", change.NewImage);
    visit("OldImage", change.OldImage);
    visit("SequenceNumber", change.SequenceNumber);
    visit("SizeBytes", change.SizeBytes);
    visit("StreamViewType", change.StreamViewType);
};

constexpr auto dynamodb_record_members = [](auto& visit, auto& record) {
    visit("eventID", record.eventID);
    visit("eventName", record.eventName);
    visit("eventVersion", record.eventVersion);
    visit("eventSource", record.eventSource);
    visit("awsRegion", record.awsRegion);
    visit("dynamodb", record.dynamodb);
    visit("eventSourceARN", record.eventSourceARN);
    visit("userIdentity", record.userIdentity);
};

constexpr auto dynamodb_event_members = [](auto& visit, auto& event) { visit("Records", event.Records); };

}  // namespace

Batch_Response process_each(const Dynamodb_Event& event, const std::function<void(const Dynamodb_Record&)>& process) {
    return process_stream(event.Records, process,
                          [](const Dynamodb_Record& record) { return record.dynamodb.SequenceNumber; });
}

void from_json(const Json& json, Dynamodb_Change& change) { read_members(json, change, change_members); }
void to_json(Json& json, const Dynamodb_Change& change) { write_members(json, change, change_members); }

void from_json(const Json& json, Dynamodb_Record& record) { read_members(json, record, dynamodb_record_members); }
void to_json(Json& json, const Dynamodb_Record& record) { write_members(json, record, dynamodb_record_members); }

void from_json(const Json& json, Dynamodb_Event& event) {
    check_source(json, "eventSource", "aws:dynamodb");
    read_members(json, event, dynamodb_event_members);
}
void to_json(Json& json, const Dynamodb_Event& event) { write_members(json, event, dynamodb_event_members); }

}  // namespace osbot_aws::events
