#pragma once

#include "services/context.hpp"
#include "services/iam/iam.hpp"
#include "services/lambda/event_sources.hpp"
#include "services/lambda/function_registry.hpp"
#include "services/s3/s3.hpp"
#include "services/sqs/sqs.hpp"

namespace osbot_aws::services {

/// The services whose entities decide about access: policies, tags and names.
struct Access_State {
    const Context& context;
    const Iam& iam;
    const S3& s3;
    const Sqs& sqs;
    const Function_Registry& functions;
    const Event_Sources& event_sources;
};

}  // namespace osbot_aws::services
