#include <osbot_aws/events/Sns_Event.hpp>

#include "events/members.hpp"

namespace osbot_aws::events {
namespace {

constexpr auto sns_message_members = [](auto& visit, auto& message) {
    visit("Type", message.Type);
    visit("MessageId", message.MessageId);
    visit("TopicArn", message.TopicArn);
    visit("Subject", message.Subject);
    visit("Message", message.Message);
    visit("Timestamp", message.Timestamp);
    visit("MessageAttributes", message.MessageAttributes);
};

constexpr auto sns_record_members = [](auto& visit, auto& record) {
    visit("EventSource", record.EventSource);
    visit("EventVersion", record.EventVersion);
    visit("EventSubscriptionArn", record.EventSubscriptionArn);
    visit("Sns", record.Sns);
};

constexpr auto sns_event_members = [](auto& visit, auto& event) { visit("Records", event.Records); };

}  // namespace

Json Sns_Message::json() const { return parse_body(Message, "the text of message " + MessageId); }

void from_json(const Json& json, Sns_Message& message) { read_members(json, message, sns_message_members); }
void to_json(Json& json, const Sns_Message& message) { write_members(json, message, sns_message_members); }

void from_json(const Json& json, Sns_Record& record) { read_members(json, record, sns_record_members); }
void to_json(Json& json, const Sns_Record& record) { write_members(json, record, sns_record_members); }

void from_json(const Json& json, Sns_Event& event) {
    check_source(json, "EventSource", "aws:sns");
    read_members(json, event, sns_event_members);
}
void to_json(Json& json, const Sns_Event& event) { write_members(json, event, sns_event_members); }

}  // namespace osbot_aws::events
