#pragma once

#include "server/s3_call.hpp"

namespace osbot_aws::server {

/// ListObjects and, with list-type=2, ListObjectsV2. Errors: NoSuchBucket, InvalidArgument.
Result<wire::Response> list_objects(const engine::S3& s3, S3_Call& call);

}  // namespace osbot_aws::server
