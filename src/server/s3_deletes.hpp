#pragma once

#include "server/s3_call.hpp"

namespace osbot_aws::server {

/// Errors: PreconditionFailed (If-Match).
Result<wire::Response> delete_object(engine::S3& s3, S3_Call& call);

/// Up to a thousand objects of a bucket. Errors: MalformedXML; those of single keys are in the answer.
Result<wire::Response> delete_objects(engine::S3& s3, S3_Call& call);

}  // namespace osbot_aws::server
