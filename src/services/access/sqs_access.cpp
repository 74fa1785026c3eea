// Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html
#include "base/encoding.hpp"
#include "base/json.hpp"
#include "services/access/access_rules.hpp"
#include "services/sqs/queue_names.hpp"

namespace osbot_aws::services {
namespace {

Resources queue_of_url(const Access_Input& input) {
    const auto location = parse_queue_url(input.call.account, input.text("QueueUrl"));
    return {location ? queue_arn(location->account, location->name) : "*"};
}

/// Returns the ARN with the parts that the operations read.
std::string own_arn(const std::string& arn) {
    const auto location = parse_queue_arn(arn);
    return location ? queue_arn(location->account, location->name) : "*";
}

Resources named_queue(const Access_Input& input) {
    Account owner = input.call.account;
    if (const auto id = input.call.fields().text("QueueOwnerAWSAccountId")) owner.id = *id;
    return {queue_arn(owner, input.text("QueueName"))};
}

/// The handle of a task is base64 of a JSON document (move_tasks.cpp).
Resources source_of_task(const Access_Input& input) {
    const Json handle = base::parse_json(base::base64_decode(input.text("TaskHandle")).value_or(""));
    const Json source = handle.is_object() ? handle.value("sourceArn", Json()) : Json();
    return {source.is_string() ? own_arn(source.get<std::string>()) : "*"};
}

template <Member_Name member>
Resources queue_in(const Access_Input& input) {
    return {own_arn(input.text(member.text))};
}

constexpr Resource_Group sqs_groups[] = {
    {&any_resource, "ListQueues"},
    {&named_queue, "CreateQueue GetQueueUrl"},
    {&queue_of_url,
     "AddPermission ChangeMessageVisibility ChangeMessageVisibilityBatch DeleteMessage DeleteMessageBatch DeleteQueue "
     "GetQueueAttributes ListDeadLetterSourceQueues ListQueueTags PurgeQueue ReceiveMessage RemovePermission "
     "SendMessage SendMessageBatch SetQueueAttributes TagQueue UntagQueue"},
    {&queue_in<"SourceArn">, "ListMessageMoveTasks StartMessageMoveTask"},
    {&source_of_task, "CancelMessageMoveTask"},
};

constexpr Renamed_Action sqs_renamed[] = {{"ChangeMessageVisibilityBatch", "ChangeMessageVisibility"},
                                          {"DeleteMessageBatch", "DeleteMessage"},
                                          {"SendMessageBatch", "SendMessage"}};

/// A task receives and deletes the messages of its source.
/// Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html
constexpr Additional_Action sqs_additional[] = {
    {"CreateQueue", "tags", "sqs:TagQueue", &named_queue},
    {"StartMessageMoveTask", "SourceArn", "sqs:ReceiveMessage", &queue_in<"SourceArn">},
    {"StartMessageMoveTask", "SourceArn", "sqs:DeleteMessage", &queue_in<"SourceArn">},
    {"StartMessageMoveTask", "SourceArn", "sqs:GetQueueAttributes", &queue_in<"SourceArn">},
    {"StartMessageMoveTask", "DestinationArn", "sqs:SendMessage", &queue_in<"DestinationArn">},
};

/// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-limitations-of-custom-policies.html
constexpr std::string_view sqs_own_account_only =
    "AddPermission CancelMessageMoveTask CreateQueue DeleteQueue ListMessageMoveTasks ListQueueTags ListQueues "
    "RemovePermission SetQueueAttributes StartMessageMoveTask TagQueue UntagQueue";

}  // namespace

const Access_Rules& sqs_access_rules() {
    static constexpr Access_Rules rules{"sqs", sqs_groups, sqs_renamed, sqs_additional, "", sqs_own_account_only};
    return rules;
}

}  // namespace osbot_aws::services
