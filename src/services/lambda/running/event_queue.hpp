#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "services/lambda/running/invocations.hpp"

namespace osbot_aws::services {

/// The events of asynchronous invokes, in the store until they are finished. As on AWS, a failed event is retried
/// after one and two minutes, as long as the limits of its function permit. A throttled event waits for capacity. Loop
/// thread only.
class Event_Queue {
public:
    /// Invokes the function with an event, whose id is the request id.
    using Start = std::function<void(Invoke_Request, std::string id, Invocations::Done)>;

    /// Uses the members of `options` that concern events.
    Event_Queue(Context& context, const Invocation_Options& options, Start start);

    /// Loads the events that were accepted before a restart. Each keeps its number of attempts and the time of the next
    /// one. An event that is not in the store, because its write failed, is lost.
    void load();

    /// Stores the event and returns its id. The first attempt is made in the next turn of the loop.
    std::string add(Invoke_Request request);
    /// Forgets all events; they remain in the store.
    void clear() { events_.clear(); }
    std::size_t size() const { return events_.size(); }

private:
    struct Event : Queued_Event {
        base::Subscription_Ptr wait = {};
        std::chrono::milliseconds throttle_wait{0};
    };

    void attempt_after(const std::string& id, std::chrono::nanoseconds delay);
    void attempt(const std::string& id);
    void attempted(const std::string& id, const Function_Ptr& function, const Result<Invoke_Result>& result);
    void failed(const std::string& id, const Function_Ptr& function, const Result<Invoke_Result>& result);
    void finish(const std::string& id, const Function& function, std::string_view condition,
                const Invoke_Result* result);
    void drop(const std::string& id);
    /// Returns true if the event will be too old for another attempt after `wait`.
    bool exceeds_age(const Event& event, std::chrono::nanoseconds wait) const;
    std::chrono::nanoseconds scaled(std::chrono::nanoseconds duration) const { return duration / options_.event_speed; }

    Context& context_;
    const Invocation_Options& options_;
    Start start_;
    store::Records<Queued_Event> records_;
    std::unordered_map<std::string, Event> events_;
    std::shared_ptr<int> alive_ = std::make_shared<int>();
};

}  // namespace osbot_aws::services
