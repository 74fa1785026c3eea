#pragma once

#include <functional>
#include <memory>
#include <string>

#include "services/lambda/function_registry.hpp"
#include "services/lambda/running/invocations.hpp"
#include "services/s3/s3.hpp"
#include "services/sqs/sqs.hpp"

namespace osbot_aws::services {

/// The options of the asynchronous invokes of functions, in effect: limits of their retries, destinations and
/// dead-letter queues. Queues, functions and buckets of this engine receive records; a delivery to another service is
/// logged as not possible. Loop thread only. The references must outlive it.
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
class Destinations {
public:
    Destinations(Context& context, const Function_Registry& functions, Invocations& invocations, Sqs& sqs, S3& s3)
        : context_(context), functions_(functions), invocations_(invocations), sqs_(sqs), s3_(s3) {}

    Event_Limits limits(const Queued_Event& event) const;
    /// Sends the record of the event to the destination for its condition, and a failed event to the dead-letter queue
    /// of its function. Then calls `done`. A delivery that fails is logged and not repeated.
    void deliver(const Finished_Event& finished, std::function<void()> done);

private:
    const Event_Invoke_Config* config_of(const Queued_Event& event) const;
    std::function<void()> dead_letter(const Finished_Event& finished, const std::string& queue_arn);
    Result<void> send_to_queue(const std::string& arn, Send_Message message);
    Result<void> invoke(const std::string& arn, const Finished_Event& finished);
    void put_object(const std::string& arn, const Finished_Event& finished, std::function<void()> done);

    Context& context_;
    const Function_Registry& functions_;
    Invocations& invocations_;
    Sqs& sqs_;
    S3& s3_;
    std::shared_ptr<int> alive_ = std::make_shared<int>();
};

/// The service of an ARN: `sqs` of arn:aws:sqs:...; "" if the text is not an ARN.
std::string_view service_of(std::string_view arn);

}  // namespace osbot_aws::services
