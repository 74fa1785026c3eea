#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <osbot_aws/core/Json.hpp>

#include "aws/fields.hpp"
#include "services/sqs/sqs.hpp"

namespace osbot_aws::services {

/// The message attributes that a ReceiveMessage request selects.
struct Attribute_Names {
    std::vector<std::string> system, custom;
};

std::string queue_url(const Context& context, const Queue& queue);

/// Reads SendMessage or an entry of SendMessageBatch. Errors: SerializationException if a binary value is not base64,
/// InvalidParameterValue, UnsupportedOperation (lists as values).
Result<Send_Message> parse_message(const aws::Fields& fields);
Json sent_json(const Message& message);
Json move_task_json(const Move_Task& task);
Json received_json(const Received_Message& received, const Attribute_Names& names);

/// Returns the error of an entry in a batch.
Json failed_entry(const std::string& id, const Error& error);

}  // namespace osbot_aws::services
