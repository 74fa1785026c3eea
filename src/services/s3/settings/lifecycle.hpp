#pragma once

#include "services/s3/settings/settings.hpp"

namespace osbot_aws::services {

/// The member that the lifecycle configuration has in a header of the request and of the response.
constexpr const char* transition_size_member = "TransitionDefaultMinimumObjectSize";

/// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html
Result<void> check_lifecycle(const S3_Setting_Request& request, Json& document);

}  // namespace osbot_aws::services
