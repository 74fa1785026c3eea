#pragma once

#include "server/s3_call.hpp"
#include "server/s3_upload.hpp"

namespace osbot_aws::server {

// Operations on objects. Errors of all functions: NoSuchBucket, NoSuchKey, and those listed below.

/// Handles GetObject and HeadObject. Errors: PreconditionFailed, InvalidRange, InvalidPartNumber, InvalidObjectState.
Result<wire::Response> object_response(const engine::S3& s3, engine::Context& context, S3_Call& call);
/// Handles GetObjectAttributes. Errors: InvalidRequest, InvalidArgument.
Result<wire::Response> object_attributes(const engine::S3& s3, S3_Call& call);
/// Handles PutObject, after its bytes were received. Errors: those of described_object() and check_write_conditions().
Result<wire::Response> put_uploaded(engine::S3& s3, S3_Call& call, const S3_Upload& upload);

}  // namespace osbot_aws::server
