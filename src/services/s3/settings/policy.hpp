#pragma once

#include "services/operations.hpp"
#include "services/s3/s3.hpp"

namespace osbot_aws::services {

/// The policies of buckets: stored as text, checked and returned. Only an engine that enforces policies evaluates them
/// (access/).
/// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html
Operations s3_policy_operations(S3& s3);

/// Returns the text of the policy of a bucket; "": it has none. Valid until the bucket's settings change.
std::string_view policy_text_of(const S3_Bucket& bucket);

}  // namespace osbot_aws::services
