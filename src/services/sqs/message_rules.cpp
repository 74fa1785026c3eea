#include "services/sqs/message_rules.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/characters.hpp"
#include "base/numbers.hpp"
#include "base/text.hpp"
#include "services/sqs/sqs_errors.hpp"

namespace osbot_aws::services {
namespace {

constexpr std::size_t attributes_max = 10, attribute_name_length_max = 256, attribute_type_length_max = 256,
                      id_length_max = 128, trace_header_length_max = 256;  // the last is the engine's own
constexpr std::chrono::seconds delay_max{900};

/// Letters beyond ASCII are allowed. The characters U+0080 to U+00BF are signs, such as the section sign.
bool has_name_characters(std::string_view name) {
    constexpr char first_of_signs = '\xC2';
    return std::ranges::all_of(
        name, [](char c) { return base::is_name_character(c) || c == '.' || (c < 0 && c != first_of_signs); });
}

bool is_attribute_name(std::string_view name) {
    const std::string lower = base::lower_case(name);
    return !name.empty() && name.size() <= attribute_name_length_max && has_name_characters(name) && is_content(name) &&
           !lower.starts_with("aws.") && !lower.starts_with("amazon.") && !name.starts_with('.') &&
           !name.ends_with('.') && name.find("..") == std::string_view::npos;
}

bool is_type(std::string_view data_type) {
    const std::string_view prefix = data_type.substr(0, data_type.find('.'));
    return data_type.size() <= attribute_type_length_max && is_content(data_type) &&
           (prefix == "String" || prefix == "Number" || prefix == "Binary");
}

std::optional<Error> check_attribute_value(std::string_view name, const Message_Attribute& attribute) {
    const std::string_view type = std::string_view(attribute.data_type).substr(0, attribute.data_type.find('.'));
    if (attribute.value.empty())
        return invalid_value(
            fmt::format("Message (user) attribute '{}' must contain a non-empty value of type '{}'.", name, type));
    if (!attribute.binary() && !is_content(attribute.value))
        return invalid_value(
            fmt::format("Invalid binary character was found in the message attribute '{}', the set of "
                        "allowed characters is #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | "
                        "#x10000 to #x10FFFF",
                        name));
    if (type == "Number" && !base::parse_double(attribute.value))
        return invalid_value(fmt::format("Can't cast the value of message (user) attribute '{}' to a number.", name));
    return std::nullopt;
}

std::optional<Error> check_attribute(std::string_view name, const Message_Attribute& attribute) {
    if (!is_attribute_name(name))
        return invalid_value(
            fmt::format("The message attribute name '{}' is invalid. Attribute name can contain A-Z, a-z, "
                        "0-9, underscore (_), hyphen (-), and period (.) characters.",
                        name));
    if (attribute.data_type.empty())
        return invalid_value(
            fmt::format("The message attribute '{}' must contain non-empty message attribute type.", name));
    if (!is_type(attribute.data_type))
        return invalid_value(
            fmt::format("The message attribute '{}' has an invalid message attribute type, the set of "
                        "supported type prefixes is Binary, Number, and String.",
                        name));
    return check_attribute_value(name, attribute);
}

std::optional<Error> check_attributes(const Message_Attributes& attributes) {
    if (attributes.size() > attributes_max)
        return invalid_value(fmt::format("Number of message attributes [{}] exceeds the allowed maximum [{}].",
                                         attributes.size(), attributes_max));
    for (const auto& [name, attribute] : attributes)
        if (auto error = check_attribute(name, attribute)) return error;
    return std::nullopt;
}

/// The messages of a FIFO queue have the delay of the queue.
/// Source: localstack, test_sqs.snapshot.json, test_fifo_queue_send_message_with_delay_seconds_fails
std::optional<Error> check_delay(const Queue& queue, const Send_Message& request) {
    if (!request.delay || request.delay->count() == 0) return std::nullopt;
    const std::string text = std::to_string(request.delay->count());
    if (queue.settings.fifo) return wrong_queue_type("DelaySeconds", text);
    if (request.delay->count() > 0 && *request.delay <= delay_max) return std::nullopt;
    return invalid_parameter("DelaySeconds", text,
                             fmt::format("DelaySeconds must be >= 0 and <= {}.", delay_max.count()));
}

/// Source of the two wordings: localstack, test_sqs.snapshot.json, test_send_oversized_message,
/// test_send_batch_message_size
std::optional<Error> check_content(const Queue& queue, const Send_Message& request) {
    if (request.body.empty()) return missing_parameter("MessageBody");
    if (message_bytes(request.body, request.attributes) > queue.settings.message_bytes_max)
        return invalid_value(fmt::format("One or more parameters {}. Reason: Message must be shorter than {} bytes.",
                                         request.in_batch ? "cannot be validated" : "are invalid",
                                         queue.settings.message_bytes_max));
    if (is_content(request.body)) return std::nullopt;
    return Error{"InvalidMessageContents",
                 "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 "
                 "to #xFFFD | #x10000 to #x10FFFF"};
}

}  // namespace

bool is_content(std::string_view text) {
    const auto control = [](char c) {
        return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r';
    };
    return std::none_of(text.begin(), text.end(), control) && text.find("\xEF\xBF\xBE") == std::string_view::npos &&
           text.find("\xEF\xBF\xBF") == std::string_view::npos;
}

std::optional<Error> check_trace_header(const std::string& header) {
    if (header.size() > trace_header_length_max)
        return invalid_parameter(
            "AWSTraceHeader", header,
            fmt::format("The trace header must be at most {} bytes long.", trace_header_length_max));
    return check_attribute_value("AWSTraceHeader", {.data_type = "String", .value = header});
}

std::optional<Error> check_id(std::string_view parameter, const std::optional<std::string>& id) {
    const auto is_visible = [](char c) { return c > ' ' && c <= '~'; };
    if (!id || (id->size() <= id_length_max && base::consists_of(*id, is_visible))) return std::nullopt;
    return invalid_parameter(
        parameter, *id,
        fmt::format("{} can only include alphanumeric and punctuation characters. 1 to 128 in length.", parameter));
}

std::optional<Error> check_group(const Queue& queue, const Send_Message& request) {
    if (!queue.settings.fifo) return std::nullopt;
    if (!request.group_id) {
        Error error = missing_parameter("MessageGroupId");
        if (request.in_batch) error.code = "InvalidParameterValue";  // test_send_batch_missing_message_group_id
        return error;
    }
    if (request.deduplication_id || queue.settings.content_deduplication) return std::nullopt;
    return invalid_value(
        "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly");
}

std::optional<Error> check_message(const Queue& queue, const Send_Message& request) {
    if (auto error = check_content(queue, request)) return error;
    if (auto error = check_delay(queue, request)) return error;
    if (!queue.settings.fifo && request.deduplication_id)
        return wrong_queue_type("MessageDeduplicationId", *request.deduplication_id);
    if (auto error = check_group(queue, request)) return error;
    if (auto error = check_id("MessageGroupId", request.group_id)) return error;
    if (auto error = check_id("MessageDeduplicationId", request.deduplication_id)) return error;
    return check_attributes(request.attributes);
}

}  // namespace osbot_aws::services
