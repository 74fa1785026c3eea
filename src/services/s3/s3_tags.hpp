#pragma once

#include "services/s3/s3_call.hpp"

namespace osbot_aws::services {

// Tags of buckets and objects.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html

/// Parses the header x-amz-tagging of an object. Errors: InvalidArgument, InvalidTag, BadRequest.
Result<services::S3_Tags> tags_of_header(const Call& call);

/// Returns the tags of a bucket if they are valid. Errors: InvalidTag.
Result<services::S3_Tags> checked_bucket_tags(const Call& call, services::S3_Tags tags);

}  // namespace osbot_aws::services
