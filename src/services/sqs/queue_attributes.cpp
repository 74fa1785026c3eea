#include "services/sqs/queue_attributes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include <osbot_aws/core/Json.hpp>

#include "base/json.hpp"
#include "base/numbers.hpp"
#include "base/text.hpp"
#include "services/iam/policy/resource_document.hpp"
#include "services/sqs/message_rules.hpp"
#include "services/sqs/queue_names.hpp"
#include "services/sqs/sqs_errors.hpp"

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
struct Choice_Rule {
    std::string_view name, first, second;
};
constexpr std::array choice_rules{
    Choice_Rule{"FifoQueue", "true", "false"}, Choice_Rule{"ContentBasedDeduplication", "true", "false"},
    Choice_Rule{"SqsManagedSseEnabled", "true", "false"}, Choice_Rule{"DeduplicationScope", "messageGroup", "queue"},
    Choice_Rule{"FifoThroughputLimit", "perQueue", "perMessageGroupId"}};
constexpr std::string_view fifo_names[] = {"FifoQueue", "ContentBasedDeduplication", "DeduplicationScope",
                                           "FifoThroughputLimit"};
constexpr std::string_view text_names[] = {"Policy", "RedrivePolicy", "RedriveAllowPolicy", "KmsMasterKeyId"};
constexpr std::string_view counted_names[] = {"ApproximateNumberOfMessages",
                                              "ApproximateNumberOfMessagesNotVisible",
                                              "ApproximateNumberOfMessagesDelayed",
                                              "CreatedTimestamp",
                                              "LastModifiedTimestamp",
                                              "QueueArn"};
constexpr int receives_max_limit = 1000;
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
constexpr std::size_t redrive_sources_max = 10;

template <class Rules>
const typename Rules::value_type* rule_of(const Rules& rules, std::string_view name) {
    const auto found = std::ranges::find(rules, name, &Rules::value_type::name);
    return found == rules.end() ? nullptr : &*found;
}

