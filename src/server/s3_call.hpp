#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/s3/s3.hpp"
#include "server/service_api.hpp"
#include "wire/xml.hpp"

namespace osbot_aws::server {

/// One request to S3, with what its address says, decoded.
struct S3_Call {
    using Details = std::vector<std::pair<std::string, std::string>>;

    engine::Account account;
    wire::Request request;
    std::string bucket, key;
    bool bucket_in_host = false;
    Details query;
    /// What the refusal says beside code and message: <Key>, <ArgumentName> ...
    Details details = {};

    bool asks(std::string_view name) const { return wire::query_value(query, name).has_value(); }
    std::string text(std::string_view name) const { return wire::query_value(query, name).value_or(""); }
    std::string_view header(std::string_view name) const { return request.headers[name]; }

    /// The error, which will be answered with these details.
    Error refuse(Error error, Details about) {
        details = std::move(about);
        return error;
    }
    /// 400 InvalidArgument.
    Error refuse_argument(std::string message, std::string_view name, std::string_view value);
    /// 501: a header that asks for what this engine does not do.
    Error refuse_header(std::string_view name);
};

/// The bucket comes from the host name or, else, from the path.
S3_Call s3_call(const engine::Account& account, wire::Request request);

/// The name of the operation, when it is one that this engine does not have; else "".
std::string unknown_s3_operation(const S3_Call& call);

constexpr const char* s3_xmlns = "http://s3.amazonaws.com/doc/2006-03-01/";

/// The body as a document. Errors: MalformedXML.
Result<pugi::xml_document> document_of(S3_Call& call);

std::string quoted_etag(std::string_view etag);
/// As it is, when it has no quotes.
std::string_view unquoted_etag(std::string_view etag);

wire::Response xml_response(const pugi::xml_document& document);
wire::Response empty_response(int status);

/// The 64 digits that S3 calls an account by.
std::string canonical_user_id(const engine::Account& account);

/// A place in a list as the caller gets it: opaque. Errors of the second: InvalidArgument.
std::string continuation_token(std::string_view place);
Result<std::string> place_of_token(S3_Call& call);

}  // namespace osbot_aws::server
