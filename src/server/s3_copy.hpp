#pragma once

#include "server/s3_call.hpp"
#include "server/s3_upload.hpp"

namespace osbot_aws::server {

/// Of the conditions a source must meet: x-amz-copy-source-if-match ...
constexpr std::string_view copy_source_prefix = "x-amz-copy-source-";

struct S3_Source {
    std::string bucket, key;
};

/// Whether a request takes its bytes from another object.
bool is_copy(const wire::Headers& headers);

/// What the header x-amz-copy-source names. Errors: InvalidArgument.
Result<S3_Source> copy_source(S3_Call& call);

/// A CopyObject that may go on.
struct S3_Copy {
    engine::S3_Object_Ptr source;
    std::string algorithm;  ///< of the checksum that the copy has, in lower case
    bool replaces_metadata = false;
};

/// Errors: InvalidRequest (onto itself with nothing changed, too large), InvalidArgument, PreconditionFailed,
/// ObjectNotInActiveTierError.
Result<S3_Copy> begin_copy(engine::S3& s3, S3_Call& call);
/// Whether the copy's bytes must be read: a copy is one object whose ETag is the MD5 of its bytes, whatever the parts
/// of the source are, and has the checksum that is asked for.
bool needs_bytes(const S3_Copy& copy);
/// Nullptr: it shares the bytes of the source.
Result<wire::Response> finish_copy(engine::S3& s3, S3_Call& call, const S3_Copy& copy, const S3_Upload* upload);

}  // namespace osbot_aws::server
