#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <osbot_aws/events/Alb_Event.hpp>
#include <osbot_aws/events/Api_Gateway_Event.hpp>
#include <osbot_aws/events/Function_Url_Event.hpp>

namespace osbot_aws::events {

/// The service that sent an HTTP request, which determines the form of the response.
enum class Http_Format {
    function_url,     ///< a function URL or an HTTP API (payload format 2.0)
    api_gateway,      ///< a REST API (payload format 1.0)
    alb,              ///< an Application Load Balancer
    alb_multi_value,  ///< the same, with multi-value headers enabled for the target group
};

/// An HTTP request, whatever service sent it: a function URL, an HTTP API, a REST API or a load balancer.
///
///     events::Http_Response hello(const events::Http_Request& request) {
///         return events::Http_Response::text("Hello, " + request.query("name").value_or("world")).to(request);
///     }
///
/// from_json() recognises the service by the members of the event. Query parameters, cookies and the body are decoded.
/// Errors of from_json(): Aws_Exception(InvalidEvent) if the event is not an HTTP request, or its body is not base64.
struct Http_Request {
    using Fields = std::vector<std::pair<std::string, std::string>>;  ///< names and values

    std::string method;                              ///< GET, POST ...
    std::string path;                                ///< as the service sends it, e.g. /orders/1
    Fields headers = {};                             ///< in the order of the event; names as the service sends them
    Fields query_fields = {};                        ///< decoded parameters; a parameter may occur several times
    Fields cookie_fields = {};                       ///< names and values of the cookies, unchanged
    std::string body = {};                           ///< the bytes of the body; base64 is decoded
    std::string source_ip = {};                      ///< address of the caller
    Http_Format format = Http_Format::function_url;  ///< sender of the request
    Json event = nullptr;                            ///< the complete event

    Http_Request() = default;                                ///< an empty request
    explicit Http_Request(const Function_Url_Event& event);  ///< Decodes the event.
    explicit Http_Request(const Api_Gateway_Event& event);   ///< Decodes the event.
    explicit Http_Request(const Alb_Event& event);           ///< Decodes the event.

    /// Returns a header by its name, whatever its case. If it occurs several times, returns the last value.
    std::optional<std::string> header(std::string_view name) const;
    /// Returns a query parameter. If it occurs several times, returns the last value, like API Gateway.
    std::optional<std::string> query(std::string_view name) const;
    std::vector<std::string> query_values(std::string_view name) const;  ///< Returns all values of a query parameter.
    std::optional<std::string> cookie(std::string_view name) const;      ///< Returns the first cookie of this name.
    /// Parses the body as JSON. Errors: Aws_Exception(InvalidBody) if it is not JSON or nested over 1,000 levels.
    Json json() const;
};

void from_json(const Json& json, Http_Request& request);

}  // namespace osbot_aws::events
