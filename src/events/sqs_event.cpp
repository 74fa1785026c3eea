#include <osbot_aws/events/Sqs_Event.hpp>

#include "events/batch.hpp"
#include "events/members.hpp"

namespace osbot_aws::events {
namespace {

constexpr auto sqs_record_members = [](auto& visit, auto& record) {
    visit("messageId", record.messageId);
    visit("receiptHandle", record.receiptHandle);
    visit("body", record.body);
    visit("attributes", record.attributes);
    visit("messageAttributes", record.messageAttributes);
    visit("md5OfBody", record.md5OfBody);
    visit("eventSource", record.eventSource);
    visit("eventSourceARN", record.eventSourceARN);
    visit("awsRegion", record.awsRegion);
};

constexpr auto sqs_event_members = [](auto& visit, auto& event) { visit("Records", event.Records); };

}  // namespace

Json Sqs_Record::json() const { return parse_body(body, "the body of message " + messageId); }

Sqs_Batch_Response process_each(const Sqs_Event& event, const std::function<void(const Sqs_Record&)>& process) {
    Sqs_Batch_Response response;
    bool stopped = false;
    for (const Sqs_Record& record : event.Records) {
        if (!stopped) {
            if (succeeds("message", record.messageId, [&] { process(record); })) continue;
            stopped = record.eventSourceARN.ends_with(".fifo");
        }
        response.batchItemFailures.push_back(record.messageId);
    }
    return response;
}

void from_json(const Json& json, Sqs_Record& record) { read_members(json, record, sqs_record_members); }
void to_json(Json& json, const Sqs_Record& record) { write_members(json, record, sqs_record_members); }

void from_json(const Json& json, Sqs_Event& event) {
    check_source(json, "eventSource", "aws:sqs");
    read_members(json, event, sqs_event_members);
}
void to_json(Json& json, const Sqs_Event& event) { write_members(json, event, sqs_event_members); }

}  // namespace osbot_aws::events
