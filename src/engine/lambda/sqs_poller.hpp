#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "engine/context.hpp"
#include "engine/lambda/event_filter.hpp"
#include "engine/lambda/functions.hpp"
#include "engine/lambda/invocations.hpp"
#include "engine/sqs/sqs.hpp"

namespace osbot_aws::engine {

struct Sqs_Poller_Settings {
    Account account;
    std::string queue_arn;
    std::string function_name, qualifier, function_arn;
    std::size_t batch_size = 10;
    std::chrono::seconds window{0};
    std::size_t concurrency_max = 5;  ///< batches with the function at once
    bool report_item_failures = false;
    Event_Filter filter;
};

/// Takes messages of one queue to one function: deletes what it handled, leaves the rest to their visibility timeout.
/// It waits without polling, and takes no message that it can't hand on. Loop thread only; the references outlive it.
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html, services-sqs-errorhandling.html
class Sqs_Poller {
public:
    Sqs_Poller(Context& context, Sqs& sqs, const Functions& functions, Invocations& invocations,
               Sqs_Poller_Settings settings);

    bool busy() const { return !running_.empty() || !gathered_.empty(); }
    /// Takes no more messages; `ended` is called on a later turn of the loop, once those with the function are done.
    void stop(std::function<void()> ended);

private:
    using Batch = std::vector<Received_Message>;
    /// A batch that is with the function, or waits for room there.
    struct Delivery {
        Batch batch;
        base::Time until;  ///< then its messages can be received again
        std::chrono::milliseconds backoff;
        base::Subscription_Ptr retry;
    };
    using Deliveries = std::list<Delivery>;

    void poll();
    void tell_ended();
    void wait_for_messages();
    void wait_for_function();
    void gather(const Queue& queue, Batch received);
    void deliver();
    void invoke(Deliveries::iterator delivery);
    void answered(Deliveries::iterator delivery, const Result<Invoke_Result>& result);
    void try_again(Deliveries::iterator delivery);
    void delete_handled(const Batch& batch, const std::string& result);
    void end(Deliveries::iterator delivery);

    Context& context_;
    Sqs& sqs_;
    const Functions& functions_;
    Invocations& invocations_;
    Sqs_Poller_Settings settings_;
    Batch gathered_;
    Deliveries running_;
    std::chrono::milliseconds function_backoff_;
    base::Subscription_Ptr messages_, window_, function_;
    std::function<void()> ended_;  ///< set: stopping
    std::shared_ptr<int> alive_ = std::make_shared<int>();
};

/// The event that a function gets for messages. https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
std::string sqs_event(const std::vector<Received_Message>& messages, const std::string& queue_arn,
                      const std::string& region);

/// The ids in a result's `batchItemFailures`; nothing: the whole batch failed, as when it can't be read.
std::optional<std::vector<std::string>> failed_items(std::string_view result);

}  // namespace osbot_aws::engine
