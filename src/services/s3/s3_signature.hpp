#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aws/input.hpp"
#include "aws/routes.hpp"
#include "base/clock.hpp"
#include "services/keys.hpp"
#include "wire/http.hpp"

namespace osbot_aws::services {

/// A request to S3 whose signature is checked.
struct Signed_Request {
    Signed_Request(wire::Request sent, const std::vector<std::pair<std::string, std::string>>& parsed_query);

    wire::Request request;
    const std::vector<std::pair<std::string, std::string>>& query;
    std::string bucket_in_host;  ///< "" if the bucket is in the path
    /// Elements of the error response in addition to code and message.
    aws::Error_Details details = {};

    bool asks(std::string_view name) const { return wire::query_value(query, name).has_value(); }
    std::string text(std::string_view name) const { return wire::query_value(query, name).value_or(""); }
    std::string_view header(std::string_view name) const { return request.headers[name]; }

    /// Returns the error and stores the details for its response.
    Error refuse(Error error, aws::Error_Details about) {
        details = std::move(about);
        return error;
    }
    /// Returns 400 InvalidArgument.
    Error refuse_argument(std::string message, std::string_view name, std::string_view value) {
        return refuse({"InvalidArgument", std::move(message), 400},
                      {{"ArgumentName", std::string(name)}, {"ArgumentValue", std::string(value)}});
    }
};

/// Rejects a request with a wrong or expired signature, in its headers (Signature Version 4) or in the query of a link
/// (Versions 4 and 2; boto3 and the aws CLI create Version 2 links by default).
///
/// A signature is verified if the engine knows the secret: for the key `test`, and for keys that the engine created,
/// which have a session token. Other signatures are accepted, except for expired links, and so are unsigned requests.
/// If all keys must exist (Keys::check_all()), a signature with another key is rejected, too.
/// Errors: InvalidAccessKeyId, InvalidRequest (another mechanism), SignatureDoesNotMatch, RequestTimeTooSkewed,
/// AccessDenied (a link that has expired or is not valid yet), AuthorizationQueryParametersError, InvalidArgument.
/// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
Result<void> check_s3_signature(Signed_Request& call, const services::Keys& keys, base::Time now);

/// Moves x-amz-* parameters of a link's query (x-amz-meta-..., x-amz-storage-class ...) to the headers.
void take_headers_of_query(Signed_Request& call);

}  // namespace osbot_aws::services
