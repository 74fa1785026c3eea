#pragma once

#include "server/s3_call.hpp"
#include "server/s3_upload.hpp"

namespace osbot_aws::server {

// S3's operations on one object: protocol to engine and back. Errors: NoSuchBucket, NoSuchKey, and what each says.

/// GetObject and HeadObject. Errors: PreconditionFailed, InvalidRange, InvalidPartNumber, InvalidObjectState.
Result<wire::Response> object_response(const engine::S3& s3, engine::Context& context, S3_Call& call);
/// Errors: InvalidRequest, InvalidArgument.
Result<wire::Response> object_attributes(const engine::S3& s3, S3_Call& call);
/// PutObject, whose bytes are there. Errors: of described_object() and check_write_conditions().
Result<wire::Response> put_uploaded(engine::S3& s3, S3_Call& call, const S3_Upload& upload);

}  // namespace osbot_aws::server
