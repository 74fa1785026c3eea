// ReceiveMessage, which may wait for messages.
#include <fmt/format.h>

#include "services/sqs/message_rules.hpp"
#include "services/sqs/sqs_api.hpp"
#include "services/sqs/sqs_errors.hpp"
#include "services/sqs/sqs_json.hpp"

namespace osbot_aws::services {

/// The parameters of ReceiveMessage.
struct Receive_Parameters {
    Queue_Location queue;
    Receive_Message request;
    std::optional<std::chrono::seconds> wait;
    Attribute_Names names;
};

namespace {

// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
constexpr std::int64_t receive_max = 10, wait_s_max = 20, visibility_s_max = 43'200;

struct Range {
    const char* name;
    std::int64_t min, max;
    const char* reason;
};
constexpr Range receive_ranges[] = {
    {"MaxNumberOfMessages", 1, receive_max, "Must be between 1 and 10, if provided."},
    {"WaitTimeSeconds", 0, wait_s_max, "Must be >= 0 and <= 20, if provided."},
    {"VisibilityTimeout", 0, visibility_s_max, "Must be between 0 and 43200, if provided."}};

Attribute_Names attribute_names_of(const aws::Fields& fields) {
    Attribute_Names names{fields.texts("AttributeNames"), fields.texts("MessageAttributeNames")};
    const auto system = fields.texts("MessageSystemAttributeNames");
    names.system.insert(names.system.end(), system.begin(), system.end());
    return names;
}

Result<Receive_Parameters> parse_receive(const Call& call) {
    const auto fields = call.fields();
    OSBOT_TRY(const auto url, parse_queue_url(call.account, fields.text_or("QueueUrl")));
    for (const Range& range : receive_ranges) {
        const auto value = fields.number(range.name);
        if (value && (*value < range.min || *value > range.max))
            return invalid_parameter(range.name, std::to_string(*value), range.reason);
    }
    Receive_Parameters params{.queue = url, .request = {}, .wait = {}, .names = attribute_names_of(fields)};
    params.request.max = static_cast<std::size_t>(fields.number("MaxNumberOfMessages").value_or(1));
    params.request.attempt_id = fields.text_or("ReceiveRequestAttemptId");
    if (const auto visibility = fields.number("VisibilityTimeout"))
        params.request.visibility = std::chrono::seconds(*visibility);
    if (const auto wait = fields.number("WaitTimeSeconds")) params.wait = std::chrono::seconds(*wait);
    return params;
}

std::optional<Error> check_attempt(const Queue& queue, const aws::Fields& fields) {
    const auto id = fields.text("ReceiveRequestAttemptId");
    if (id && !queue.settings.fifo) return wrong_queue_type("ReceiveRequestAttemptId", *id);
    return check_id("ReceiveRequestAttemptId", id);
}

/// Returns the response, or nullopt if no message is available.
Result<std::optional<Json>> try_receive(Sqs& sqs, const Receive_Parameters& params) {
    OSBOT_TRY(const auto queue, sqs.find(params.queue.account, params.queue.name));
    OSBOT_TRY(const auto received, sqs.receive(*queue, params.request));
    if (received.empty()) return std::optional<Json>();
    Json messages = Json::array();
    for (const Received_Message& message : received) messages.push_back(received_json(message, params.names));
    return std::optional<Json>(Json{{"Messages", std::move(messages)}});
}

}  // namespace

/// A ReceiveMessage request that waits for messages.
struct Sqs_Front::Long_Poll {
    Receive_Parameters params;
    Answer answer;
    std::function<bool()> client_closed;
    bool has_waited = false;
    base::Subscription_Ptr ready, end;
};

Sqs_Front::Sqs_Front(Context& context_, Sqs& sqs_) : context(context_), sqs(sqs_) {}

Sqs_Front::~Sqs_Front() = default;

void Sqs_Front::receive(const Call& call, const Answer& answer) {
    auto params = parse_receive(call);
    if (!params) return answer(params.error());
    const auto queue = sqs.find(params->queue.account, params->queue.name);
    if (!queue) return answer(queue.error());
    if (auto error = check_attempt(**queue, call.fields())) return answer(*error);
    const auto wait = params->wait.value_or((*queue)->settings.wait);
    long_polls_.push_back({std::move(*params), answer, call.client_closed, false, nullptr, nullptr});
    const auto poll = std::prev(long_polls_.end());
    if (wait.count() > 0) poll->end = context.loop.after(wait, [this, poll] { retry(poll, true); });
    retry(poll, wait.count() == 0);
}

void Sqs_Front::retry(Long_Polls::iterator poll, bool last) {
    // Otherwise the message would be hidden for its visibility timeout and count as received, but no client has it. The
    // first attempt is for all: a client that has closed only its sending half still reads the response.
    const bool is_abandoned = poll->has_waited && poll->client_closed && poll->client_closed();
    auto received = is_abandoned ? Result<std::optional<Json>>(Json::object()) : try_receive(sqs, poll->params);
    if (received && !*received && !last) {
        const auto queue = sqs.find(poll->params.queue.account, poll->params.queue.name);
        poll->has_waited = true;
        poll->ready = sqs.when_ready((*queue)->arn, [this, poll] { retry(poll, false); });
        return;
    }
    const Answer answer = std::move(poll->answer);
    long_polls_.erase(poll);
    answer(received ? Result<Output>(Output(received->value_or(Json::object()))) : received.error());
}

}  // namespace osbot_aws::services
