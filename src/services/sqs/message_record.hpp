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
    f.optional("group_id", message.group_id).optional("deduplication_id", message.deduplication_id);
    f.optional("receive_count", message.receive_count)("receives_here", message.receives_in_queue);
    if constexpr (!Fields::writes)
        for (const auto& [name, fields] : attributes) {
            Message_Attribute attribute{fields.first, fields.second};
            if (attribute.binary()) attribute.value = base::base64_decode(attribute.value).value_or("");
            message.attributes.emplace(name, std::move(attribute));
        }
}

/// The sequence number is in the key of the record.
template <class Fields>
void describe(Fields& f, store::Of<Fields, Deduplication::Entry>& entry) {
    std::string key, id;
    if constexpr (Fields::writes) {
        key = base::hex_encode({entry.key.data(), entry.key.size()});
        id = entry.id.text();
    }
    f("key", key)("message_id", id)("sent_ms", entry.sent_at);
    if constexpr (!Fields::writes) {
        const std::string bytes = base::hex_decode(key).value_or("");
        if (bytes.size() != entry.key.size()) throw Aws_Exception(Error{"InvalidRecord", "the key is not a hash"});
        std::copy(bytes.begin(), bytes.end(), entry.key.begin());
        entry.id = Message_Id(id);
    }
}

template <class Fields>
void describe(Fields& f, store::Of<Fields, Receive_Attempt::Received>& received) {
    f("sequence", received.sequence)("visible_ms", received.visible_at);
}

template <class Fields>
void describe(Fields& f, store::Of<Fields, Receive_Attempt>& attempt) {
    f("id", attempt.id)("received_ms", attempt.received_at)("messages", attempt.messages);
}

}  // namespace osbot_aws::services
