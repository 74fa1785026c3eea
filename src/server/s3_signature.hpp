#pragma once

#include "engine/keys.hpp"
#include "server/s3_call.hpp"

namespace osbot_aws::server {

/// Refuses a request that is signed wrongly, too late or too early; in its headers (Signature Version 4) or, as a link,
/// in its query (Versions 4 and 2: boto3 and the aws CLI make the latter by default).
///
/// A signature is verified where the secret can be known here: of `test`, and of the keys that the engine gives out,
/// which come with a session token. Any other is believed, but for its time in a link; so is a request without one.
/// Errors: SignatureDoesNotMatch, RequestTimeTooSkewed, AccessDenied (a link that has expired or is not valid yet),
/// AuthorizationQueryParametersError, InvalidArgument.
/// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
Result<void> check_s3_signature(S3_Call& call, const engine::Keys& keys, base::Time now);

/// What a link says in its query instead of in headers (x-amz-meta-..., x-amz-storage-class ...) becomes headers.
void take_headers_of_query(S3_Call& call);

}  // namespace osbot_aws::server
