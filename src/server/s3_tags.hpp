#pragma once

#include "server/s3_call.hpp"

namespace osbot_aws::server {

// Tags of buckets and objects.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html

/// Parses the header x-amz-tagging of an object. Errors: InvalidArgument, InvalidTag, BadRequest.
Result<engine::S3_Tags> tags_of_header(S3_Call& call);

/// Handles GET, PUT and DELETE of ?tagging. Errors: NoSuchTagSet, NoSuchKey, MalformedXML, InvalidTag, BadRequest.
Result<wire::Response> bucket_tagging(engine::S3& s3, S3_Call& call);
Result<wire::Response> object_tagging(engine::S3& s3, S3_Call& call);

}  // namespace osbot_aws::server
