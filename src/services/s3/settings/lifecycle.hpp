#pragma once

#include <optional>
#include <string>

#include "services/s3/settings/settings.hpp"

namespace osbot_aws::services {

/// The member that the lifecycle configuration has in a header of the request and of the response.
constexpr const char* transition_size_member = "TransitionDefaultMinimumObjectSize";

/// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html
Result<void> check_lifecycle(const S3_Setting_Request& request, Json& document);

/// Returns the header x-amz-expiration of a current object, if a rule of the bucket expires it:
/// `expiry-date="Fri, 23 Dec 2012 00:00:00 GMT", rule-id="..."`.
std::optional<std::string> expiration_of(const S3_Bucket& bucket, const S3_Object& object);

}  // namespace osbot_aws::services