bool has(std::span<const std::string_view> names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

bool is_settable(std::string_view name) {
    return rule_of(number_rules, name) != nullptr || rule_of(choice_rules, name) != nullptr || has(text_names, name);
}

std::string value_or(const Queue_Attributes& attributes, const std::string& name, std::string otherwise) {
    const auto found = attributes.find(name);
    return found == attributes.end() ? std::move(otherwise) : found->second;
}

bool is_true(const Queue_Attributes& attributes, const std::string& name) {
    return base::equal_ignoring_case(value_or(attributes, name, ""), "true");
}

Error invalid_attribute_value(std::string_view name, std::string_view reason = {}) {
    return {"InvalidAttributeValue",
            fmt::format("Invalid value for the parameter {}.{}{}", name, reason.empty() ? "" : " Reason: ", reason)};
}

std::optional<int> receives_of(const Json& count) {
    const auto receives = count.is_string() ? base::parse_number<int>(count.get_ref<const std::string&>())
                                            : base::parse_number<int>(base::dump_json(count));
    return receives && *receives >= 1 && *receives <= receives_max_limit ? receives : std::nullopt;
}

/// Parses {"deadLetterTargetArn": "arn:aws:sqs:...", "maxReceiveCount": 3}. The count may also be a string.
std::optional<Error> read_redrive_policy(const std::string& text, Queue_Settings& settings) {
    const auto invalid = [&](std::string_view reason) { return invalid_parameter("RedrivePolicy", text, reason); };
    const Json policy = base::parse_json(text);
    if (!policy.is_object()) return invalid("Redrive policy is not a valid JSON map.");
    const auto arn = policy.find("deadLetterTargetArn"), count = policy.find("maxReceiveCount");
    // AWS names this attribute for {}: https://github.com/ansible-collections/community.aws/issues/2321
    if (count == policy.end()) return invalid("Redrive policy does not contain mandatory attribute: maxReceiveCount.");
    if (arn == policy.end() || !arn->is_string())
        return invalid("Redrive policy does not contain mandatory attribute: deadLetterTargetArn.");
    const auto receives = receives_of(*count);
    if (!receives)
        return invalid(
            fmt::format("Invalid value for maxReceiveCount: {}, valid values are from 1 to {} both inclusive.",
                        base::dump_json(*count), receives_max_limit));
    settings.dead_letter_arn = arn->get<std::string>();
    settings.receives_max = *receives;
    return std::nullopt;
}

/// A count in a string becomes a number. Source: moto, tests/test_sqs/test_sqs.py,
/// test_redrive_policy_set_attributes_with_string_value
std::string redrive_policy_with_number(const std::string& text) {
    Json policy = base::parse_json(text);
    const auto count = policy.is_object() ? policy.find("maxReceiveCount") : policy.end();
    if (count == policy.end() || !count->is_string()) return text;
    const auto receives = receives_of(*count);
    if (!receives) return text;  // read_redrive_policy() rejects it
    *count = *receives;
    return base::dump_json(policy);
}

/// Checks {"redrivePermission": "byQueue", "sourceQueueArns": ["arn:aws:sqs:..."]}. The reasons were not compared with
/// AWS's responses.
std::optional<Error> check_redrive_allow_policy(const std::string& text) {
    const auto invalid = [&](std::string_view reason) { return invalid_parameter("RedriveAllowPolicy", text, reason); };
    const Json policy = base::parse_json(text);
    if (!policy.is_object()) return invalid("Redrive allow policy is not a valid JSON map.");
    const Json permission = policy.value("redrivePermission", Json()),
               sources = policy.value("sourceQueueArns", Json());
    if (permission != "allowAll" && permission != "denyAll" && permission != "byQueue")
        return invalid("redrivePermission must be allowAll, denyAll or byQueue.");
    if ((permission == "byQueue") != sources.is_array())
        return invalid("sourceQueueArns is mandatory if redrivePermission is byQueue, and only allowed then.");
    const auto is_arn = [](const Json& each) {
        return each.is_string() && parse_queue_arn(each.get_ref<const std::string&>());
    };
    if (sources.size() > redrive_sources_max || !std::all_of(sources.begin(), sources.end(), is_arn))
        return invalid(fmt::format("sourceQueueArns must be at most {} ARNs of queues.", redrive_sources_max));
    return std::nullopt;
}

/// The messages are those that AWS was recorded with (localstack, tests/aws/services/sqs/test_sqs.snapshot.json:
/// test_create_standard_queue_with_fifo_attribute_raises_error, test_set_unsupported_attribute_standard).
std::optional<Error> check_attribute_name(std::string_view name, bool fifo) {
    if (!is_settable(name) || (!fifo && (name == "FifoQueue" || name == "ContentBasedDeduplication")))
        return Error{"InvalidAttributeName", fmt::format("Unknown Attribute {}.", name)};
    if (!fifo && has(fifo_names, name))
        return Error{"InvalidAttributeName",
                     fmt::format("You can specify the {} only when FifoQueue is set to true.", name)};
    return std::nullopt;
}

Result<std::string> normalized_value(const std::string& name, const std::string& value) {
    if (!is_content(value)) return invalid_attribute_value(name);
    if (const Number_Rule* rule = rule_of(number_rules, name)) {
        const auto number = base::parse_number<std::int64_t>(value);
        if (!number || *number < rule->min || *number > rule->max) return invalid_attribute_value(name);
        return std::to_string(*number);
    }
    if (const Choice_Rule* rule = rule_of(choice_rules, name)) {
        const bool any_case = rule->first == "true";
        for (const std::string_view choice : {rule->first, rule->second})
            if (value == choice || (any_case && base::equal_ignoring_case(value, choice))) return std::string(choice);
        return invalid_attribute_value(name);
    }
    if (name == "Policy" && fault_in_policy(value, {})) return invalid_attribute_value(name);
    if (name == "RedrivePolicy") return redrive_policy_with_number(value);
    if (name == "RedriveAllowPolicy")
        if (auto error = check_redrive_allow_policy(value)) return *error;
    return value;
}

Queue_Attributes defaults_of(bool fifo) {
    Queue_Attributes defaults{
        {"DelaySeconds", "0"},       {"MaximumMessageSize", "1048576"}, {"MessageRetentionPeriod", "345600"},
        {"VisibilityTimeout", "30"}, {"SqsManagedSseEnabled", "true"},  {"ReceiveMessageWaitTimeSeconds", "0"}};
    if (fifo)
        defaults.insert({{"FifoQueue", "true"},
                         {"ContentBasedDeduplication", "false"},
                         {"DeduplicationScope", "queue"},
                         {"FifoThroughputLimit", "perQueue"}});
    return defaults;
}

/// Encryption with a key of KMS excludes that of SQS.
/// Source: localstack, tests/aws/services/sqs/test_sqs.snapshot.json, test_sse_kms_and_sqs_are_mutually_exclusive,
/// test_set_queue_attributes_default_values
std::optional<Error> apply_encryption(const Queue_Attributes& requested, Queue_Attributes& attributes) {
    const bool to_kms = !value_or(requested, "KmsMasterKeyId", "").empty();
    const bool to_sqs = is_true(requested, "SqsManagedSseEnabled");
    if (to_kms && to_sqs)
        return Error{"InvalidAttributeName",
                     "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE "
                     "or SQS SSE."};
    if (to_kms) attributes["SqsManagedSseEnabled"] = "false";
    if (to_sqs) attributes.erase("KmsMasterKeyId");
    if (attributes.contains("KmsMasterKeyId"))
        attributes.emplace("KmsDataKeyReusePeriodSeconds", "300");
    else
        attributes.erase("KmsDataKeyReusePeriodSeconds");
    return std::nullopt;
}

/// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/enable-high-throughput-fifo.html. The
/// message was not compared with AWS's response.
std::optional<Error> check_throughput(const Queue_Attributes& attributes) {
    if (value_or(attributes, "FifoThroughputLimit", "") != "perMessageGroupId" ||
        value_or(attributes, "DeduplicationScope", "") == "messageGroup")
        return std::nullopt;
    return invalid_attribute_value(
        "FifoThroughputLimit",
        "The perMessageGroupId value is allowed only when the value for DeduplicationScope is messageGroup.");
}

/// Applies the changes to the attributes of a queue. An empty value restores the default.
Result<Queue_Attributes> with_changes(Queue_Attributes attributes, const Queue_Attributes& changes, bool fifo) {
    OSBOT_TRY(const auto normalized, normalized_attributes(changes, fifo));
    for (const auto& [name, value] : normalized) {
        attributes.erase(name);
        if (!value.empty()) attributes[name] = value;
    }
    attributes.merge(defaults_of(fifo));
    if (auto error = apply_encryption(normalized, attributes)) return *error;
    if (auto error = check_throughput(attributes)) return *error;
    OSBOT_TRY(parse_queue_attributes(attributes));
    return attributes;
}

}  // namespace

