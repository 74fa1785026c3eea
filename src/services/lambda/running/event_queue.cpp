#include "services/lambda/running/event_queue.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "base/encoding.hpp"
#include "base/random.hpp"
#include "wire/trace_id.hpp"

namespace osbot_aws::services {

template <class Fields>
void describe(Fields& f, store::Of<Fields, Queued_Event>& event) {
    std::string payload;
    if constexpr (Fields::writes) payload = base::base64_encode(event.payload);
    f(event.account)("function", event.function)("version", event.version)("arn", event.invoked_arn);
    f("payload", payload)("client_context", event.client_context)("attempts", event.attempts);
    f.optional("accepted_ms", event.accepted_at)
        .optional("not_before_ms", event.not_before)
        .optional("hops", event.hops)
        .optional("trace", event.trace_id)
        .optional("tenant_id", event.tenant_id);
    if constexpr (!Fields::writes) event.payload = base::base64_decode(payload).value_or("");
}

namespace {

// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
constexpr std::chrono::minutes retry_after_first{1};  // after the second attempt twice as long
constexpr std::chrono::milliseconds throttle_wait_first{100};
constexpr std::chrono::milliseconds throttle_wait_max{30'000};

}  // namespace

Event_Queue::Event_Queue(Context& context, const Invocation_Options& options, Start start)
    : context_(context),
      options_(options),
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
                       context_.now(),
                       0,
                       request.hops,
                       wire::trace_id(request.trace_id, f.tracing_mode == "Active", context_.now()),
                       std::move(request.tenant_id)};
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
    const Function_Ptr function = options_.find_function(event.account, event.function, event.version);
    if (!function) return drop(id);  // deleted in the meantime
    if (exceeds_age(event, {})) return finish(id, *function, "EventAgeExceeded", nullptr);
    if (function->reserved_concurrency == 0) return finish(id, *function, "ZeroReservedConcurrency", nullptr);
    start_({.function = function,
            .invoked_arn = event.invoked_arn,
            .payload = event.payload,
            .client_context = event.client_context,
            .trace_id = event.trace_id,
            .tenant_id = event.tenant_id},
           id, [this, id, function](const Result<Invoke_Result>& result) { attempted(id, function, result); });
}

void Event_Queue::attempted(const std::string& id, const Function_Ptr& function, const Result<Invoke_Result>& result) {
    const auto found = events_.find(id);
    if (found == events_.end()) return;  // reset in the meantime
    Event& event = found->second;
    if (!result && result.error().code == "TooManyRequestsException") {
        event.throttle_wait = std::clamp(event.throttle_wait * 2, throttle_wait_first, throttle_wait_max);
        return attempt_after(id, event.throttle_wait);
    }
    if (!result && result.error().code == "ServiceException") return attempt_after(id, scaled(retry_after_first));
    ++event.attempts;
    if (result && result->function_error.empty()) return finish(id, *function, "Success", &*result);
    failed(id, function, result);
}

/// Retries the event, or finishes it. As on AWS, an event that would be too old at the next attempt does not wait for
/// it.
void Event_Queue::failed(const std::string& id, const Function_Ptr& function, const Result<Invoke_Result>& result) {
    Event& event = events_.at(id);
    const Invoke_Result* response = result ? &*result : nullptr;
    if (event.attempts > options_.event_limits(event).retries_max)
        return finish(id, *function, "RetriesExhausted", response);
    const auto delay = scaled(retry_after_first * event.attempts);
    if (exceeds_age(event, delay)) return finish(id, *function, "EventAgeExceeded", response);
    event.not_before = context_.now() + std::chrono::duration_cast<base::Time::duration>(delay);
    records_.put(id, event);
    attempt_after(id, delay);
}

bool Event_Queue::exceeds_age(const Event& event, std::chrono::nanoseconds wait) const {
    return context_.now() + wait - event.accepted_at > scaled(options_.event_limits(event).age_max);
}

void Event_Queue::finish(const std::string& id, const Function& function, std::string_view condition,
                         const Invoke_Result* result) {
    options_.event_finished({id, events_.at(id), function, condition, result},
                            [this, alive = std::weak_ptr(alive_), id] {
                                if (!alive.expired()) drop(id);
                            });
}

void Event_Queue::drop(const std::string& id) {
    records_.erase(id);
    events_.erase(id);
}

}  // namespace osbot_aws::services
