#include "engine/dispatcher.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include <osbot_aws/core/Json.hpp>

#include "aws/models/models.hpp"
#include "aws/routes.hpp"
#include "base/json.hpp"
#include "base/random.hpp"
#include "engine/body_limits.hpp"
#include "engine/images_api.hpp"
#include "engine/upkeep_api.hpp"
#include "services/protocol_error.hpp"
#include "store/store.hpp"
#include "wire/account_id.hpp"
#include "wire/errors.hpp"

namespace osbot_aws::engine {
namespace {

constexpr std::string_view control_prefix = "/_osbot/";

/// Prefixes of X-Amz-Target. Clients of Cognito send unsigned requests.
constexpr std::pair<std::string_view, std::string_view> services_of_targets[] = {
    {"Logs_", "logs"},
    {"AmazonSQS.", "sqs"},
    {"DynamoDB", "dynamodb"},
    {"AWSEvents.", "events"},
    {"AWSCognitoIdentityProviderService.", "cognito-idp"},
    {"AWSCognitoIdentityService.", "cognito-identity"}};

/// Returns the service of an unsigned form by the version of its API.
std::string service_of_form(std::string_view body) {
    if (body.find("Version=2011-06-15") != std::string_view::npos) return "sts";
    return body.find("Version=2010-03-31") != std::string_view::npos ? "sns" : "iam";
}

/// Guesses the service of an unsigned request from its path, headers and body.
std::string guess_service(const wire::Request& request) {
    const std::string_view path = request.path();
    for (const char* part : {"/functions", "/layers", "/event-source-mappings", "/account-settings", "/tags/arn"})
        if (path.starts_with("/20") && path.find(part) != std::string_view::npos) return "lambda";
    for (const auto& [prefix, service] : services_of_targets)
        if (request.headers["X-Amz-Target"].starts_with(prefix)) return std::string(service);
    if (request.headers["Content-Type"].starts_with("application/x-www-form-urlencoded") && path == "/")
        return service_of_form(request.body.bytes);
    return "s3";
}

std::string service_of(const wire::Request& request, const services::Request_Scope& scope) {
    if (request.path().starts_with(services::Lambda_Api::code_path)) return "lambda";
    return scope.service.empty() ? guess_service(request) : scope.service;
}

/// Returns the operation of a request to S3; nullptr for other services.
const aws::Operation* s3_operation(const wire::Request& head) {
    return engine::service_of(head) == "s3" ? aws::find_route(aws::s3_model(), head).operation : nullptr;
}

wire::Response json_response(int status, std::string body) {
    wire::Response response{status, {{"Content-Type", "application/json"}}, {}};
    response.body.bytes = std::move(body);
    return response;
}

}  // namespace

bool is_control(std::string_view path) {
    return path.starts_with(control_prefix) && !path.starts_with(services::Lambda_Api::code_path);
}

std::string service_of(const wire::Request& head) { return service_of(head, services::scope_of(head)); }

void Dispatcher::handle(wire::Request request, services::Reply reply, Caller caller) {
    const std::string_view path = request.path();
    if (services::Lambda_Api::is_function_url(request.headers["Host"]))
        return services_.lambda.handle_function_url(std::move(request), std::move(reply));
    if (is_control(path)) return handle_control(request, caller, reply);

    services::Request_Scope scope = services::scope_of(request);
    scope.service = service_of(request, scope);
    const auto service = services_.by_name.find(scope.service);
    if (service == services_.by_name.end()) return handle_unknown(std::move(scope.service), std::move(request), reply);
    // All text that the services store or return is UTF-8. JSON and XML are checked by their parsers.
    if (const auto part = wire::non_utf8_part(request); part != wire::Request_Part::none)
        return reply(services::protocol_error(scope.service, services::non_utf8_error(scope.service, part)));
    // A synchronous invoke changes no state: changes that the function makes are separate requests.
    if (service->second == &services_.lambda && services::Lambda_Api::is_synchronous_invoke(request))
        return services_.lambda.handle(scope.account, std::move(request), std::move(reply));
    const services::Reply durable_reply = durable(scope.service, std::move(reply));
    try {
        service->second->handle(scope.account, std::move(request), durable_reply);
    } catch (const Aws_Exception& unreadable) {  // thrown by Store::find_logs()
        durable_reply(services::protocol_error(scope.service, unreadable.error()));
    }
}

void Dispatcher::handle_unknown(std::string service, wire::Request request, const services::Reply& reply) {
    const Forward* forward = services_.forwarder == nullptr ? nullptr : services_.forwarder->find(service);
    if (forward != nullptr)
        return services_.forwarder->forward(*forward, std::move(service), std::move(request), reply);
    if (const auto part = wire::non_utf8_part(request); part != wire::Request_Part::none)
        return reply(services::protocol_error(service, services::non_utf8_error(service, part)));
    Error error = wire::not_implemented(service, fmt::format("{} {}", request.method, request.path()));
    if (is_service_name(service))
        error.message += fmt::format("; osbot local start --forward {}=URL passes it to another endpoint", service);
    reply(services::protocol_error(services::protocol_of(request), error));
}

bool Dispatcher::streams_body(const wire::Request& head) {
    if (services::Lambda_Api::is_function_url(head.headers["Host"]) || is_control(head.path())) return false;
    if (head.method == "GET" || head.method == "HEAD") return false;  // has no body
    const aws::Operation* operation = s3_operation(head);
    return operation != nullptr && aws::streams_input(aws::s3_model(), *operation);
}

http::Page_Use Dispatcher::page_use(const wire::Request& head) {
    if (services::Lambda_Api::is_function_url(head.headers["Host"])) return http::Page_Use::any;
    if (is_control(head.path())) return http::Page_Use::none;
    if (head.method != "GET") return http::Page_Use::operations;
    const aws::Operation* operation = s3_operation(head);
    const bool is_read = operation != nullptr && aws::streams_output(aws::s3_model(), *operation);
    return is_read ? http::Page_Use::links : http::Page_Use::operations;
}

http::Body_Limit Dispatcher::body_limit(const wire::Request& head) {
    if (services::Lambda_Api::is_function_url(head.headers["Host"])) return body_limit_of_function_url();
    if (is_control(head.path())) return body_limit_of("", head);
    return body_limit_of(service_of(head), head);
}

services::Reply Dispatcher::durable(std::string service, services::Reply reply) {
    const std::uint64_t before = context_.store.last_change();
    return [this, before, service = std::move(service), reply = std::move(reply)](wire::Response response) {
        const std::uint64_t now = context_.store.last_change();
        if (now == before) return reply(std::move(response));
        auto delayed = std::make_shared<wire::Response>(std::move(response));
        // The reply is moved to the task. A copy would be destroyed on the store's thread, and a reply may have the
        // last reference to its connection, which belongs to the loop.
        context_.store.when_durable(
            now, [&loop = context_.loop, delayed, service, reply](Result<void> written) mutable {
                loop.post([delayed, service, reply = std::exchange(reply, nullptr), written = std::move(written)] {
                    if (written) return reply(std::move(*delayed));
                    reply(services::protocol_error(service, written.error()));
                });
            });
    };
}

void Dispatcher::handle_control(const wire::Request& request, Caller caller, const services::Reply& reply) {
    if (caller == Caller::function)
        return reply(json_response(403, R"({"message":"functions may not use the control endpoints of the engine"})"));
    if (request.method == "GET" && request.path() == "/_osbot/health")
        return reply(json_response(200, control_.health()));
    if (caller == Caller::network)
        return reply(json_response(403, R"({"message":"the control endpoints of this engine are available at the )"
                                        R"(socket osbot.sock in its state folder, which osbot local uses"})"));
    if (request.method == "GET" && request.path() == Upkeep_Api::status_path) return control_.status(reply);
    if (request.method == "POST" && request.path() == Upkeep_Api::prune_path)
        return control_.prune(request, durable("", reply));
    if (request.method == "POST" && request.path() == "/_osbot/reset") {
        const services::Reply durable_reply = durable("", reply);
        control_.reset();
        return durable_reply(json_response(200, R"({"status":"ok"})"));
    }
    if (request.path() == Images_Api::path) return control_.images(request, durable("", reply));
    reply(json_response(404, base::dump_json_lossy(Json{
                                 {"message", fmt::format("unknown path: {} {}", request.method, request.path())}})));
}

}  // namespace osbot_aws::engine