bool requests_fifo(const Queue_Attributes& attributes) { return is_true(attributes, "FifoQueue"); }

Result<Queue_Attributes> normalized_attributes(const Queue_Attributes& requested, bool fifo) {
    Queue_Attributes normalized;
    for (const auto& [name, value] : requested) {
        if (auto error = check_attribute_name(name, fifo)) return *error;
        OSBOT_TRY(normalized[name], value.empty() ? Result<std::string>(value) : normalized_value(name, value));
    }
    return normalized;
}

Result<Queue_Attributes> new_queue_attributes(const Queue_Attributes& requested, bool fifo) {
    return with_changes({}, requested, fifo);
}

Result<Queue_Attributes> changed_queue_attributes(const Queue& queue, const Queue_Attributes& changes) {
    const bool fifo = queue.settings.fifo;
    if (fifo && changes.contains("FifoQueue") && !requests_fifo(changes))
        return invalid_attribute_value("FifoQueue", "Modifying queue type is not supported.");
    return with_changes(queue.attributes, changes, fifo);
}

bool allows_redrive(const Queue& dead_letter_queue, std::string_view source_arn) {
    const std::string text = value_or(dead_letter_queue.attributes, "RedriveAllowPolicy", "");
    // Records of earlier versions of the engine may have any text.
    if (text.empty() || check_redrive_allow_policy(text)) return true;
    const Json policy = base::parse_json(text);
    const std::string permission = policy.value("redrivePermission", "");
    if (permission != "byQueue") return permission == "allowAll";
    const Json sources = policy.value("sourceQueueArns", Json::array());
    return std::find(sources.begin(), sources.end(), source_arn) != sources.end();
}

bool is_queue_attribute(std::string_view name) { return is_settable(name) || has(counted_names, name); }

Result<Queue_Settings> parse_queue_attributes(const Queue_Attributes& attributes) {
    Queue_Settings settings;
    const auto number = [&](const char* name, std::int64_t otherwise) {
        return base::parse_number<std::int64_t>(value_or(attributes, name, "")).value_or(otherwise);
    };
    const auto seconds = [&](const char* name, std::chrono::seconds otherwise) {
        return std::chrono::seconds(number(name, otherwise.count()));
    };
    settings.delay = seconds("DelaySeconds", settings.delay);
    settings.wait = seconds("ReceiveMessageWaitTimeSeconds", settings.wait);
    settings.visibility = seconds("VisibilityTimeout", settings.visibility);
    settings.retention = seconds("MessageRetentionPeriod", settings.retention);
    settings.message_bytes_max =
        static_cast<std::size_t>(number("MaximumMessageSize", static_cast<std::int64_t>(settings.message_bytes_max)));
    settings.fifo = is_true(attributes, "FifoQueue");
    settings.content_deduplication = is_true(attributes, "ContentBasedDeduplication");
    settings.deduplicates_by_group = value_or(attributes, "DeduplicationScope", "") == "messageGroup";
    const std::string redrive = value_or(attributes, "RedrivePolicy", "");
    if (redrive.empty()) return settings;
    if (auto error = read_redrive_policy(redrive, settings)) return *error;
    return settings;
}

}  // namespace osbot_aws::services
