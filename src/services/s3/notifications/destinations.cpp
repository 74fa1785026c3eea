#include "services/s3/notifications/destinations.hpp"

#include <fmt/format.h>

#include "base/log.hpp"
#include "services/lambda/destinations.hpp"
#include "services/lambda/function_policies.hpp"
#include "services/s3/s3_call.hpp"
#include "services/sqs/message_rules.hpp"
#include "services/sqs/permissions.hpp"

namespace osbot_aws::services {
namespace {

Service_Caller s3_for(const S3_Bucket& bucket) {
    return {.service = "s3", .source_arn = bucket_arn(bucket.owner, bucket.name), .source = bucket.owner};
}

}  // namespace

S3_Targets S3_Destinations::targets() {
    return {.objection = [this](const S3_Bucket& bucket, const std::string& arn) { return objection(bucket, arn); },
            .send = [this](const S3_Bucket& bucket, const std::string& arn,
                           const S3_Event& event) { send(bucket, arn, event); }};
}

std::string S3_Destinations::objection(const S3_Bucket& bucket, const std::string& arn) const {
    const Service_Caller caller = s3_for(bucket);
    const std::string_view service = service_of(arn);
    if (service == "sqs") {
        const auto queue = sqs_.find_arn(arn);
        if (!queue) return "The destination queue does not exist";
        return permits_service(queue_policy(**queue), caller, context_.now(), "sqs:SendMessage", (*queue)->arn)
                   ? ""
                   : "Permissions on the destination queue do not allow S3 to publish notifications from this bucket";
    }
    if (service != "lambda") return "The destination topic does not exist";
    std::string_view qualifier;
    const auto record = std::as_const(functions_).record(bucket.owner, arn, &qualifier);
    const bool is_permitted = record && allows_service(**record, std::string(qualifier), caller, context_.now());
    return is_permitted ? "" : fmt::format("Not authorized to invoke function [{}]", arn);
}

void S3_Destinations::send(const S3_Bucket& bucket, const std::string& arn, const S3_Event& event) {
    if (const std::string objection_now = objection(bucket, arn); !objection_now.empty())
        return base::log_warning("a notification of the bucket {} was not sent to {}: {}", bucket.name, arn,
                                 objection_now);
    const auto sent = service_of(arn) == "sqs" ? send_message(arn, event) : invoke(bucket, arn, event);
    if (!sent)
        base::log_warning("a notification of the bucket {} was not sent to {}: {}", bucket.name, arn,
                          sent.error().message);
}

Result<void> S3_Destinations::send_message(const std::string& arn, const S3_Event& event) {
    OSBOT_TRY(const Queue* queue, sqs_.find_arn(arn));
    const bool has_trace = !check_trace_header(event.trace);
    OSBOT_TRY(sqs_.send(*queue, {.body = event.text, .attributes = {}, .trace_header = has_trace ? event.trace : ""}));
    return {};
}

Result<void> S3_Destinations::invoke(const S3_Bucket& bucket, const std::string& arn, const S3_Event& event) {
    OSBOT_TRY(auto target, functions_.invocable(bucket.owner, arn));
    invocations_.enqueue({.function = target.function,
                          .invoked_arn = arn,
                          .payload = event.text,
                          .client_context = {},
                          .trace_id = event.trace});
    return {};
}

}  // namespace osbot_aws::services
