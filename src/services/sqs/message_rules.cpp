#include "services/sqs/message_rules.hpp"
#include "base/characters.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace osbot_aws::services {
namespace {

constexpr std::size_t attributes_max = 10, attribute_name_length_max = 256, group_id_length_max = 128;
constexpr std::chrono::seconds delay_max{900};

/// Returns true if all characters are allowed in XML 1.0. In valid UTF-8 the only other characters are control
/// characters, U+FFFE and U+FFFF.
bool is_content(std::string_view text) {
    const auto control = [](char c) {
        return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r';
    };
    return std::none_of(text.begin(), text.end(), control) && text.find("\xEF\xBF\xBE") == std::string_view::npos &&
           text.find("\xEF\xBF\xBF") == std::string_view::npos;
}

bool is_attribute_name(std::string_view name) {
    const auto allowed = [](char c) { return base::is_name_character(c) || c == '.'; };
    return !name.empty() && name.size() <= attribute_name_length_max &&
           std::all_of(name.begin(), name.end(), allowed) && !name.starts_with("AWS.") &&
           !name.starts_with("Amazon.") && !name.starts_with('.') && !name.ends_with('.');
}

bool is_group_id(std::string_view id) {
    return id.size() <= group_id_length_max && base::consists_of(id, [](char c) { return c > ' ' && c <= '~'; });
}

std::optional<Error> check_attribute(std::string_view name, const Message_Attribute& attribute) {
    if (!is_attribute_name(name))
        return invalid_value(
            fmt::format("The message attribute name '{}' is invalid. Attribute name can contain A-Z, a-z, "
                        "0-9, underscore (_), hyphen (-), and period (.) characters.",
                        name));
    const std::string_view type = std::string_view(attribute.data_type).substr(0, attribute.data_type.find('.'));
    if (attribute.data_type.empty())
        return invalid_value(
            fmt::format("The message attribute '{}' must contain non-empty message attribute type.", name));
    if (type != "String" && type != "Number" && type != "Binary")
        return invalid_value(
            fmt::format("The message attribute '{}' has an invalid message attribute type, the set of "
                        "supported type prefixes is Binary, Number, and String.",
                        name));
    if (attribute.value.empty())
        return invalid_value(
            fmt::format("The message attribute '{}' must contain non-empty message attribute value for "
                        "message attribute type '{}'.",
                        name, type));
    return std::nullopt;
}

}  // namespace

std::optional<Error> check_message(const Queue& queue, const Send_Message& request) {
    if (request.body.empty()) return Error{"MissingParameter", "The request must contain the parameter MessageBody."};
    if (request.delay && (request.delay->count() < 0 || *request.delay > delay_max))
        return invalid_value(
            fmt::format("Value {} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 "
                        "and <= {}.",
                        request.delay->count(), delay_max.count()));
    if (message_bytes(request.body, request.attributes) > queue.settings.message_bytes_max)
        return invalid_value(
            fmt::format("One or more parameters are invalid. Reason: Message must be shorter than {} bytes.",
                        queue.settings.message_bytes_max));
    if (!is_content(request.body))
        return Error{"InvalidMessageContents",
                     "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 "
                     "to #xFFFD | #x10000 to #x10FFFF"};
    if (request.attributes.size() > attributes_max)
        return invalid_value(fmt::format("Number of message attributes [{}] exceeds the allowed maximum [{}].",
                                         request.attributes.size(), attributes_max));
    if (!request.group_id.empty() && !is_group_id(request.group_id))
        return invalid_value(
            fmt::format("Value {} for parameter MessageGroupId is invalid. Reason: MessageGroupId can only include "
                        "alphanumeric and punctuation characters. 1 to 128 in length.",
                        request.group_id));
    for (const auto& [name, attribute] : request.attributes) {
        if (auto error = check_attribute(name, attribute)) return error;
    }
    return std::nullopt;
}

}  // namespace osbot_aws::services
