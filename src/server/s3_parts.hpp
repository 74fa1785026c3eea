#pragma once

#include "server/s3_body.hpp"
#include "server/s3_call.hpp"
#include "server/s3_upload.hpp"

namespace osbot_aws::server {

// The parts of an upload: protocol to engine and back. Errors of all: NoSuchBucket, NoSuchUpload, and what each says.

/// Whether UploadPart or UploadPartCopy may begin, before its bytes are taken. Answers the checksum that
/// is made of each part of this upload: what the upload asked for, else S3's default. Errors: InvalidArgument (a part
/// number out of range).
Result<S3_Own_Checksum> part_checksum(engine::S3& s3, S3_Call& call);
/// What UploadPartCopy copies. Errors: of copy_source(), PreconditionFailed, InvalidArgument (the range).
Result<std::vector<S3_Slice>> part_source(engine::S3& s3, S3_Call& call);
/// UploadPart and UploadPartCopy, whose bytes are there.
Result<wire::Response> part_uploaded(engine::S3& s3, S3_Call& call, const S3_Upload& upload);
Result<wire::Response> list_parts(const engine::S3& s3, S3_Call& call);

}  // namespace osbot_aws::server
