#pragma once

#include <string>

#include "engine/sqs/queue.hpp"

namespace osbot_aws::engine {

/// A message as its record of the store, and back. of_record throws Json::exception on what is none.
std::string message_record(const Message& message);
Message message_of_record(const std::string& text);

}  // namespace osbot_aws::engine
