#include <osbot_aws/events/Sqs_Event.hpp>

#include <fmt/format.h>

#include <cstdio>
#include <exception>

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

/// Returns the reason of a failure, or nothing.
std::optional<std::string> failure_of(const std::function<void(const Sqs_Record&)>& process,
                                      const Sqs_Record& record) try {
    process(record);
    return std::nullopt;
} catch (const std::exception& error) { return error.what(); }

}  // namespace

Json Sqs_Record::json() const { return parse_body(body, "the body of message " + messageId); }

Sqs_Batch_Response process_each(const Sqs_Event& event, const std::function<void(const Sqs_Record&)>& process) {
    Sqs_Batch_Response response;
    bool stopped = false;
    for (const Sqs_Record& record : event.Records) {
        if (!stopped) {
            const auto reason = failure_of(process, record);
            if (!reason) continue;
            std::fputs(fmt::format("message {} failed: {}\n", record.messageId, *reason).c_str(), stderr);
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

void from_json(const Json& json, Sqs_Batch_Response& response) {
    response = {};
    for (const Json& item : json.at("batchItemFailures"))
        response.batchItemFailures.push_back(item.at("itemIdentifier").get<std::string>());
}
void to_json(Json& json, const Sqs_Batch_Response& response) {
    json = {{"batchItemFailures", Json::array()}};
    for (const std::string& id : response.batchItemFailures)
        json["batchItemFailures"].push_back({{"itemIdentifier", id}});
}

}  // namespace osbot_aws::events
