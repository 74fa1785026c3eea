#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "services/context.hpp"
#include "services/lambda/event_filter.hpp"
#include "services/lambda/function_registry.hpp"
#include "services/lambda/running/invocations.hpp"
#include "services/sqs/sqs.hpp"

namespace osbot_aws::services {

/// Returns true for the ARN of a queue that delivers the messages of a group in their order.
inline bool is_fifo_arn(std::string_view queue_arn) { return queue_arn.ends_with(".fifo"); }

struct Sqs_Poller_Settings {
    Account account;
    std::string queue_arn;
    std::string function_name, qualifier, function_arn;
    std::size_t batch_size = 10;
    std::chrono::seconds window{0};
    std::size_t concurrency_max = 5;  ///< maximum number of concurrent batches
    bool report_item_failures = false;
    bool in_order = false;  ///< of a FIFO queue: the parts of a large batch are not delivered at the same time
    Event_Filter filter;
};

/// Delivers messages of one queue to one function. Deletes the processed messages; failed ones become visible again
/// after their visibility timeout. A FIFO queue hides the messages of a group while one of them is received, so that
/// batches of different groups run at the same time, and those of one group in order. It is notified of new messages,
/// so it does not poll at intervals. It receives no message that it cannot deliver. Loop thread only; the references
/// must outlive it. Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html,
/// services-sqs-errorhandling.html
class Sqs_Poller {
public:
    Sqs_Poller(Context& context, Sqs& sqs, const Function_Registry& functions, Invocations& invocations,
               Sqs_Poller_Settings settings);

    bool busy() const { return !running_.empty() || !gathered_.empty(); }
    /// Receives no more messages. Calls `ended` in a later turn of the loop, after the running batches are complete.
    void stop(std::function<void()> ended);

private:
    using Batch = std::vector<Received_Message>;
    /// A batch that the function processes, or that waits for a retry.
    struct Delivery {
        Batch batch;
        base::Time until;  ///< end of the visibility timeout of its messages
        std::chrono::milliseconds backoff;
        base::Subscription_Ptr retry;
        std::vector<Batch> next;  ///< of a FIFO queue: delivered in this order, each after the success of the last one
    };
    using Deliveries = std::list<Delivery>;

    void poll();
    void notify_ended();
    void wait_for_messages();
    void wait_for_function();
    void gather(const Queue& queue, Batch received);
    void deliver();
    void start(Batch batch, std::vector<Batch> next, base::Time until);
    void invoke(Deliveries::iterator delivery);
    void completed(Deliveries::iterator delivery, const Result<Invoke_Result>& result);
    void retry(Deliveries::iterator delivery);
    bool delete_handled(const Batch& batch, const std::string& result);
    bool deliver_next(Deliveries::iterator delivery);
    void end(Deliveries::iterator delivery);

    Context& context_;
    Sqs& sqs_;
    const Function_Registry& functions_;
    Invocations& invocations_;
    Sqs_Poller_Settings settings_;
    Batch gathered_;
    Deliveries running_;
    std::chrono::milliseconds function_backoff_;
    base::Subscription_Ptr messages_, window_, function_;
    std::function<void()> ended_;  ///< set when stopping
    std::shared_ptr<int> alive_ = std::make_shared<int>();
};

/// Returns the event for a batch of messages. https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
std::string sqs_event(const std::vector<Received_Message>& messages, const std::string& queue_arn,
                      const std::string& region);

/// Returns the ids in `batchItemFailures` of a result; nothing if it is invalid, in which case all messages failed.
std::optional<std::vector<std::string>> failed_items(std::string_view result);

}  // namespace osbot_aws::services
