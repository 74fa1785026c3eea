#include "services/sqs/message_record.hpp"

#include <osbot_aws/core/Json.hpp>

#include "base/encoding.hpp"
#include "base/json.hpp"
#include "base/time_text.hpp"

namespace osbot_aws::services {

std::string message_record(const Message& message) {
    Json attributes = Json::object();
    for (const auto& [name, attribute] : message.attributes) {
        attributes[name] = {attribute.data_type,
                            attribute.binary() ? base::base64_encode(attribute.value) : attribute.value};
    }
    return base::dump_json_lossy(Json{{"id", message.id},
                                      {"body", message.body},
                                      {"attributes", std::move(attributes)},
                                      {"trace_header", message.trace_header},
                                      {"group_id", message.group_id},
                                      {"sender_id", message.sender_id},
                                      {"dead_letter_source", message.dead_letter_source},
                                      {"sent_ms", base::unix_ms(message.sent_at)},
                                      {"visible_ms", base::unix_ms(message.visible_at)},
                                      {"first_received_ms", base::unix_ms(message.first_received_at)},
                                      {"receive_count", message.receive_count},
                                      {"receives_here", message.receives_in_queue}});
}

Message parse_message_record(const std::string& text) {
    const Json json = base::parse_json_or_throw(text);
    Message message{.id = json.at("id"), .body = json.at("body")};
    for (const auto& [name, fields] : json.at("attributes").items()) {
        Message_Attribute attribute{fields.at(0), fields.at(1)};
        if (attribute.binary()) attribute.value = base::base64_decode(attribute.value).value_or("");
        message.attributes.emplace(name, std::move(attribute));
    }
    message.trace_header = json.at("trace_header");
    message.group_id = json.value("group_id", "");
    message.sender_id = json.at("sender_id");
    message.dead_letter_source = json.at("dead_letter_source");
    message.sent_at = base::from_unix_ms(json.at("sent_ms"));
    message.visible_at = base::from_unix_ms(json.at("visible_ms"));
    message.first_received_at = base::from_unix_ms(json.at("first_received_ms"));
    message.receive_count = json.at("receive_count");
    message.receives_in_queue = json.at("receives_here");
    return message;
}

}  // namespace osbot_aws::services
