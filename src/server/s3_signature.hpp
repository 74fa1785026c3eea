#pragma once

#include "engine/keys.hpp"
#include "server/s3_call.hpp"

namespace osbot_aws::server {

/// Rejects a request with a wrong or expired signature, in its headers (Signature Version 4) or in the query of a link
/// (Versions 4 and 2; boto3 and the aws CLI create Version 2 links by default).
///
/// A signature is verified if the engine knows the secret: for the key `test`, and for keys that the engine created,
/// which have a session token. Other signatures are accepted, except for expired links, and so are unsigned requests.
/// Errors: SignatureDoesNotMatch, RequestTimeTooSkewed, AccessDenied (a link that has expired or is not valid yet),
/// AuthorizationQueryParametersError, InvalidArgument.
/// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
Result<void> check_s3_signature(S3_Call& call, const engine::Keys& keys, base::Time now);

/// Moves x-amz-* parameters of a link's query (x-amz-meta-..., x-amz-storage-class ...) to the headers.
void take_headers_of_query(S3_Call& call);

}  // namespace osbot_aws::server
