#include "server/sqs_api.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/characters.hpp"
#include "base/json.hpp"
#include "base/random.hpp"
#include "server/sqs_json.hpp"
#include "wire/errors.hpp"

namespace osbot_aws::server {
namespace {

using engine::Sqs;

// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
constexpr std::size_t batch_entries_max = 10, batch_bytes_max = 1'048'576, entry_id_length_max = 80;
constexpr std::int64_t receive_max = 10, wait_s_max = 20, visibility_s_max = 43'200, list_max = 1000;

/// A request and the data that its operation needs.
struct Call {
    const engine::Context& context;
    const engine::Account& account;
    const Json& body;
    Fields& fields;
    Sqs& sqs;
};

Error invalid(std::string message) { return {"InvalidParameterValue", std::move(message)}; }

Result<const engine::Queue*> queue_of(const Call& call) {
    const auto url = parse_queue_url(call.account, call.fields.text("QueueUrl").value_or(""));
    if (!url) return url.error();
    return call.sqs.find(url->account, url->name);
}

// ---- queues ---------------------------------------------------------------------------------------------------------

Result<Json> url_result(const Call& call, const Result<const engine::Queue*>& queue) {
    if (!queue) return queue.error();
    return Json{{"QueueUrl", queue_url(call.context, **queue)}};
}

Result<Json> create_queue(const Call& call) {
    const auto attributes = call.fields.map("Attributes"), tags = call.fields.map("tags");
    const auto name = call.fields.text("QueueName");
    if (call.fields.error()) return *call.fields.error();
    const std::map<std::string, std::string> none;
    return url_result(call,
                      call.sqs.create(call.account, name.value_or(""), attributes.value_or(none), tags.value_or(none)));
}

Result<Json> get_queue_url(const Call& call) {
    engine::Account owner = call.account;
    if (const auto id = call.fields.text("QueueOwnerAWSAccountId")) owner.id = *id;
    return url_result(call, call.sqs.find(owner, call.fields.text("QueueName").value_or("")));
}

Result<Json> list_queues(const Call& call) {
    const auto most = call.fields.number("MaxResults");
    if (most && (*most < 1 || *most > list_max))
        return invalid(
            fmt::format("Value {} for parameter MaxResults is invalid. Reason: Must be an integer value "
                        "between 1 and {}, both inclusive.",
                        *most, list_max));
    const std::string prefix = call.fields.text("QueueNamePrefix").value_or("");
    const std::string after = call.fields.text("NextToken").value_or("");
    const auto page = call.sqs.list(call.account, prefix, after, static_cast<std::size_t>(most.value_or(list_max)));
    Json result = Json::object();
    for (const engine::Queue* queue : page.queues) result["QueueUrls"].push_back(queue_url(call.context, *queue));
    if (most && !page.next_token.empty()) result["NextToken"] = page.next_token;
    return result;
}

Result<Json> list_dead_letter_sources(const Call& call) {
    const auto queue = queue_of(call);
    if (!queue) return queue.error();
    Json urls = Json::array();
    for (const engine::Queue* source : call.sqs.sources_of(**queue)) urls.push_back(queue_url(call.context, *source));
    return Json{{"queueUrls", std::move(urls)}};
}

Result<Json> delete_queue(const Call& call) {
    const auto queue = queue_of(call);
    if (!queue) return queue.error();
    call.sqs.remove(**queue);
    return Json(nullptr);
}

Result<Json> purge_queue(const Call& call) {
    const auto queue = queue_of(call);
    if (!queue) return queue.error();
    return nothing(call.sqs.purge(**queue));
}

Result<Json> get_queue_attributes(const Call& call) {
    const auto queue = queue_of(call);
    if (!queue) return queue.error();
    const auto attributes =
        call.sqs.attributes(**queue, call.fields.texts("AttributeNames").value_or(std::vector<std::string>{}));
    if (!attributes) return attributes.error();
    if (attributes->empty()) return Json::object();
    return Json{{"Attributes", *attributes}};
}

Result<Json> set_queue_attributes(const Call& call) {
    const auto queue = queue_of(call);
    if (!queue) return queue.error();
    const auto attributes = call.fields.map("Attributes");
    if (call.fields.error()) return *call.fields.error();
    if (!attributes) return Error{"MissingParameter", "The request must contain the parameter Attribute.Name."};
    return nothing(call.sqs.set_attributes(**queue, *attributes));
}

Result<Json> tag_queue(const Call& call) {
    const auto queue = queue_of(call);
    if (!queue) return queue.error();
    const auto tags = call.fields.map("Tags");
    if (call.fields.error()) return *call.fields.error();
    if (!tags) return Error{"MissingParameter", "The request must contain the parameter Tags."};
    call.sqs.tag(**queue, *tags);
    return Json(nullptr);
}

Result<Json> untag_queue(const Call& call) {
    const auto queue = queue_of(call);
    if (!queue) return queue.error();
    call.sqs.untag(**queue, call.fields.texts("TagKeys").value_or(std::vector<std::string>{}));
    return Json(nullptr);
}

Result<Json> list_queue_tags(const Call& call) {
    const auto queue = queue_of(call);
    if (!queue) return queue.error();
    if ((*queue)->tags.empty()) return Json::object();
    return Json{{"Tags", (*queue)->tags}};
}

// ---- messages -------------------------------------------------------------------------------------------------------

Result<Json> send(const Call& call, const engine::Queue& queue, Result<engine::Send_Message> params) {
    if (!params) return params.error();
    const auto sent = call.sqs.send(queue, std::move(*params));
    if (!sent) return sent.error();
    return sent_json(*sent);
}

Result<Json> send_message(const Call& call) {
    const auto queue = queue_of(call);
    if (!queue) return queue.error();
    return send(call, **queue, parse_message(call.body));
}

Result<Json> delete_message(const Call& call) {
    const auto queue = queue_of(call);
    if (!queue) return queue.error();
    return nothing(call.sqs.delete_message(**queue, call.fields.text("ReceiptHandle").value_or("")));
}

Result<Json> change_message_visibility(const Call& call) {
    const auto queue = queue_of(call);
    if (!queue) return queue.error();
    const auto timeout = call.fields.number("VisibilityTimeout");
    if (!timeout) return Error{"MissingParameter", "The request must contain the parameter VisibilityTimeout."};
    return nothing(call.sqs.change_visibility(**queue, call.fields.text("ReceiptHandle").value_or(""),
                                              std::chrono::seconds(*timeout)));
}

bool is_entry_id(std::string_view id) {
    return !id.empty() && id.size() <= entry_id_length_max && base::all_name_characters(id);
}

/// The messages are those of moto and localstack; they were not compared with AWS's responses.
std::optional<Error> check_entries(const Json& entries, std::string_view kind) {
    if (!entries.is_array() || entries.empty())
        return Error{"EmptyBatchRequest", fmt::format("There should be at least one {} in the request.", kind)};
    if (entries.size() > batch_entries_max)
        return Error{"TooManyEntriesInBatchRequest",
                     fmt::format("Maximum number of entries per request are {}. You have sent {}.", batch_entries_max,
                                 entries.size())};
    std::set<std::string> ids;
    for (const Json& entry : entries) {
        if (!entry.is_object() || !entry.contains("Id") || !entry["Id"].is_string())
            return Error{"MissingParameter", "The request must contain the parameter Id."};
        const auto id = entry["Id"].get<std::string>();
        if (!is_entry_id(id))
            return Error{"InvalidBatchEntryId",
                         "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can "
                         "be at most 80 letters long."};
        if (!ids.insert(id).second) return Error{"BatchEntryIdsNotDistinct", fmt::format("Id {} repeated.", id)};
    }
    return std::nullopt;
}

/// Runs an operation for each entry; entries succeed or fail independently.
template <class Run>
Result<Json> batch(const Call& call, std::string_view kind, Run run) {
    const auto queue = queue_of(call);
    if (!queue) return queue.error();
    const Json entries = call.body.value("Entries", Json());
    if (auto refused = check_entries(entries, kind)) return *refused;
    Json result{{"Successful", Json::array()}, {"Failed", Json::array()}};
    for (const Json& entry : entries) {
        const auto id = entry["Id"].get<std::string>();
        Result<Json> done = run(**queue, entry);
        if (done) {
            Json succeeded = done->is_null() ? Json::object() : std::move(*done);
            succeeded["Id"] = id;
            result["Successful"].push_back(std::move(succeeded));
        } else {
            result["Failed"].push_back(failed_entry(id, done.error()));
        }
    }
    if (result["Failed"].empty()) result.erase("Failed");
    return result;
}

Result<Json> send_message_batch(const Call& call) {
    std::vector<Result<engine::Send_Message>> messages;  // of the entries, in order
    std::size_t bytes = 0;
    for (const Json& entry : call.body.value("Entries", Json::array())) {
        messages.push_back(parse_message(entry));
        if (const auto& message = messages.back()) bytes += engine::message_bytes(message->body, message->attributes);
    }
    if (bytes > batch_bytes_max)
        return Error{"BatchRequestTooLong",
                     fmt::format("Batch requests cannot be longer than {} bytes. You have sent {} bytes.",
                                 batch_bytes_max, bytes)};
    return batch(call, "SendMessageBatchRequestEntry",
                 [&, next = messages.begin()](const engine::Queue& queue, const Json&) mutable {
                     return send(call, queue, std::move(*next++));
                 });
}

Result<Json> delete_message_batch(const Call& call) {
    return batch(call, "DeleteMessageBatchRequestEntry", [&](const engine::Queue& queue, const Json& entry) {
        return nothing(call.sqs.delete_message(queue, Fields(entry).text("ReceiptHandle").value_or("")));
    });
}

Result<Json> change_message_visibility_batch(const Call& call) {
    return batch(call, "ChangeMessageVisibilityBatchRequestEntry", [&](const engine::Queue& queue, const Json& entry) {
        Fields fields(entry);
        return nothing(
            call.sqs.change_visibility(queue, fields.text("ReceiptHandle").value_or(""),
                                       std::chrono::seconds(fields.number("VisibilityTimeout").value_or(0))));
    });
}

using Sqs_Operation = Result<Json> (*)(const Call&);

const std::map<std::string_view, Sqs_Operation>& sqs_operations() {
    static const std::map<std::string_view, Sqs_Operation> all{
        {"CreateQueue", create_queue},
        {"GetQueueUrl", get_queue_url},
        {"ListQueues", list_queues},
        {"ListDeadLetterSourceQueues", list_dead_letter_sources},
        {"DeleteQueue", delete_queue},
        {"PurgeQueue", purge_queue},
        {"GetQueueAttributes", get_queue_attributes},
        {"SetQueueAttributes", set_queue_attributes},
        {"TagQueue", tag_queue},
        {"UntagQueue", untag_queue},
        {"ListQueueTags", list_queue_tags},
        {"SendMessage", send_message},
        {"SendMessageBatch", send_message_batch},
        {"DeleteMessage", delete_message},
        {"DeleteMessageBatch", delete_message_batch},
        {"ChangeMessageVisibility", change_message_visibility},
        {"ChangeMessageVisibilityBatch", change_message_visibility_batch},
    };
    return all;
}

wire::Response response_to(const Result<Json>& outcome) {
    const std::string request_id = base::uuid4();
    if (!outcome) return sqs_error(outcome.error(), request_id);
    wire::Response response;
    response.headers = {{"Content-Type", "application/x-amz-json-1.0"}, {"x-amzn-RequestId", request_id}};
    if (!outcome->is_null()) response.body.bytes = base::dump_json_lossy(*outcome);
    return response;
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
    return invalid(fmt::format("Value {} for parameter {} is invalid. Reason: {}", *value, name, reason));
}

Result<Receive> parse_receive(const engine::Account& account, const Json& body) {
    Fields fields(body);
    const auto url = parse_queue_url(account, fields.text("QueueUrl").value_or(""));
    if (!url) return url.error();
    Receive params{.queue = *url, .visibility = {}, .wait = {}, .names = {}};
    const auto most = fields.number("MaxNumberOfMessages"), wait = fields.number("WaitTimeSeconds"),
               visibility = fields.number("VisibilityTimeout");
    for (const char* name : {"AttributeNames", "MessageSystemAttributeNames"}) {
        const auto names = fields.texts(name).value_or(std::vector<std::string>{});
        params.names.system.insert(params.names.system.end(), names.begin(), names.end());
    }
    params.names.custom = fields.texts("MessageAttributeNames").value_or(std::vector<std::string>{});
    if (fields.error()) return *fields.error();
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
    const auto queue = sqs.find(params.queue.account, params.queue.name);
    if (!queue) return queue.error();
    const auto received = sqs.receive(**queue, params.max, params.visibility);
    if (!received) return received.error();
    if (received->empty()) return std::optional<Json>();
    Json messages = Json::array();
    for (const engine::Received_Message& message : *received) messages.push_back(received_json(message, params.names));
    return std::optional<Json>(Json{{"Messages", std::move(messages)}});
}

}  // namespace

/// A ReceiveMessage request that waits for messages.
struct Sqs_Api::Long_Poll {
    Receive params;
    Reply reply;
    base::Subscription_Ptr ready, end;
};

Sqs_Api::Sqs_Api(engine::Context& context, engine::Sqs& sqs) : context_(context), sqs_(sqs) {}

Sqs_Api::~Sqs_Api() = default;

void Sqs_Api::receive(const engine::Account& account, const Json& body, Reply reply) {
    auto params = parse_receive(account, body);
    if (!params) return reply(response_to(params.error()));
    const auto queue = sqs_.find(params->queue.account, params->queue.name);
    if (!queue) return reply(response_to(queue.error()));
    const auto wait = params->wait.value_or((*queue)->settings.wait);
    long_polls_.push_back({std::move(*params), std::move(reply), nullptr, nullptr});
    const auto poll = std::prev(long_polls_.end());
    if (wait.count() > 0) poll->end = context_.loop.after(wait, [this, poll] { retry_receive(poll, true); });
    retry_receive(poll, wait.count() == 0);
}

void Sqs_Api::retry_receive(Long_Polls::iterator poll, bool last) {
    const auto received = try_receive(sqs_, poll->params);
    if (received && !*received && !last) {
        const auto queue = sqs_.find(poll->params.queue.account, poll->params.queue.name);
        poll->ready = sqs_.when_ready((*queue)->arn, [this, poll] { retry_receive(poll, false); });
        return;
    }
    const Reply reply = std::move(poll->reply);
    long_polls_.erase(poll);
    reply(response_to(received ? Result<Json>(received->value_or(Json::object())) : Result<Json>(received.error())));
}

void Sqs_Api::handle(const engine::Account& account, wire::Request request, Reply reply) {
    const std::string_view target = request.headers["X-Amz-Target"];
    const std::string name(
        target.substr(target.find('.') == std::string_view::npos ? target.size() : target.find('.') + 1));
    if (name.empty())
        return reply(response_to(wire::not_implemented(
            "SQS", "the Query protocol (SDKs of 2023 and later speak JSON, with the operation in X-Amz-Target)")));
    auto bytes = wire::take_bytes(request.body);
    if (!bytes) return reply(response_to(bytes.error()));
    parse_json_object(context_.loop, std::move(*bytes),
                      [this, account, name, reply = std::move(reply)](const Result<Json>& body) {
                          if (!body) return reply(response_to(body.error()));
                          run(name, account, *body, reply);
                      });
}

void Sqs_Api::run(const std::string& name, const engine::Account& account, const Json& body, const Reply& reply) {
    if (name == "ReceiveMessage") return receive(account, body, reply);
    const auto operation = sqs_operations().find(name);
    if (operation == sqs_operations().end()) return reply(response_to(wire::not_implemented("SQS", name)));
    Fields fields(body);
    Result<Json> outcome = operation->second({context_, account, body, fields, sqs_});
    reply(response_to(fields.error() ? Result<Json>(*fields.error()) : std::move(outcome)));
}

}  // namespace osbot_aws::server
