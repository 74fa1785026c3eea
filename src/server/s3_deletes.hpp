#pragma once

#include "server/s3_call.hpp"

namespace osbot_aws::server {

/// Deletes an object. Errors: PreconditionFailed (If-Match).
Result<wire::Response> delete_object(engine::S3& s3, S3_Call& call);

/// Deletes up to 1000 objects of a bucket. Errors: MalformedXML; errors of single keys are part of the response.
Result<wire::Response> delete_objects(engine::S3& s3, S3_Call& call);

}  // namespace osbot_aws::server
