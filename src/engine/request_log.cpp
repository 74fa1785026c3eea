#include "engine/request_log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "aws/models/models.hpp"
#include "aws/routes.hpp"
#include "engine/dispatcher.hpp"
#include "services/lambda/api/api.hpp"

namespace osbot_aws::engine {
namespace {

constexpr std::size_t text_length_max = 120;

/// Returns the text without characters that a terminal interprets, and without the end of a long one.
std::string printable(std::string_view text) {
    std::string out(text.substr(0, text_length_max));
    std::ranges::replace_if(
        out, [](char c) { return c < ' ' || c > '~'; }, '?');
    return out;
}

/// Returns the Action of a Query request (IAM, STS).
std::string action_of(const wire::Request& request) {
    return wire::query_value(wire::parse_query(request.body.bytes), "Action").value_or("");
}

std::string_view lambda_operation(const wire::Request& request) {
    const std::string_view path = request.path();
    if (path.starts_with(services::Lambda_Api::code_path)) return "download";  // the path has a token
    if (path.ends_with("/response-streaming-invocations")) return "InvokeWithResponseStream";
    if (services::Lambda_Api::is_invoke(request)) return "Invoke";
    const aws::Operation* operation = aws::find_route(aws::lambda_model(), request).operation;
    return operation != nullptr ? operation->name : "unknown operation";
}

std::string name_of(const wire::Request& request, const std::string& service) {
    if (service == "lambda") return std::string(lambda_operation(request));
    if (service == "iam" || service == "sts") return action_of(request);
    const std::string_view target = request.headers["X-Amz-Target"];
    return std::string(target.empty() ? request.path() : target.substr(target.find('.') + 1));
}

}  // namespace

std::string operation_of(const wire::Request& request) {
    if (services::Lambda_Api::is_function_url(request.headers["Host"])) return "url " + printable(request.path());
    if (is_control(request.path())) return printable(request.path());
    const std::string service = service_of(request);
    return printable(fmt::format("{} {}", service, name_of(request, service)));
}

services::Reply observed_reply(const wire::Request& request, services::Reply reply, const Request_Observer& observer) {
    const auto start = std::chrono::steady_clock::now();
    return [start, observer,
            handled = Handled_Request{.method = printable(request.method), .operation = operation_of(request)},
            reply = std::move(reply)](wire::Response response) mutable {
        handled.status = response.status;
        handled.duration =
            std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start);
        observer(handled);
        reply(std::move(response));
    };
}

}  // namespace osbot_aws::engine
