#include "services/sqs/sqs_api.hpp"

#include <fmt/format.h>

#include <set>

#include "base/characters.hpp"
#include "services/sqs/message_rules.hpp"
#include "services/sqs/permissions.hpp"
#include "services/sqs/sqs_errors.hpp"
#include "services/sqs/sqs_json.hpp"

namespace osbot_aws::services {
namespace {

// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
constexpr std::size_t batch_entries_max = 10, batch_bytes_max = 1'048'576, entry_id_length_max = 80;
constexpr std::int64_t list_max = 1000, moved_per_second_max = 500;

/// Runs an operation on the queue of the call.
template <Result<Json> (*Run)(Sqs_Front&, const Queue&, const Call&)>
Result<Json> on_queue(Sqs_Front& front, const Call& call) {
    OSBOT_TRY(const auto url, parse_queue_url(call.account, call.fields().text_or("QueueUrl")));
    OSBOT_TRY(const auto queue, front.sqs.find(url.account, url.name));
    return Run(front, *queue, call);
}

// ---- queues ---------------------------------------------------------------------------------------------------------

Result<Json> url_output(const Sqs_Front& front, const Result<const Queue*>& found) {
    OSBOT_TRY(const auto queue, found);
    return Json{{"QueueUrl", queue_url(front.context, *queue)}};
}

Result<Json> create_queue(Sqs_Front& front, const Call& call) {
    const auto fields = call.fields();
    return url_output(front, front.sqs.create(call.account, fields.text_or("QueueName"), fields.map("Attributes"),
                                              fields.map("tags")));
}

Result<Json> get_queue_url(Sqs_Front& front, const Call& call) {
    Account owner = call.account;
    if (const auto id = call.fields().text("QueueOwnerAWSAccountId")) owner.id = *id;
    return url_output(front, front.sqs.find(owner, call.fields().text_or("QueueName")));
}

/// Returns a page of queues as `member`.
Result<Json> queue_page(const Sqs_Front& front, const Account& account, const aws::Fields& fields, const char* member,
                        List_Queues request) {
    const auto most = fields.number("MaxResults");
    if (most && (*most < 1 || *most > list_max))
        return invalid_parameter("MaxResults", std::to_string(*most),
                                 fmt::format("Must be an integer value between 1 and {}, both inclusive.", list_max));
    request.max = static_cast<std::size_t>(most.value_or(list_max));
    request.after = fields.text_or("NextToken");
    const auto page = front.sqs.list(account, request);
    Json result = Json::object();
    for (const Queue* queue : page.queues) result[member].push_back(queue_url(front.context, *queue));
    if (most && !page.next_token.empty()) result["NextToken"] = page.next_token;
    return result;
}

Result<Json> list_queues(Sqs_Front& front, const Call& call) {
    const auto fields = call.fields();
    return queue_page(front, call.account, fields, "QueueUrls", {.prefix = fields.text_or("QueueNamePrefix")});
}

Result<Json> list_dead_letter_sources(Sqs_Front& front, const Queue& queue, const Call& call) {
    auto page = queue_page(front, queue.account, call.fields(), "queueUrls", {.dead_letter_arn = queue.arn});
    if (page && !page->contains("queueUrls")) (*page)["queueUrls"] = Json::array();
    return page;
}

Result<Json> delete_queue(Sqs_Front& front, const Queue& queue, const Call&) {
    front.sqs.remove(queue);
    return Json::object();
}

Result<Json> purge_queue(Sqs_Front& front, const Queue& queue, const Call&) {
    return no_output(front.sqs.purge(queue));
}

Result<Json> get_queue_attributes(Sqs_Front& front, const Queue& queue, const Call& call) {
    OSBOT_TRY(const auto attributes, front.sqs.attributes(queue, call.fields().texts("AttributeNames")));
    if (attributes.empty()) return Json::object();
    return Json{{"Attributes", attributes}};
}

Result<Json> set_queue_attributes(Sqs_Front& front, const Queue& queue, const Call& call) {
    if (!call.fields().has("Attributes")) return missing_parameter("Attribute.Name");
    return no_output(front.sqs.set_attributes(queue, call.fields().map("Attributes")));
}

Result<Json> tag_queue(Sqs_Front& front, const Queue& queue, const Call& call) {
    const auto tags = call.fields().map("Tags");
    if (tags.empty()) return missing_parameter("Tags");
    return no_output(front.sqs.tag(queue, tags));
}

Result<Json> untag_queue(Sqs_Front& front, const Queue& queue, const Call& call) {
    const auto keys = call.fields().texts("TagKeys");
    if (keys.empty()) return invalid_tag_key();
    front.sqs.untag(queue, keys);
    return Json::object();
}

Result<Json> list_queue_tags(Sqs_Front&, const Queue& queue, const Call&) {
    if (queue.tags.empty()) return Json::object();
    return Json{{"Tags", queue.tags}};
}

Result<Json> set_policy(Sqs_Front& front, const Queue& queue, const Result<std::string>& policy) {
    OSBOT_TRY(const std::string text, policy);
    return no_output(front.sqs.set_attributes(queue, {{"Policy", text}}));
}

Result<Json> add_permission(Sqs_Front& front, const Queue& queue, const Call& call) {
    const auto fields = call.fields();
    return set_policy(front, queue,
                      with_permission(queue, {.label = fields.text_or("Label"),
                                              .accounts = fields.texts("AWSAccountIds"),
                                              .actions = fields.texts("Actions")}));
}

Result<Json> remove_permission(Sqs_Front& front, const Queue& queue, const Call& call) {
    return set_policy(front, queue, without_permission(queue, call.fields().text_or("Label")));
}

// ---- move tasks -----------------------------------------------------------------------------------------------------

std::optional<Error> check_number(const aws::Fields& fields, const char* name, std::int64_t max) {
    const auto number = fields.number(name);
    if (!number || (*number >= 1 && *number <= max)) return std::nullopt;
    return invalid_parameter(name, std::to_string(*number), fmt::format("Must be between 1 and {}.", max));
}

/// Errors: ResourceNotFoundException if `arn` is not the ARN of a queue that exists.
Result<const Queue*> existing_queue(const Sqs& sqs, std::string_view parameter, const std::string& arn) {
    const auto found = sqs.find_arn(arn);
    if (!found) return no_such_resource(parameter);
    return *found;
}

/// The errors are those that AWS was recorded with: localstack, tests/aws/services/sqs/test_sqs_move_task.snapshot.json
Result<Json> start_message_move_task(Sqs_Front& front, const Call& call) {
    const auto fields = call.fields();
    Move_Task task{.source_arn = fields.text_or("SourceArn"), .destination_arn = fields.text_or("DestinationArn")};
    OSBOT_TRY(const Queue* source, existing_queue(front.sqs, "SourceArn", task.source_arn));
    if (auto error = check_number(fields, "MaxNumberOfMessagesPerSecond", moved_per_second_max)) return *error;
    task.per_second = fields.integer("MaxNumberOfMessagesPerSecond");
    if (front.sqs.list(source->account, {.max = 1, .dead_letter_arn = source->arn}).queues.empty())
        return invalid_value("Source queue must be configured as a Dead Letter Queue.");
    if (!task.destination_arn.empty()) {
        OSBOT_TRY(const Queue* destination, existing_queue(front.sqs, "DestinationArn", task.destination_arn));
        if (destination == source || destination->settings.fifo != source->settings.fifo)
            return invalid_parameter("DestinationArn", task.destination_arn,
                                     "The destination must be another queue of the same type as the source queue.");
    }
    return front.sqs.move_tasks().start(std::move(task)).transform([](const Move_Task* started) {
        return Json{{"TaskHandle", started->handle()}};
    });
}

Result<Json> list_message_move_tasks(Sqs_Front& front, const Call& call) {
    const auto fields = call.fields();
    OSBOT_TRY(const Queue* source, existing_queue(front.sqs, "SourceArn", fields.text_or("SourceArn")));
    if (auto error = check_number(fields, "MaxResults", Move_Tasks::tasks_of_queue_max)) return *error;
    const auto most = static_cast<std::size_t>(fields.number("MaxResults").value_or(1));
    Json results = Json::array();
    for (const Move_Task* task : front.sqs.move_tasks().list(source->arn))
        if (results.size() < most) results.push_back(move_task_json(*task));
    return Json{{"Results", std::move(results)}};
}

Result<Json> cancel_message_move_task(Sqs_Front& front, const Call& call) {
    return front.sqs.move_tasks().cancel(call.fields().text_or("TaskHandle")).transform([](const Move_Task* task) {
        return Json{{"ApproximateNumberOfMessagesMoved", task->moved}};
    });
}

// ---- messages -------------------------------------------------------------------------------------------------------

Result<Json> send_message(Sqs_Front& front, const Queue& queue, const Call& call) {
    OSBOT_TRY(auto message, parse_message(call.fields()));
    message.sender_id = call.account.id;
    const std::string trace(call.request.headers["X-Amzn-Trace-Id"]);  // of SDKs in functions that are traced
    const bool is_traced = message.trace_header.empty() && !trace.empty() && !check_trace_header(trace);
    if (is_traced) message.trace_header = trace;
    OSBOT_TRY(auto sent, front.sqs.send(queue, std::move(message)));
    if (is_traced) sent.trace_header.clear();  // the response has no hash of it
    return sent_json(sent);
}

Result<Json> delete_message(Sqs_Front& front, const Queue& queue, const Call& call) {
    return no_output(front.sqs.delete_message(queue, call.fields().text_or("ReceiptHandle")));
}

Result<Json> change_visibility(Sqs_Front& front, const Queue& queue, const aws::Fields& fields) {
    return no_output(front.sqs.change_visibility(queue, fields.text_or("ReceiptHandle"),
                                                 std::chrono::seconds(fields.number("VisibilityTimeout").value_or(0))));
}

Result<Json> change_message_visibility(Sqs_Front& front, const Queue& queue, const Call& call) {
    return change_visibility(front, queue, call.fields());
}

bool is_entry_id(std::string_view id) {
    return !id.empty() && id.size() <= entry_id_length_max && base::all_name_characters(id);
}

/// The messages are those of moto and localstack; they were not compared with AWS's responses.
std::optional<Error> check_entries(const Json& entries, std::string_view kind) {
    if (entries.empty())
        return Error{"EmptyBatchRequest", fmt::format("There should be at least one {} in the request.", kind)};
    if (entries.size() > batch_entries_max)
        return Error{"TooManyEntriesInBatchRequest",
                     fmt::format("Maximum number of entries per request are {}. You have sent {}.", batch_entries_max,
                                 entries.size())};
    std::set<std::string> ids;
    for (const Json& entry : entries) {
        const auto id = aws::Fields(entry).text("Id");
        if (!id) return missing_parameter("Id");
        if (!is_entry_id(*id))
            return Error{"InvalidBatchEntryId",
                         "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can "
                         "be at most 80 letters long."};
        if (!ids.insert(*id).second) return Error{"BatchEntryIdsNotDistinct", fmt::format("Id {} repeated.", *id)};
    }
    return std::nullopt;
}

/// Runs an operation for each entry; entries succeed or fail independently.
template <class Run>
Json run_entries(const Json& entries, Run run) {
    Json result{{"Successful", Json::array()}, {"Failed", Json::array()}};
    for (const Json& entry : entries) {
        const aws::Fields fields(entry);
        Result<Json> done = run(fields);
        if (done) {
            (*done)["Id"] = fields.text_or("Id");
            result["Successful"].push_back(std::move(*done));
        } else {
            result["Failed"].push_back(failed_entry(fields.text_or("Id"), done.error()));
        }
    }
    if (result["Failed"].empty()) result.erase("Failed");
    return result;
}

template <class Run>
Result<Json> batch(const Call& call, std::string_view kind, Run run) {
    const Json& entries = call.fields().list("Entries");
    if (auto refused = check_entries(entries, kind)) return *refused;
    return run_entries(entries, std::move(run));
}

Result<Json> send_message_batch(Sqs_Front& front, const Queue& queue, const Call& call) {
    const Json& entries = call.fields().list("Entries");
    if (auto refused = check_entries(entries, "SendMessageBatchRequestEntry")) return *refused;
    std::vector<Result<Send_Message>> messages;  // of the entries, in order
    std::size_t bytes = 0;
    for (const Json& entry : entries) {
        auto& message = messages.emplace_back(parse_message(aws::Fields(entry)));
        if (!message) continue;
        message->in_batch = true;
        message->sender_id = call.account.id;
        if (auto error = check_group(queue, *message)) return *error;  // as on AWS, not only of this entry
        bytes += message_bytes(message->body, message->attributes);
    }
    if (bytes > batch_bytes_max)
        return Error{"BatchRequestTooLong",
                     fmt::format("Batch requests cannot be longer than {} bytes. You have sent {} bytes.",
                                 batch_bytes_max, bytes)};
    return run_entries(entries, [&, next = messages.begin()](const aws::Fields&) mutable -> Result<Json> {
        OSBOT_TRY(auto message, std::move(*next++));
        return front.sqs.send(queue, std::move(message)).transform(&sent_json);
    });
}

Result<Json> delete_message_batch(Sqs_Front& front, const Queue& queue, const Call& call) {
    return batch(call, "DeleteMessageBatchRequestEntry", [&](const aws::Fields& fields) {
        return no_output(front.sqs.delete_message(queue, fields.text_or("ReceiptHandle")));
    });
}

Result<Json> change_message_visibility_batch(Sqs_Front& front, const Queue& queue, const Call& call) {
    return batch(call, "ChangeMessageVisibilityBatchRequestEntry",
                 [&](const aws::Fields& fields) { return change_visibility(front, queue, fields); });
}

void receive_message(Sqs_Front& front, Call&& call, const Answer& answer) { front.receive(call, answer); }

}  // namespace

Operations sqs_operations(Sqs_Front& front) {
    return {front,
            {{"AddPermission", &on_queue<add_permission>},
             {"CancelMessageMoveTask", &cancel_message_move_task},
             {"ChangeMessageVisibility", &on_queue<change_message_visibility>},
             {"ChangeMessageVisibilityBatch", &on_queue<change_message_visibility_batch>},
             {"CreateQueue", &create_queue},
             {"DeleteMessage", &on_queue<delete_message>},
             {"DeleteMessageBatch", &on_queue<delete_message_batch>},
             {"DeleteQueue", &on_queue<delete_queue>},
             {"GetQueueAttributes", &on_queue<get_queue_attributes>},
             {"GetQueueUrl", &get_queue_url},
             {"ListDeadLetterSourceQueues", &on_queue<list_dead_letter_sources>},
             {"ListMessageMoveTasks", &list_message_move_tasks},
             {"ListQueueTags", &on_queue<list_queue_tags>},
             {"ListQueues", &list_queues},
             {"PurgeQueue", &on_queue<purge_queue>},
             {"ReceiveMessage", &receive_message},
             {"RemovePermission", &on_queue<remove_permission>},
             {"SendMessage", &on_queue<send_message>},
             {"SendMessageBatch", &on_queue<send_message_batch>},
             {"SetQueueAttributes", &on_queue<set_queue_attributes>},
             {"StartMessageMoveTask", &start_message_move_task},
             {"TagQueue", &on_queue<tag_queue>},
             {"UntagQueue", &on_queue<untag_queue>}}};
}

}  // namespace osbot_aws::services
