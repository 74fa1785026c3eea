#include "services/lambda/sqs_poller.hpp"

#include <algorithm>

#include <osbot_aws/core/Json.hpp>

#include "base/encoding.hpp"
#include "base/hash.hpp"
#include "base/json.hpp"
#include "base/log.hpp"

namespace osbot_aws::services {
namespace {

// The payload limit of an invoke less a reserve for the JSON around the bodies.
constexpr std::size_t batch_bytes_max = 6'000'000;
constexpr std::chrono::milliseconds backoff_first{100}, backoff_max{5'000};
constexpr std::chrono::milliseconds function_backoff_first{20};

Json message_attributes_json(const Message_Attributes& attributes) {
    Json json = Json::object();
    for (const auto& [name, attribute] : attributes) {
        json[name] = {{"stringListValues", Json::array()},
                      {"binaryListValues", Json::array()},
                      {"dataType", attribute.data_type}};
        if (attribute.binary())
            json[name]["binaryValue"] = base::base64_encode(attribute.value);
        else
            json[name]["stringValue"] = attribute.value;
    }
    return json;
}

Json record_json(const Received_Message& received, const std::string& queue_arn, const std::string& region) {
    const Message& message = received.message;
    Json record{{"messageId", message.id},
                {"receiptHandle", received.receipt_handle},
                {"body", message.body},
                {"attributes", message.system_attributes()},
                {"messageAttributes", message_attributes_json(message.attributes)},
                {"md5OfBody", base::md5_hex(message.body)},
                {"eventSource", "aws:sqs"},
                {"eventSourceARN", queue_arn},
                {"awsRegion", region}};
    if (!message.attributes.empty()) record["md5OfMessageAttributes"] = md5_of_attributes(message.attributes);
    return record;
}

/// Divides messages into batches that fit in the payload of an invoke.
std::vector<std::vector<Received_Message>> in_batches(std::vector<Received_Message> messages) {
    std::vector<std::vector<Received_Message>> batches;
    std::size_t bytes = 0;
    for (Received_Message& received : messages) {
        const std::size_t more = received.message.bytes();
        if (batches.empty() || bytes + more > batch_bytes_max) batches.emplace_back(), bytes = 0;
        bytes += more;
        batches.back().push_back(std::move(received));
    }
    return batches;
}

}  // namespace

std::string sqs_event(const std::vector<Received_Message>& messages, const std::string& queue_arn,
                      const std::string& region) {
    Json records = Json::array();
    for (const Received_Message& message : messages) records.push_back(record_json(message, queue_arn, region));
    return base::dump_json_lossy(Json{{"Records", std::move(records)}});
}

std::optional<std::vector<std::string>> failed_items(std::string_view result) {
    const Json parsed = base::parse_json(result);
    if (parsed.is_null()) return std::vector<std::string>{};
    if (!parsed.is_object()) return std::nullopt;
    const auto list = parsed.find("batchItemFailures");
    if (list == parsed.end() || list->is_null()) return std::vector<std::string>{};
    if (!list->is_array()) return std::nullopt;
    std::vector<std::string> ids;
    for (const Json& item : *list) {
        const auto id = item.is_object() ? item.find("itemIdentifier") : item.end();
        if (!item.is_object() || id == item.end() || !id->is_string() || id->get_ref<const std::string&>().empty())
            return std::nullopt;
        ids.push_back(id->get<std::string>());
    }
    return ids;
}

Sqs_Poller::Sqs_Poller(Context& context, Sqs& sqs, const Function_Registry& functions, Invocations& invocations,
                       Sqs_Poller_Settings settings)
    : context_(context),
      sqs_(sqs),
      functions_(functions),
      invocations_(invocations),
      settings_(std::move(settings)),
      function_backoff_(function_backoff_first) {
    wait_for_messages();
}

void Sqs_Poller::wait_for_messages() {
    messages_ = sqs_.when_ready(settings_.queue_arn, [this] { poll(); });
}

/// The function is being created or updated, does not exist, or its role may not receive messages. They remain in the
/// queue meanwhile.
void Sqs_Poller::wait_for_function() {
    function_ = context_.loop.after(function_backoff_, [this] { poll(); });
    function_backoff_ = std::min(function_backoff_ * 2, backoff_max);
}

// Receives until the concurrency limit is reached or the queue is empty. end() polls again
// when a batch ends at the limit.
void Sqs_Poller::poll() {
    while (!ended_ && running_.size() < settings_.concurrency_max) {
        const auto target = functions_.invocable(settings_.account, settings_.function_name, settings_.qualifier);
        if (!target ||
            !context_.may(settings_.account, target->function->role, "sqs:ReceiveMessage", settings_.queue_arn))
            return wait_for_function();
        function_backoff_ = function_backoff_first;
        const auto queue = sqs_.find_arn(settings_.queue_arn);
        if (!queue) return wait_for_messages();
        auto received = sqs_.receive(**queue, settings_.batch_size - gathered_.size());
        if (!received) {
            base::log_warning("queue {}: {}", settings_.queue_arn, received.error().message);
            return wait_for_function();
        }
        if (received->empty()) return wait_for_messages();
        gather(**queue, std::move(*received));
    }
}

void Sqs_Poller::stop(std::function<void()> ended) {
    ended_ = std::move(ended);
    messages_.reset();
    window_.reset();
    function_.reset();
    if (const auto queue = sqs_.find_arn(settings_.queue_arn)) {
        for (const Received_Message& received : gathered_)
            (void)sqs_.change_visibility(**queue, received.receipt_handle, std::chrono::seconds{0});
    }
    gathered_.clear();
    if (running_.empty()) notify_ended();
}

void Sqs_Poller::notify_ended() {
    context_.loop.post([ended = ended_, alive = std::weak_ptr(alive_)] {
        if (!alive.expired()) ended();
    });
}

void Sqs_Poller::gather(const Queue& queue, Batch received) {
    for (Received_Message& item : received) {
        if (settings_.filter.matches_message(item.message.body))
            gathered_.push_back(std::move(item));
        else
            (void)sqs_.delete_message(
                queue, item.receipt_handle);  // as on Lambda, a message that matches no pattern is dropped
    }
    if (gathered_.size() >= settings_.batch_size || settings_.window.count() == 0) return deliver();
    if (!gathered_.empty() && window_ == nullptr)
        window_ = context_.loop.after(settings_.window, [this] { deliver(); });
}

void Sqs_Poller::deliver() {
    window_.reset();
    const auto queue = sqs_.find_arn(settings_.queue_arn);
    const base::Time until = context_.now() + (queue ? (*queue)->settings.visibility : std::chrono::seconds{0});
    std::vector<Batch> batches = in_batches(std::exchange(gathered_, {}));
    if (!settings_.in_order) {
        for (Batch& batch : batches) start(std::move(batch), {}, until);
    } else if (!batches.empty()) {
        Batch first = std::move(batches.front());
        batches.erase(batches.begin());
        start(std::move(first), std::move(batches), until);
    }
}

void Sqs_Poller::start(Batch batch, std::vector<Batch> next, base::Time until) {
    running_.push_back({std::move(batch), until, backoff_first, nullptr, std::move(next)});
    invoke(std::prev(running_.end()));
}

void Sqs_Poller::invoke(Deliveries::iterator delivery) {
    const auto target = functions_.invocable(settings_.account, settings_.function_name, settings_.qualifier);
    if (!target) return retry(delivery);
    Invoke_Request request{.function = target->function,
                           .invoked_arn = settings_.function_arn,
                           .payload = sqs_event(delivery->batch, settings_.queue_arn, settings_.account.region),
                           .client_context = {},
                           .trace_id = {}};
    invocations_.invoke(std::move(request),
                        [this, delivery, alive = std::weak_ptr(alive_)](const Result<Invoke_Result>& result) {
                            if (!alive.expired()) completed(delivery, result);
                        });
}

void Sqs_Poller::completed(Deliveries::iterator delivery, const Result<Invoke_Result>& result) {
    if (!result && result.error().code == "TooManyRequestsException") return retry(delivery);
    const bool succeeded = result && result->function_error.empty() && delete_handled(delivery->batch, result->payload);
    if (!succeeded || !deliver_next(delivery)) end(delivery);
}

/// Delivers the next batch of a FIFO queue. After a failure, the messages that remain return to the queue with the
/// failed ones, in order, and so they do if they are visible again.
bool Sqs_Poller::deliver_next(Deliveries::iterator delivery) {
    if (delivery->next.empty() || ended_ || context_.now() >= delivery->until) return false;
    delivery->batch = std::move(delivery->next.front());
    delivery->next.erase(delivery->next.begin());
    delivery->backoff = backoff_first;
    context_.loop.post(
        [this, delivery, alive = std::weak_ptr(alive_)] {  // the environment is not ready within this call
            if (!alive.expired()) invoke(delivery);
        });
    return true;
}

/// Retries as long as the messages are hidden, so that throttling does not count as a receive. After that, they return
/// to the queue.
void Sqs_Poller::retry(Deliveries::iterator delivery) {
    if (context_.now() + delivery->backoff >= delivery->until) return end(delivery);
    delivery->retry = context_.loop.after(delivery->backoff, [this, delivery] { invoke(delivery); });
    delivery->backoff = std::min(delivery->backoff * 2, backoff_max);
}

/// Returns true if all messages of the batch succeeded.
bool Sqs_Poller::delete_handled(const Batch& batch, const std::string& result) {
    std::vector<std::string> failed_ids;
    if (settings_.report_item_failures) {
        auto reported = failed_items(result);
        const auto in_batch = [&](const std::string& id) {
            return std::any_of(batch.begin(), batch.end(),
                               [&](const auto& received) { return received.message.id == id; });
        };
        if (!reported || !std::all_of(reported->begin(), reported->end(), in_batch))
            return false;  // all of them failed
        failed_ids = std::move(*reported);
    }
    const auto queue = sqs_.find_arn(settings_.queue_arn);
    if (!queue) return false;
    for (const Received_Message& received : batch) {
        if (std::find(failed_ids.begin(), failed_ids.end(), received.message.id) == failed_ids.end())
            (void)sqs_.delete_message(**queue, received.receipt_handle);
    }
    return failed_ids.empty();
}

void Sqs_Poller::end(Deliveries::iterator delivery) {
    const bool was_full = running_.size() >= settings_.concurrency_max;
    running_.erase(delivery);
    if (ended_ && running_.empty()) return notify_ended();
    if (!was_full) return;
    context_.loop.post([this, alive = std::weak_ptr(alive_)] {  // the environment is not ready within this call
        if (!alive.expired()) poll();
    });
}

}  // namespace osbot_aws::services
