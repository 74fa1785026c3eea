#pragma once

#include "server/s3_body.hpp"
#include "server/s3_call.hpp"
#include "server/s3_upload.hpp"

namespace osbot_aws::server {

// Operations on the parts of an upload. Errors of all functions: NoSuchBucket, NoSuchUpload, and those listed below.

/// Checks UploadPart or UploadPartCopy before its bytes are received. Returns the checksum to compute for each part of
/// this upload: the one that the upload requested, else S3's default. Errors: InvalidArgument (part number out of
/// range).
Result<S3_Added_Checksum> part_checksum(engine::S3& s3, S3_Call& call);
/// Returns the source of UploadPartCopy. Errors: those of copy_source(), PreconditionFailed, InvalidArgument (the
/// range).
Result<std::vector<S3_Slice>> part_source(engine::S3& s3, S3_Call& call);
/// Handles UploadPart and UploadPartCopy, after the bytes were received.
Result<wire::Response> part_uploaded(engine::S3& s3, S3_Call& call, const S3_Upload& upload);
Result<wire::Response> list_parts(const engine::S3& s3, S3_Call& call);

}  // namespace osbot_aws::server
