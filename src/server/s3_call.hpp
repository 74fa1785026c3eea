#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/s3/s3.hpp"
#include "server/service_api.hpp"
#include "wire/xml.hpp"

namespace osbot_aws::server {

/// A request to S3 with its decoded address and query.
struct S3_Call {
    using Details = std::vector<std::pair<std::string, std::string>>;

    engine::Account account;
    wire::Request request;
    std::string bucket, key;
    bool bucket_in_host = false;
    Details query;
    /// Elements of the error response in addition to code and message: <Key>, <ArgumentName> ...
    Details details = {};

    bool asks(std::string_view name) const { return wire::query_value(query, name).has_value(); }
    std::string text(std::string_view name) const { return wire::query_value(query, name).value_or(""); }
    std::string_view header(std::string_view name) const { return request.headers[name]; }

    /// Returns the error and stores the details for its response.
    Error refuse(Error error, Details about) {
        details = std::move(about);
        return error;
    }
    /// Returns 400 InvalidArgument.
    Error refuse_argument(std::string message, std::string_view name, std::string_view value);
    /// Returns 501 for a header that requests an unsupported feature.
    Error refuse_header(std::string_view name);
};

/// Decodes a request. The bucket is in the host name, else in the path.
S3_Call s3_call(const engine::Account& account, wire::Request request);

/// Returns the name of the operation if this engine does not support it, else "".
std::string unknown_s3_operation(const S3_Call& call);

constexpr const char* s3_xmlns = "http://s3.amazonaws.com/doc/2006-03-01/";

/// Parses the body. Errors: MalformedXML.
Result<pugi::xml_document> document_of(S3_Call& call);

std::string quoted_etag(std::string_view etag);
/// Returns the ETag without quotes, if it has any.
std::string_view unquoted_etag(std::string_view etag);

wire::Response xml_response(const pugi::xml_document& document);
wire::Response empty_response(int status);

/// Returns the 64 digits that identify an account in S3.
std::string canonical_user_id(const engine::Account& account);

/// Converts a position in a list to an opaque token and back. Errors of position_of_token(): InvalidArgument.
std::string continuation_token(std::string_view position);
Result<std::string> position_of_token(S3_Call& call);

}  // namespace osbot_aws::server
