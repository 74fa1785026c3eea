#include "services/sqs/sqs_json.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "aws/output.hpp"
#include "base/encoding.hpp"
#include "base/hash.hpp"
#include "base/time_text.hpp"
#include "services/sqs/message_rules.hpp"
#include "services/sqs/sqs_errors.hpp"

namespace osbot_aws::services {
namespace {

/// A name that ends with ".*" is a prefix: "Hel.*" selects "Hello" and "Help.Me".
/// Recorded: localstack, test_sqs.snapshot.json, test_receive_message_message_attribute_names_filters
bool matches_any(const std::vector<std::string>& names, std::string_view name) {
    constexpr std::string_view wildcard = ".*";
    return std::any_of(names.begin(), names.end(), [&](const std::string& pattern) {
        if (pattern == "All" || pattern == "*" || pattern == name) return true;
        const std::string_view prefix = pattern;
        return prefix.ends_with(wildcard) && name.starts_with(prefix.substr(0, prefix.size() - wildcard.size()));
    });
}

// The messages are those that users of AWS reported; they were not compared with AWS's responses.
Result<Message_Attribute> parse_attribute(const std::string& name, const aws::Fields& fields) {
    if (!fields.list("StringListValues").empty() || !fields.list("BinaryListValues").empty())
        return Error{"UnsupportedOperation",
                     "Message attribute list values in SendMessage operation are not supported."};
    Message_Attribute attribute{.data_type = fields.text_or("DataType"), .value = {}};
    const bool is_binary = attribute.binary();
    if (fields.has(is_binary ? "StringValue" : "BinaryValue"))
        return invalid_value(fmt::format("The message attribute '{}' with type '{}' must use field '{}'.", name,
                                         attribute.data_type, is_binary ? "Binary" : "String"));
    attribute.value = fields.text_or(is_binary ? "BinaryValue" : "StringValue");
    if (!is_binary) return attribute;
    const auto decoded = base::base64_decode(attribute.value);
    if (!decoded) return Error{"SerializationException", fmt::format("the value of {} is not base64", name)};
    attribute.value = *decoded;
    return attribute;
}

/// Reads the only system attribute of a request. Its type must be String.
Result<std::string> parse_trace_header(const Json& attributes) {
    std::string header;
    for (const auto& [name, value] : attributes.items()) {
        if (name != "AWSTraceHeader")
            return invalid_value(fmt::format("Message system attribute name '{}' is invalid.", name));
        OSBOT_TRY(auto attribute, parse_attribute(name, aws::Fields(value)));
        if (attribute.data_type != "String")
            return invalid_value(
                fmt::format("The message system attribute '{}' has an invalid message attribute type, the set of "
                            "supported type prefixes is String.",
                            name));
        if (auto error = check_trace_header(attribute.value)) return *error;
        header = std::move(attribute.value);
    }
    return header;
}

Json attribute_json(const Message_Attribute& attribute) {
    if (attribute.binary())
        return {{"DataType", attribute.data_type}, {"BinaryValue", base::base64_encode(attribute.value)}};
    return {{"DataType", attribute.data_type}, {"StringValue", attribute.value}};
}

}  // namespace

std::string queue_url(const Context& context, const Queue& queue) {
    return fmt::format("{}/{}/{}", context.endpoint_url, queue.account.id, queue.name);
}

Result<Send_Message> parse_message(const aws::Fields& fields) {
    Send_Message message{.body = fields.text_or("MessageBody"), .attributes = {}, .trace_header = {}};
    if (const auto delay = fields.number("DelaySeconds")) message.delay = std::chrono::seconds(*delay);
    for (const auto& [name, value] : fields.object("MessageAttributes").items()) {
        OSBOT_TRY(auto attribute, parse_attribute(name, aws::Fields(value)));
        message.attributes.emplace(name, std::move(attribute));
    }
    OSBOT_TRY(auto trace_header, parse_trace_header(fields.object("MessageSystemAttributes")));
    message.trace_header = std::move(trace_header);
    message.group_id = fields.text("MessageGroupId");
    message.deduplication_id = fields.text("MessageDeduplicationId");
    return message;
}

Json sent_json(const Message& message) {
    Json json{{"MessageId", message.id}, {"MD5OfMessageBody", base::md5_hex(message.body)}};
    if (!message.attributes.empty()) json["MD5OfMessageAttributes"] = md5_of_attributes(message.attributes);
    if (!message.sequence_number.empty()) json["SequenceNumber"] = message.sequence_number;
    if (!message.trace_header.empty())
        json["MD5OfMessageSystemAttributes"] =
            md5_of_attributes({{"AWSTraceHeader", {"String", message.trace_header}}});
    return json;
}

Json received_json(const Received_Message& received, const Attribute_Names& names) {
    const Message& message = received.message;
    Json json{{"MessageId", message.id},
              {"ReceiptHandle", received.receipt_handle},
              {"MD5OfBody", base::md5_hex(message.body)},
              {"Body", message.body}};
    for (const auto& [name, value] : message.system_attributes()) {
        if (matches_any(names.system, name)) json["Attributes"][name] = value;
    }
    Message_Attributes selected;
    for (const auto& [name, attribute] : message.attributes) {
        if (!matches_any(names.custom, name)) continue;
        json["MessageAttributes"][name] = attribute_json(attribute);
        selected.emplace(name, attribute);
    }
    if (!selected.empty()) json["MD5OfMessageAttributes"] = md5_of_attributes(selected);
    return json;
}

// The members that a task lacks are those that AWS was recorded without:
// localstack, tests/aws/services/sqs/test_sqs_move_task.snapshot.json
Json move_task_json(const Move_Task& task) {
    constexpr const char* status_names[] = {"RUNNING", "COMPLETED", "CANCELLED", "FAILED"};
    Json json{{"SourceArn", task.source_arn},
              {"Status", status_names[static_cast<int>(task.status)]},
              {"ApproximateNumberOfMessagesMoved", task.moved},
              {"ApproximateNumberOfMessagesToMove", task.to_move},
              {"StartedTimestamp", base::unix_ms(task.started_at)}};
    if (!task.destination_arn.empty()) json["DestinationArn"] = task.destination_arn;
    if (task.per_second) json["MaxNumberOfMessagesPerSecond"] = *task.per_second;
    if (task.status == Move_Task::Status::running) json["TaskHandle"] = task.handle();
    if (!task.failure.empty()) json["FailureReason"] = task.failure;
    return json;
}

Json failed_entry(const std::string& id, const Error& error) {
    return {{"Id", id}, {"SenderFault", true}, {"Code", aws::query_code(error.code)}, {"Message", error.message}};
}

}  // namespace osbot_aws::services
