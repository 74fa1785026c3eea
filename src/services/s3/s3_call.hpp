#pragma once

#include <string>
#include <string_view>

#include "aws/input.hpp"
#include "services/operations.hpp"
#include "services/s3/s3.hpp"
#include "wire/xml.hpp"

namespace osbot_aws::services {

// Functions that the operations of S3 share.

std::string bucket_of(const Call& call);
std::string key_of(const Call& call);
std::string bucket_arn(const Account& owner, std::string_view bucket);
/// Returns the ARN of a bucket or an object in the partition of the bucket; of the caller, if it does not exist.
std::string bucket_arn(const S3& s3, const Account& caller, const std::string& bucket);
std::string object_arn(const S3& s3, const Account& caller, const std::string& bucket, std::string_view key);

/// Returns the error and stores the details for its response.
Error refuse(const Call& call, Error error, aws::Error_Details about);
/// Returns the name of a detail that is a header of the response instead of an element.
std::string header_detail(std::string_view header);
/// Moves the headers out of the details.
wire::Headers take_headers(aws::Error_Details& details);
/// Returns 400 InvalidArgument.
Error refuse_argument(const Call& call, std::string message, std::string_view name, std::string_view value);
/// Returns 501 for a header that requests an unsupported feature.
Error refuse_header(const Call& call, std::string_view name);
/// Returns 403 AccessDenied.
Error access_denied();

std::string quoted_etag(std::string_view etag);
/// Returns the ETag without quotes, if it has any. S3 also accepts a single quote, at either end.
std::string_view unquoted_etag(std::string_view etag);
/// Returns a time as S3's documents have it, in whole seconds: "2026-01-01T00:00:00.000Z".
std::string document_time(std::int64_t unix_ms);
/// Returns the header Last-Modified of an object.
std::string last_modified(const S3_Object& object);

/// Returns the owner of what an account has, in the documents of S3: {"ID": 64 digits that identify the account}.
Json owner_json(const services::Account& account);

/// Returns the limit of a page, at most `limit_max`.
int page_limit(const Call& call, std::string_view member, int limit_max);

/// Converts a position in a list to an opaque token and back. Errors of position_of_token(): InvalidArgument.
std::string continuation_token(std::string_view position);
Result<std::string> position_of_token(const Call& call);

}  // namespace osbot_aws::services
