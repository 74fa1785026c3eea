#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "services/lambda/running/invocations.hpp"

namespace osbot_aws::services {

/// An event of the queue, with the data to find its function after a restart.
struct Queued_Event {
    Account account;
    std::string function, version, invoked_arn, payload, client_context;
    base::Time accepted_at{}, not_before{};
    int attempts = 0;
};

/// The events of asynchronous invokes, in the store until they are processed or dropped. As on AWS, a failed event is
/// retried twice, after one and two minutes, and not after six hours. A throttled event waits for capacity. Loop thread
/// only.
class Event_Queue {
public:
    /// Invokes the function with an event, whose id is the request id.
    using Start = std::function<void(Invoke_Request, std::string id, Invocations::Done)>;

    /// `find`: see Invocation_Options::find_function.
    Event_Queue(Context& context, Find_Function find, Start start);

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
    void attempted(const std::string& id, const Result<Invoke_Result>& result);
    void drop(const std::string& id);

    Context& context_;
    Find_Function find_;
    Start start_;
    store::Records<Queued_Event> records_;
    std::unordered_map<std::string, Event> events_;
    std::shared_ptr<int> alive_ = std::make_shared<int>();
};

}  // namespace osbot_aws::services
