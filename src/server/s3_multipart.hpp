#pragma once

#include "server/s3_call.hpp"
#include "server/s3_upload.hpp"

namespace osbot_aws::server {

// Operations on multipart uploads. Errors of all functions: NoSuchBucket, NoSuchUpload, and those listed below.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html

/// Errors: of described_object(), InvalidRequest (an algorithm with a type it can't have), NotImplemented (SHA1).
Result<wire::Response> create_multipart_upload(engine::S3& s3, S3_Call& call);
/// Errors: MalformedXML, InvalidPart, InvalidPartOrder, EntityTooSmall, BadDigest, InvalidRequest, PreconditionFailed.
Result<wire::Response> complete_multipart_upload(engine::S3& s3, S3_Call& call);
Result<wire::Response> abort_multipart_upload(engine::S3& s3, S3_Call& call);
Result<wire::Response> list_multipart_uploads(const engine::S3& s3, S3_Call& call);

}  // namespace osbot_aws::server
