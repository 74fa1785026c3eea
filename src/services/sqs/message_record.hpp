#pragma once

#include "base/encoding.hpp"
#include "services/sqs/queue.hpp"
#include "services/state.hpp"

namespace osbot_aws::services {

/// The value of a binary attribute is stored in base64.
template <class Fields>
void describe(Fields& f, store::Of<Fields, Message>& message) {
    std::map<std::string, std::pair<std::string, std::string>> attributes;
    if constexpr (Fields::writes)
        for (const auto& [name, attribute] : message.attributes)
            attributes[name] = {attribute.data_type,
                                attribute.binary() ? base::base64_encode(attribute.value) : attribute.value};
    f("id", message.id)("body", message.body)("attributes", attributes)("trace_header", message.trace_header);
    f("sender_id", message.sender_id)("dead_letter_source", message.dead_letter_source)("sent_ms", message.sent_at);
    f("visible_ms", message.visible_at)("first_received_ms", message.first_received_at);
    f.optional("group_id", message.group_id)("receive_count", message.receive_count)("receives_here",
                                                                                     message.receives_in_queue);
    if constexpr (!Fields::writes)
        for (const auto& [name, fields] : attributes) {
            Message_Attribute attribute{fields.first, fields.second};
            if (attribute.binary()) attribute.value = base::base64_decode(attribute.value).value_or("");
            message.attributes.emplace(name, std::move(attribute));
        }
}

}  // namespace osbot_aws::services
