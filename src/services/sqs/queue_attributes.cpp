#include "services/sqs/queue_attributes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include <osbot_aws/core/Json.hpp>

#include "base/json.hpp"
#include "base/numbers.hpp"

namespace osbot_aws::services {
namespace {

struct Number_Rule {
    std::string_view name;
    std::int64_t min, max;
};
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
constexpr std::array number_rules{Number_Rule{"DelaySeconds", 0, 900},
                                  Number_Rule{"MaximumMessageSize", 1024, 1'048'576},
                                  Number_Rule{"MessageRetentionPeriod", 60, 1'209'600},
                                  Number_Rule{"ReceiveMessageWaitTimeSeconds", 0, 20},
                                  Number_Rule{"VisibilityTimeout", 0, 43'200},
                                  Number_Rule{"KmsDataKeyReusePeriodSeconds", 60, 86'400}};
constexpr std::string_view fifo_names[] = {"FifoQueue", "ContentBasedDeduplication", "DeduplicationScope",
                                           "FifoThroughputLimit"};
constexpr std::string_view text_names[] = {"Policy", "RedrivePolicy", "RedriveAllowPolicy", "KmsMasterKeyId",
                                           "SqsManagedSseEnabled"};
constexpr std::string_view counted_names[] = {"ApproximateNumberOfMessages",
                                              "ApproximateNumberOfMessagesNotVisible",
                                              "ApproximateNumberOfMessagesDelayed",
                                              "CreatedTimestamp",
                                              "LastModifiedTimestamp",
                                              "QueueArn"};
constexpr int receives_max_limit = 1000;

const Number_Rule* rule_of(std::string_view name) {
    const auto found = std::find_if(number_rules.begin(), number_rules.end(),
                                    [&](const Number_Rule& rule) { return rule.name == name; });
    return found == number_rules.end() ? nullptr : &*found;
}

bool has(std::span<const std::string_view> names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

Error invalid_attribute_value(std::string_view name) {
    return {"InvalidAttributeValue", fmt::format("Invalid value for the parameter {}.", name)};
}

/// Parses {"deadLetterTargetArn": "arn:aws:sqs:...", "maxReceiveCount": 3}. The count may also be a string.
std::optional<Error> read_redrive_policy(const std::string& text, Queue_Settings& settings) {
    const auto invalid_policy = [&](std::string_view reason) {
        return Error{"InvalidParameterValue",
                     fmt::format("Value {} for parameter RedrivePolicy is invalid. Reason: {}", text, reason)};
    };
    const Json policy = base::parse_json(text);
    if (!policy.is_object()) return invalid_policy("Redrive policy is not a valid JSON map.");
    const auto arn = policy.find("deadLetterTargetArn"), count = policy.find("maxReceiveCount");
    if (arn == policy.end() || !arn->is_string())
        return invalid_policy("Redrive policy does not contain mandatory attribute: deadLetterTargetArn.");
    if (count == policy.end())
        return invalid_policy("Redrive policy does not contain mandatory attribute: maxReceiveCount.");
    const auto receives = count->is_string() ? base::parse_number<int>(count->get_ref<const std::string&>())
                                             : base::parse_number<int>(base::dump_json(*count));
    if (!receives || *receives < 1 || *receives > receives_max_limit)
        return invalid_policy(
            fmt::format("Invalid value for maxReceiveCount: {}, valid values are from 1 to {} both inclusive.",
                        base::dump_json(*count), receives_max_limit));
    settings.dead_letter_arn = arn->get<std::string>();
    settings.receives_max = *receives;
    return std::nullopt;
}

std::optional<Error> check_attribute_name(std::string_view name) {
    if (has(fifo_names, name)) return no_fifo_queues(name);
    if (rule_of(name) != nullptr || has(text_names, name)) return std::nullopt;
    return Error{"InvalidAttributeName", fmt::format("Unknown Attribute {}.", name)};
}

}  // namespace

// A FIFO queue without ordering and deduplication would be worse than an error.
Error no_fifo_queues(std::string_view name) {
    return {"NotImplemented", fmt::format("FIFO queues are not implemented by this local engine: {}", name), 501};
}

const std::map<std::string, std::string>& default_queue_attributes() {
    static const std::map<std::string, std::string> defaults{
        {"DelaySeconds", "0"},       {"MaximumMessageSize", "1048576"}, {"MessageRetentionPeriod", "345600"},
        {"VisibilityTimeout", "30"}, {"SqsManagedSseEnabled", "true"},  {"ReceiveMessageWaitTimeSeconds", "0"}};
    return defaults;
}

bool is_queue_attribute(std::string_view name) {
    return rule_of(name) != nullptr || has(text_names, name) || has(counted_names, name) || has(fifo_names, name);
}

Result<Queue_Settings> parse_queue_attributes(const std::map<std::string, std::string>& attributes) {
    std::map<std::string_view, std::int64_t> numbers;
    Queue_Settings settings;
    for (const auto& [name, value] : attributes) {
        if (auto unknown = check_attribute_name(name)) return *unknown;
        if (const Number_Rule* rule = rule_of(name)) {
            const auto number = base::parse_number<std::int64_t>(value);
            if (!number || *number < rule->min || *number > rule->max) return invalid_attribute_value(name);
            numbers[name] = *number;
        }
        if (name == "SqsManagedSseEnabled" && value != "true" && value != "false") return invalid_attribute_value(name);
        if (name == "Policy" && !value.empty() && !base::parse_json(value).is_object())
            return invalid_attribute_value(name);
        if (name == "RedrivePolicy" && !value.empty()) {
            if (auto error = read_redrive_policy(value, settings)) return *error;
        }
    }
    const auto seconds = [&](std::string_view name, std::chrono::seconds otherwise) {
        const auto found = numbers.find(name);
        return found == numbers.end() ? otherwise : std::chrono::seconds(found->second);
    };
    settings.delay = seconds("DelaySeconds", settings.delay);
    settings.wait = seconds("ReceiveMessageWaitTimeSeconds", settings.wait);
    settings.visibility = seconds("VisibilityTimeout", settings.visibility);
    settings.retention = seconds("MessageRetentionPeriod", settings.retention);
    if (const auto bytes = numbers.find("MaximumMessageSize"); bytes != numbers.end())
        settings.message_bytes_max = static_cast<std::size_t>(bytes->second);
    return settings;
}

}  // namespace osbot_aws::services
