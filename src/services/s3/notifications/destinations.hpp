#pragma once

#include <string>
#include <string_view>

#include "services/lambda/function_registry.hpp"
#include "services/lambda/running/invocations.hpp"
#include "services/s3/s3.hpp"
#include "services/sqs/sqs.hpp"

namespace osbot_aws::services {

/// The queues and functions to which S3 sends notifications of a bucket. Loop thread only.
class S3_Destinations {
public:
    S3_Destinations(const Context& context, Function_Registry& functions, Invocations& invocations, Sqs& sqs)
        : context_(context), functions_(functions), invocations_(invocations), sqs_(sqs) {}

    /// Returns the functions of this object, for S3::connect().
    S3_Targets targets();

private:
    /// Checks that the destination exists, and that its policy permits S3 to send notifications of the bucket.
    std::string objection(const S3_Bucket& bucket, const std::string& arn) const;
    /// Sends an event, or logs why it cannot be sent.
    void send(const S3_Bucket& bucket, const std::string& arn, const S3_Event& event);
    Result<void> invoke(const S3_Bucket& bucket, const std::string& arn, const S3_Event& event);
    Result<void> send_message(const std::string& arn, const S3_Event& event);

    const Context& context_;
    Function_Registry& functions_;
    Invocations& invocations_;
    Sqs& sqs_;
};

}  // namespace osbot_aws::services
