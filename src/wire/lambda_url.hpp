#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "wire/body_stream.hpp"
#include "wire/http.hpp"

namespace osbot_aws::wire {

/// The parts of a Host header `<url-id>.lambda-url.<region>.localhost[:port]`; `id` is empty for other hosts.
struct Function_Url_Host {
    std::string_view id;
    std::string_view region;
    std::string_view domain;  ///< without the port
};
Function_Url_Host parse_function_url_host(std::string_view host);

struct Function_Url_Call {
    Function_Url_Host host;
    std::string request_id;
    std::string source_ip = "127.0.0.1";
    std::string account_id = "anonymous";
    std::string trace_id = {};  ///< the header x-amzn-trace-id; empty: that of the request, if it has one
    base::Time time{};
};

/// Returns the event (payload format 2.0) for an HTTP request.
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-request-payload
std::string function_url_event(const Request& request, const Function_Url_Call& call);

/// Converts the handler's result to an HTTP response: a result in the response format, or any other JSON as the body of
/// a 200, without spaces between its tokens. An invalid response is 502, as on AWS.
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-response-payload
Response function_url_response(std::string payload);

/// Calls `reply` with the response of a URL with InvokeMode RESPONSE_STREAM as soon as its head is known. A body of
/// type application/vnd.awslambda.http-integration-response has the head before eight zero bytes; other bodies are a
/// 200.
void function_url_stream(const std::shared_ptr<Body_Stream>& body, const std::string& content_type,
                         std::function<void(Response)> reply);

/// Returns AWS's response if the function failed or returned an invalid response.
Response function_url_bad_gateway();

}  // namespace osbot_aws::wire
