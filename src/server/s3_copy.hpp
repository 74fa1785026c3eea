#pragma once

#include "server/s3_call.hpp"

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

/// Errors: InvalidRequest (onto itself with nothing changed, too large), InvalidArgument, PreconditionFailed,
/// ObjectNotInActiveTierError.
Result<wire::Response> copy_object(engine::S3& s3, S3_Call& call);

}  // namespace osbot_aws::server
