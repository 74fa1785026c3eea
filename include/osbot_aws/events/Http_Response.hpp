#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <osbot_aws/events/Http_Request.hpp>

namespace osbot_aws::events {

/// Builds the response to an HTTP request.
///
///     return events::Http_Response::json({{"id", 7}}, 201).header("Cache-Control", "no-store").to(request);
///
/// to_json() writes the form that the service expects. Without to(), it is that of function URLs and HTTP APIs.
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
class Http_Response {
public:
    /// Creates a response with a status and no body.
    static Http_Response status(int code);
    /// Creates a response with a text (text/plain; charset=utf-8).
    static Http_Response text(std::string text, int status = 200);
    /// Creates a response with a page (text/html; charset=utf-8).
    static Http_Response html(std::string page, int status = 200);
    /// Creates a response with a JSON text (application/json).
    static Http_Response json(const Json& value, int status = 200);
    /// Creates a response with any bytes, which are sent as base64. For a REST API, the media type must be one of its
    /// binaryMediaTypes.
    static Http_Response bytes(std::string_view bytes, const std::string& content_type, int status = 200);
    /// Creates a redirect.
    static Http_Response redirect(const std::string& location, int status = 302);

    /// Adds a header. A header that is added twice is sent twice, or as one list if the service allows only one value.
    /// Errors: Aws_Exception(InvalidHeader) if the name or the value has characters that HTTP does not allow.
    Http_Response& header(const std::string& name, const std::string& value);
    /// Adds a cookie: the value of a Set-Cookie header, e.g. "session=7; HttpOnly; Secure". Errors: as header().
    Http_Response& cookie(const std::string& set_cookie);
    /// Uses the form of the service that sent the request.
    Http_Response& to(const Http_Request& request);
    Http_Response& to(Http_Format format);  ///< Uses the form of a service.

    /// Returns the response for Lambda. Errors: Aws_Exception(InvalidResponse) if there are several cookies and the
    /// load balancer accepts one value per header: enable lambda.multi_value_headers.enabled of its target group.
    Json to_json() const;

private:
    explicit Http_Response(int status, std::string body = {}, const std::string& content_type = {});

    int status_code_;
    std::vector<std::pair<std::string, std::string>> headers_;
    std::vector<std::string> cookies_;
    std::string body_;
    bool base64_ = false;
    Http_Format format_ = Http_Format::function_url;
};

inline void to_json(Json& json, const Http_Response& response) { json = response.to_json(); }

}  // namespace osbot_aws::events
