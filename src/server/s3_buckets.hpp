#pragma once

#include <optional>

#include "server/s3_call.hpp"

namespace osbot_aws::server {

// S3's operations on buckets: protocol to engine and back. Errors: those of engine::S3, MalformedXML, InvalidArgument.

Result<wire::Response> list_buckets(const engine::S3& s3, S3_Call& call);
Result<wire::Response> create_bucket(engine::S3& s3, S3_Call& call);
Result<wire::Response> head_bucket(const engine::S3& s3, const S3_Call& call);
Result<wire::Response> bucket_location(const engine::S3& s3, const S3_Call& call);
Result<wire::Response> delete_bucket(engine::S3& s3, const S3_Call& call);

/// Responds to GET of a bucket setting that this engine does not support (versioning, CORS ...) like S3 for a bucket
/// without that setting. Returns nullopt for other requests.
std::optional<Result<wire::Response>> untouched_bucket_setting(const engine::S3& s3, S3_Call& call);

}  // namespace osbot_aws::server
