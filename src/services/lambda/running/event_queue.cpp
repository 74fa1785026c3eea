#include "services/lambda/running/event_queue.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "base/encoding.hpp"
#include "base/log.hpp"
#include "base/random.hpp"

namespace osbot_aws::services {

template <class Fields>
void describe(Fields& f, store::Of<Fields, Queued_Event>& event) {
    std::string payload;
    if constexpr (Fields::writes) payload = base::base64_encode(event.payload);
    f(event.account)("function", event.function)("version", event.version)("arn", event.invoked_arn);
    f("payload", payload)("client_context", event.client_context)("attempts", event.attempts);
    f.optional("accepted_ms", event.accepted_at).optional("not_before_ms", event.not_before);
    if constexpr (!Fields::writes) event.payload = base::base64_decode(payload).value_or("");
}

namespace {

// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
constexpr int attempts_max = 3;  // the first and two retries
constexpr std::chrono::hours event_age_max{6};
constexpr std::chrono::minutes retry_after[] = {std::chrono::minutes{1}, std::chrono::minutes{2}};
constexpr std::chrono::milliseconds throttle_wait_first{100};
constexpr std::chrono::milliseconds throttle_wait_max{30'000};

}  // namespace

Event_Queue::Event_Queue(Context& context, Find_Function find, Start start)
    : context_(context),
      find_(std::move(find)),
      start_(std::move(start)),
      records_(context.store, {.name = "lambda/event"}) {}

void Event_Queue::load() {
    std::unordered_set<std::string> stored;
    records_.load([&](const std::string& id, Queued_Event event) {
        // Records of older engines have no times.
        if (event.accepted_at == base::Time{}) event.accepted_at = context_.now();
        stored.insert(id);
        const auto [position, added] = events_.try_emplace(id, Event{std::move(event)});
        if (added) attempt_after(id, position->second.not_before - context_.now());
    });
    std::erase_if(events_, [&](const auto& event) { return !stored.contains(event.first); });
}

std::string Event_Queue::add(Invoke_Request request) {
    std::string id = base::uuid4();
    const Function& f = *request.function;
    Queued_Event event{f.account,
                       f.name,
                       f.version,
                       std::move(request.invoked_arn),
                       std::move(request.payload),
                       std::move(request.client_context),
                       context_.now(),
                       context_.now()};
    records_.put(id, event);
    events_.emplace(id, Event{std::move(event)});
    attempt_after(id, {});
    return id;
}

void Event_Queue::attempt_after(const std::string& id, std::chrono::nanoseconds delay) {
    if (delay.count() > 0)
        events_.at(id).wait = context_.loop.after(delay, [this, id] { attempt(id); });
    else
        context_.loop.post([this, alive = std::weak_ptr(alive_), id] {
            if (!alive.expired()) attempt(id);
        });
}

void Event_Queue::attempt(const std::string& id) {
    const auto found = events_.find(id);
    if (found == events_.end()) return;  // reset in the meantime
    const Event& event = found->second;
    const Function_Ptr function = find_(event.account, event.function, event.version);
    if (!function) return drop(id);  // deleted in the meantime
    if (context_.now() - event.accepted_at > event_age_max) {
        base::log_warning("dropped event {} of function {}: it is older than {} hours", id, event.function,
                          event_age_max.count());
        return drop(id);
    }
    start_({.function = function,
            .invoked_arn = event.invoked_arn,
            .payload = event.payload,
            .client_context = event.client_context,
            .trace_id = {}},
           id, [this, id](const Result<Invoke_Result>& result) { attempted(id, result); });
}

void Event_Queue::attempted(const std::string& id, const Result<Invoke_Result>& result) {
    const auto found = events_.find(id);
    if (found == events_.end()) return;  // reset in the meantime
    Event& event = found->second;
    if (!result && result.error().code == "TooManyRequestsException") {
        event.throttle_wait = std::clamp(event.throttle_wait * 2, throttle_wait_first, throttle_wait_max);
        return attempt_after(id, event.throttle_wait);
    }
    if (!result && result.error().code == "ServiceException") return attempt_after(id, retry_after[0]);
    if ((result && result->function_error.empty()) || ++event.attempts >= attempts_max) return drop(id);
    const auto delay = retry_after[event.attempts - 1];
    event.not_before = context_.now() + delay;
    records_.put(id, event);
    attempt_after(id, delay);
}

void Event_Queue::drop(const std::string& id) {
    records_.erase(id);
    events_.erase(id);
}

}  // namespace osbot_aws::services
