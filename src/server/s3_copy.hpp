#pragma once

#include "server/s3_call.hpp"
#include "server/s3_upload.hpp"

namespace osbot_aws::server {

/// The prefix of the conditions for the source: x-amz-copy-source-if-match ...
constexpr std::string_view copy_source_prefix = "x-amz-copy-source-";

struct S3_Source {
    std::string bucket, key;
};

/// Returns true if a request copies the bytes of another object.
bool is_copy(const wire::Headers& headers);

/// Parses the header x-amz-copy-source. Errors: InvalidArgument.
Result<S3_Source> copy_source(S3_Call& call);

/// A CopyObject request that passed all checks.
struct S3_Copy {
    engine::S3_Object_Ptr source;
    std::string algorithm;  ///< checksum algorithm of the copy, in lower case
    bool replaces_metadata = false;
};

/// Checks a CopyObject request. Errors: InvalidRequest (copy to itself without a change, too large), InvalidArgument,
/// PreconditionFailed, ObjectNotInActiveTierError.
Result<S3_Copy> begin_copy(engine::S3& s3, S3_Call& call);
/// Returns true if the bytes must be read to compute the ETag or the checksum. A copy has no parts: its ETag is the MD5
/// of all bytes, and it has the requested checksum.
bool needs_bytes(const S3_Copy& copy);
/// Creates the copy. It shares the bytes of the source if `upload` is nullptr.
Result<wire::Response> finish_copy(engine::S3& s3, S3_Call& call, const S3_Copy& copy, const S3_Upload* upload);

}  // namespace osbot_aws::server
