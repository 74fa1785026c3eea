#pragma once

#include <string>
#include <string_view>

#include "services/s3/s3.hpp"
#include "wire/http.hpp"

namespace osbot_aws::services {

// Requests from web pages: https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html

/// Returns the bucket of a request: in the host, or the first part of the path.
std::string bucket_of_request(const wire::Request& request);
/// Returns true for OPTIONS.
bool is_preflight(const wire::Request& request);

/// Returns true if the bucket has CORS rules and one of them permits the request, or if it is a preflight.
bool cors_permits(const S3& s3, const wire::Request& request);
/// Returns the CORS headers of a response; empty if no rule permits the request.
wire::Headers cors_headers(const S3& s3, const wire::Request& request);
/// Responds to a preflight: the headers, or S3's error.
wire::Response preflight_response(const S3& s3, const wire::Request& request);

}  // namespace osbot_aws::services
