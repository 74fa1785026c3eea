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

/// What GET answers about a setting of buckets that this engine can't change (versioning, CORS ...): what S3 says of a
/// bucket that never had it. Nothing: it is no such question.
std::optional<Result<wire::Response>> untouched_bucket_setting(const engine::S3& s3, S3_Call& call);

}  // namespace osbot_aws::server
