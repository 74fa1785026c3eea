#include "services/sqs/sqs_api.hpp"

#include <fmt/format.h>

#include <set>

#include "base/characters.hpp"
#include "services/sqs/message_rules.hpp"
#include "services/sqs/sqs_json.hpp"

namespace osbot_aws::services {
namespace {

// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
constexpr std::size_t batch_entries_max = 10, batch_bytes_max = 1'048'576, entry_id_length_max = 80;
constexpr std::int64_t receive_max = 10, wait_s_max = 20, visibility_s_max = 43'200, list_max = 1000;

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
        return invalid_value(
            fmt::format("Value {} for parameter MaxResults is invalid. Reason: Must be an integer value "
                        "between 1 and {}, both inclusive.",
                        *most, list_max));
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
    if (!call.fields().has("Attributes"))
        return Error{"MissingParameter", "The request must contain the parameter Attribute.Name."};
    return no_output(front.sqs.set_attributes(queue, call.fields().map("Attributes")));
}

Result<Json> tag_queue(Sqs_Front& front, const Queue& queue, const Call& call) {
    front.sqs.tag(queue, call.fields().map("Tags"));
    return Json::object();
}

Result<Json> untag_queue(Sqs_Front& front, const Queue& queue, const Call& call) {
    front.sqs.untag(queue, call.fields().texts("TagKeys"));
    return Json::object();
}

Result<Json> list_queue_tags(Sqs_Front&, const Queue& queue, const Call&) {
    if (queue.tags.empty()) return Json::object();
    return Json{{"Tags", queue.tags}};
}

// ---- messages -------------------------------------------------------------------------------------------------------

Result<Json> send(Sqs_Front& front, const Queue& queue, Result<Send_Message> params) {
    OSBOT_TRY(auto message, std::move(params));
    return front.sqs.send(queue, std::move(message)).transform(&sent_json);
}

Result<Json> send_message(Sqs_Front& front, const Queue& queue, const Call& call) {
    return send(front, queue, parse_message(call.fields()));
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
        if (!id) return Error{"MissingParameter", "The request must contain the parameter Id."};
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
Result<Json> batch(const Call& call, std::string_view kind, Run run) {
    const Json& entries = call.fields().list("Entries");
    if (auto refused = check_entries(entries, kind)) return *refused;
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

Result<Json> send_message_batch(Sqs_Front& front, const Queue& queue, const Call& call) {
    std::vector<Result<Send_Message>> messages;  // of the entries, in order
    std::size_t bytes = 0;
    for (const Json& entry : call.fields().list("Entries")) {
        messages.push_back(parse_message(aws::Fields(entry)));
        if (const auto& message = messages.back()) bytes += message_bytes(message->body, message->attributes);
    }
    if (bytes > batch_bytes_max)
        return Error{"BatchRequestTooLong",
                     fmt::format("Batch requests cannot be longer than {} bytes. You have sent {} bytes.",
                                 batch_bytes_max, bytes)};
    return batch(call, "SendMessageBatchRequestEntry", [&, next = messages.begin()](const aws::Fields&) mutable {
        return send(front, queue, std::move(*next++));
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

/// The parameters of ReceiveMessage.
struct Receive {
    Queue_Url queue;
    std::size_t max = 1;
    std::optional<std::chrono::seconds> visibility;
    std::optional<std::chrono::seconds> wait;
    Attribute_Names names;
};

std::optional<Error> check_range(std::string_view name, const std::optional<std::int64_t>& value, std::int64_t min,
                                 std::int64_t max, std::string_view reason) {
    if (!value || (*value >= min && *value <= max)) return std::nullopt;
    return invalid_value(fmt::format("Value {} for parameter {} is invalid. Reason: {}", *value, name, reason));
}

Result<Receive> parse_receive(const Call& call) {
    const auto fields = call.fields();
    OSBOT_TRY(const auto url, parse_queue_url(call.account, fields.text_or("QueueUrl")));
    if (auto error = only_of_fifo_queues(fields, "ReceiveRequestAttemptId")) return *error;
    Receive params{.queue = url, .visibility = {}, .wait = {}, .names = {}};
    const auto most = fields.number("MaxNumberOfMessages"), wait = fields.number("WaitTimeSeconds"),
               visibility = fields.number("VisibilityTimeout");
    for (const char* name : {"AttributeNames", "MessageSystemAttributeNames"}) {
        const auto names = fields.texts(name);
        params.names.system.insert(params.names.system.end(), names.begin(), names.end());
    }
    params.names.custom = fields.texts("MessageAttributeNames");
    for (const auto& refused :
         {check_range("MaxNumberOfMessages", most, 1, receive_max, "Must be between 1 and 10, if provided."),
          check_range("WaitTimeSeconds", wait, 0, wait_s_max, "Must be >= 0 and <= 20, if provided."),
          check_range("VisibilityTimeout", visibility, 0, visibility_s_max,
                      "Must be between 0 and 43200, if provided.")}) {
        if (refused) return *refused;
    }
    params.max = static_cast<std::size_t>(most.value_or(1));
    if (visibility) params.visibility = std::chrono::seconds(*visibility);
    if (wait) params.wait = std::chrono::seconds(*wait);
    return params;
}

/// Returns the response, or nullopt if no message is available.
Result<std::optional<Json>> try_receive(Sqs& sqs, const Receive& params) {
    OSBOT_TRY(const auto queue, sqs.find(params.queue.account, params.queue.name));
    OSBOT_TRY(const auto received, sqs.receive(*queue, params.max, params.visibility));
    if (received.empty()) return std::optional<Json>();
    Json messages = Json::array();
    for (const Received_Message& message : received) messages.push_back(received_json(message, params.names));
    return std::optional<Json>(Json{{"Messages", std::move(messages)}});
}

void receive_message(Sqs_Front& front, Call&& call, const Answer& answer) { front.receive(call, answer); }

}  // namespace

/// A ReceiveMessage request that waits for messages.
struct Sqs_Front::Long_Poll {
    Receive params;
    Answer answer;
    base::Subscription_Ptr ready, end;
};

Sqs_Front::Sqs_Front(Context& context_, Sqs& sqs_) : context(context_), sqs(sqs_) {}

Sqs_Front::~Sqs_Front() = default;

void Sqs_Front::receive(const Call& call, const Answer& answer) {
    auto params = parse_receive(call);
    if (!params) return answer(params.error());
    const auto queue = sqs.find(params->queue.account, params->queue.name);
    if (!queue) return answer(queue.error());
    const auto wait = params->wait.value_or((*queue)->settings.wait);
    long_polls_.push_back({std::move(*params), answer, nullptr, nullptr});
    const auto poll = std::prev(long_polls_.end());
    if (wait.count() > 0) poll->end = context.loop.after(wait, [this, poll] { retry(poll, true); });
    retry(poll, wait.count() == 0);
}

void Sqs_Front::retry(Long_Polls::iterator poll, bool last) {
    auto received = try_receive(sqs, poll->params);
    if (received && !*received && !last) {
        const auto queue = sqs.find(poll->params.queue.account, poll->params.queue.name);
        poll->ready = sqs.when_ready((*queue)->arn, [this, poll] { retry(poll, false); });
        return;
    }
    const Answer answer = std::move(poll->answer);
    long_polls_.erase(poll);
    answer(received ? Result<Output>(Output(received->value_or(Json::object()))) : received.error());
}

Operations sqs_operations(Sqs_Front& front) {
    return {front,
            {{"ChangeMessageVisibility", &on_queue<change_message_visibility>},
             {"ChangeMessageVisibilityBatch", &on_queue<change_message_visibility_batch>},
             {"CreateQueue", &create_queue},
             {"DeleteMessage", &on_queue<delete_message>},
             {"DeleteMessageBatch", &on_queue<delete_message_batch>},
             {"DeleteQueue", &on_queue<delete_queue>},
             {"GetQueueAttributes", &on_queue<get_queue_attributes>},
             {"GetQueueUrl", &get_queue_url},
             {"ListDeadLetterSourceQueues", &on_queue<list_dead_letter_sources>},
             {"ListQueueTags", &on_queue<list_queue_tags>},
             {"ListQueues", &list_queues},
             {"PurgeQueue", &on_queue<purge_queue>},
             {"ReceiveMessage", &receive_message},
             {"SendMessage", &on_queue<send_message>},
             {"SendMessageBatch", &on_queue<send_message_batch>},
             {"SetQueueAttributes", &on_queue<set_queue_attributes>},
             {"TagQueue", &on_queue<tag_queue>},
             {"UntagQueue", &on_queue<untag_queue>}}};
}

}  // namespace osbot_aws::services
