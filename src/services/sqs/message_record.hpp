#pragma once

#include <string>

#include "services/sqs/queue.hpp"

namespace osbot_aws::services {

/// Converts a message to its JSON record in the store, and back. parse_message_record throws Json::exception for an
/// invalid record.
std::string message_record(const Message& message);
Message parse_message_record(const std::string& text);

}  // namespace osbot_aws::services
