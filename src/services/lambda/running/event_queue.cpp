#include "services/lambda/running/event_queue.hpp"

#include <algorithm>
#include <utility>

#include <osbot_aws/core/Json.hpp>

#include "base/encoding.hpp"
#include "base/json.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "base/time_text.hpp"
#include "store/store.hpp"

namespace osbot_aws::services {
namespace {

constexpr std::string_view event_kind = "lambda/event";
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
constexpr int attempts_max = 3;  // the first and two retries
constexpr std::chrono::hours event_age_max{6};
constexpr std::chrono::minutes retry_after[] = {std::chrono::minutes{1}, std::chrono::minutes{2}};
constexpr std::chrono::milliseconds throttle_wait_first{100};
constexpr std::chrono::milliseconds throttle_wait_max{30'000};

}  // namespace

std::string Event_Queue::Event::to_record() const {
    return base::dump_json_lossy(Json{{"account", account.id},
                                      {"region", account.region},
                                      {"function", function},
                                      {"version", version},
                                      {"arn", invoked_arn},
                                      {"payload", base::base64_encode(payload)},
                                      {"client_context", client_context},
                                      {"accepted_ms", base::unix_ms(accepted_at)},
                                      {"not_before_ms", base::unix_ms(not_before)},
                                      {"attempts", attempts}});
}

/// Records of older engines have no times; they count as accepted now.
Event_Queue::Event Event_Queue::Event::of_record(const std::string& text, base::Time now) {
    const Json json = base::parse_json_or_throw(text);
    return {.account = {json.at("account"), json.at("region")},
            .function = json.at("function"),
            .version = json.at("version"),
            .invoked_arn = json.at("arn"),
            .payload = base::base64_decode(json.at("payload").get<std::string>()).value_or(""),
            .client_context = json.at("client_context"),
            .accepted_at = base::from_unix_ms(json.value("accepted_ms", base::unix_ms(now))),
            .not_before = base::from_unix_ms(json.value("not_before_ms", std::int64_t{0})),
            .attempts = json.at("attempts")};
}

Event_Queue::Event_Queue(Context& context, Find_Function find, Start start)
    : context_(context), find_(std::move(find)), start_(std::move(start)) {
    context_.store.read_records(event_kind, [this](const store::Record& record) {
        events_.emplace(record.key, Event::of_record(record.value, context_.now()));
    });
    for (const auto& [id, event] : events_) attempt_after(id, event.not_before - context_.now());
}

std::string Event_Queue::add(Invoke_Request request) {
    std::string id = base::uuid4();
    const Function& f = *request.function;
    const auto added = events_.emplace(
        id, Event{f.account, f.name, f.version, std::move(request.invoked_arn), std::move(request.payload),
                  std::move(request.client_context), context_.now(), context_.now()});
    context_.store.put(event_kind, id, added.first->second.to_record());
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
    context_.store.put(event_kind, id, event.to_record());
    attempt_after(id, delay);
}

void Event_Queue::drop(const std::string& id) {
    context_.store.erase(event_kind, id);
    events_.erase(id);
}

}  // namespace osbot_aws::services
