#pragma once

#include "services/operations.hpp"
#include "services/s3/s3.hpp"

namespace osbot_aws::services {

/// The policies of buckets: stored as text, checked and returned. The engine does not evaluate them.
/// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html
Operations s3_policy_operations(S3& s3);

}  // namespace osbot_aws::services
