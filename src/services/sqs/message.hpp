#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace osbot_aws::services {

/// A custom attribute of a message: a type such as String, Number.int or Binary, and its value.
struct Message_Attribute {
    std::string data_type;
    std::string value;  ///< for Binary: the raw bytes
    bool binary() const { return data_type.starts_with("Binary"); }
};
using Message_Attributes = std::map<std::string, Message_Attribute>;  ///< in the order of their MD5

/// A message as clients and event sources see it. Queue stores its messages in a smaller form.
struct Message {
    std::string id, body;
    Message_Attributes attributes;
    std::string trace_header;        ///< AWSTraceHeader; empty: none
    std::string group_id;            ///< MessageGroupId; empty: none
    std::string deduplication_id;    ///< of a FIFO queue, if the sender sent one; else it is computed from the body
    std::string sequence_number;     ///< of a FIFO queue
    std::string sender_id;           ///< an account
    std::string dead_letter_source;  ///< ARN of the queue from which it was moved; empty: none
    base::Time sent_at{}, visible_at{};
    base::Time first_received_at{};
    int receive_count = 0;      ///< in all queues
    int receives_in_queue = 0;  ///< in this queue, for the redrive policy

    std::size_t bytes() const;  ///< the size that counts for the limit
    /// Returns the system attributes, by the names in ReceiveMessage and in function events.
    std::map<std::string, std::string> system_attributes() const;
};

/// Returns the size that counts for the limit: the body and the names, types and values of the attributes.
std::size_t message_bytes(std::string_view body, const Message_Attributes& attributes);

/// Returns the deduplication id of a message that was sent without one.
std::string content_deduplication_id(std::string_view body);

/// Returns the MD5 of message attributes, which clients verify.
/// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
std::string md5_of_attributes(const Message_Attributes& attributes);

/// The id of a message, a UUID, in 16 bytes.
class Message_Id {
public:
    Message_Id() = default;
    /// Throws Aws_Exception (InvalidRecord) if the text is not a UUID.
    explicit Message_Id(std::string_view uuid);
    std::string text() const;
    bool operator==(const Message_Id&) const = default;

private:
    std::array<char, 16> bytes_{};
};

}  // namespace osbot_aws::services
