#include "services/sqs/message.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/encoding.hpp"
#include "base/hash.hpp"
#include "base/result.hpp"
#include "base/time_text.hpp"

namespace osbot_aws::services {
namespace {

/// Adds the length of a text, in 4 bytes, and the text.
void add_with_length(base::Md5& md5, std::string_view text) {
    const auto size = static_cast<std::uint32_t>(text.size());
    const char length[4] = {static_cast<char>(size >> 24U), static_cast<char>(size >> 16U),
                            static_cast<char>(size >> 8U), static_cast<char>(size)};
    md5.update({length, sizeof length});
    md5.update(text);
}

}  // namespace

std::size_t message_bytes(std::string_view body, const Message_Attributes& attributes) {
    std::size_t sum = body.size();
    for (const auto& [name, attribute] : attributes)
        sum += name.size() + attribute.data_type.size() + attribute.value.size();
    return sum;
}

std::size_t Message::bytes() const { return message_bytes(body, attributes); }

std::map<std::string, std::string> Message::system_attributes() const {
    std::map<std::string, std::string> all{
        {"SenderId", sender_id},
        {"SentTimestamp", std::to_string(base::unix_ms(sent_at))},
        {"ApproximateReceiveCount", std::to_string(receive_count)},
        {"ApproximateFirstReceiveTimestamp", std::to_string(base::unix_ms(first_received_at))}};
    if (!trace_header.empty()) all["AWSTraceHeader"] = trace_header;
    if (!group_id.empty()) all["MessageGroupId"] = group_id;
    if (!dead_letter_source.empty()) all["DeadLetterQueueSourceArn"] = dead_letter_source;
    if (sequence_number.empty()) return all;
    all["SequenceNumber"] = sequence_number;
    all["MessageDeduplicationId"] = deduplication_id.empty() ? content_deduplication_id(body) : deduplication_id;
    return all;
}

std::string content_deduplication_id(std::string_view body) { return base::sha256_hex(body); }

std::string md5_of_attributes(const Message_Attributes& attributes) {
    base::Md5 md5;
    for (const auto& [name, attribute] : attributes) {
        add_with_length(md5, name);
        add_with_length(md5, attribute.data_type);
        md5.update(attribute.binary() ? "\x02" : "\x01");
        add_with_length(md5, attribute.value);
    }
    return base::hex_encode(md5.finish_raw());
}

Message_Id::Message_Id(std::string_view uuid) {
    std::string digits;
    digits.reserve(uuid.size());
    std::ranges::copy_if(uuid, std::back_inserter(digits), [](char c) { return c != '-'; });
    const auto bytes = base::hex_decode(digits);
    if (!bytes || bytes->size() != bytes_.size())
        throw Aws_Exception(Error{"InvalidRecord", fmt::format("the message id '{}' is not a UUID", uuid)});
    std::ranges::copy(*bytes, bytes_.begin());
}

std::string Message_Id::text() const {
    const std::string digits = base::hex_encode({bytes_.data(), bytes_.size()});
    std::string text;
    text.reserve(digits.size() + 4);
    for (std::size_t at = 0; at < digits.size(); ++at) {
        if (at == 8 || at == 12 || at == 16 || at == 20) text += '-';
        text += digits[at];
    }
    return text;
}

}  // namespace osbot_aws::services
