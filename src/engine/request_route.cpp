#include "engine/request_route.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "aws/models/models.hpp"
#include "aws/sqs_query_model.hpp"
#include "base/characters.hpp"
#include "base/text.hpp"
#include "engine/compatible_pages.hpp"
#include "engine/images_api.hpp"
#include "engine/state_api.hpp"
#include "engine/upkeep_api.hpp"
#include "services/lambda/api/code.hpp"
#include "services/protocol_error.hpp"
#include "services/request_scope.hpp"
#include "services/sqs/queue_names.hpp"
#include "wire/lambda_url.hpp"
#include "wire/request_text.hpp"

namespace osbot_aws::engine {
namespace {

using To = Request_Route::To;

constexpr std::string_view control_prefix = "/_osbot/";
constexpr std::size_t operation_length_max = 120;

struct Control_Endpoint {
    std::string_view method, path;
    Control_Call call;
};
constexpr Control_Endpoint control_endpoints[] = {{"GET", "/_osbot/health", Control_Call::health},
                                                  {"GET", Upkeep_Api::status_path, Control_Call::status},
                                                  {"POST", Upkeep_Api::prune_path, Control_Call::prune},
                                                  {"POST", "/_osbot/reset", Control_Call::reset},
                                                  {"POST", State_Api::export_path, Control_Call::state},
                                                  {"POST", State_Api::import_path, Control_Call::state},
                                                  {"GET", init_path, Control_Call::init},
                                                  {"", Images_Api::path, Control_Call::images}};

/// Prefixes of X-Amz-Target. Clients of Cognito send unsigned requests.
constexpr std::pair<std::string_view, std::string_view> services_of_targets[] = {
    {"Logs_", "logs"},
    {"AmazonSQS.", "sqs"},
    {"DynamoDB", "dynamodb"},
    {"AWSEvents.", "events"},
    {"AWSCognitoIdentityProviderService.", "cognito-idp"},
    {"AWSCognitoIdentityService.", "cognito-identity"}};

Control_Call control_of(const wire::Request& head) {
    const auto* const found = std::ranges::find_if(control_endpoints, [&](const Control_Endpoint& each) {
        return each.path == head.path() && (each.method.empty() || each.method == head.method);
    });
    return found == std::end(control_endpoints) ? Control_Call::unknown : found->call;
}

struct Form_Api {
    std::string_view version, service;
};
constexpr Form_Api form_apis[] = {{"Version=2010-05-08", "iam"},
                                  {"Version=2011-06-15", "sts"},
                                  {"Version=2012-11-05", "sqs"},
                                  {"Version=2010-03-31", "sns"}};

/// Returns the service of an unsigned request in the Query protocol: by the version of its API, else by its operation.
/// Tools such as curl may omit the version.
std::string service_of_form(const wire::Request& request) {
    for (const Form_Api& api : form_apis)
        if (request.body.bytes().find(api.version) != std::string_view::npos ||
            request.query().find(api.version) != std::string_view::npos)
            return std::string(api.service);
    for (const aws::Service* model : {&aws::sts_model(), &aws::sqs_query_model()})
        if (model->find_operation(aws::requested_operation(*model, request)) != nullptr) return model->name;
    return "iam";
}

bool is_form(const wire::Request& head) { return wire::has_form_type(head) && head.path() == "/"; }

/// Returns true if the query has the operation of a request in the Query protocol.
bool has_action(const wire::Request& head) {
    return (head.method == "GET" || head.method == "POST") &&
           ("&" + std::string(head.query())).find("&Action=") != std::string::npos;
}

/// Returns true for a request to the URL of a queue, in SQS's Query protocol. Twelve digits also name a bucket of S3,
/// to which clients such as curl upload objects with the content type of forms, but by PUT.
bool is_for_queue(const wire::Request& head) {
    if (!services::is_queue_path(head.path())) return false;
    if (head.method == "POST" && wire::has_form_type(head)) return true;
    return has_action(head);
}

/// Guesses the service of an unsigned request from its path and headers.
std::string guess_service(const wire::Request& head) {
    const std::string_view path = head.path();
    for (const char* part : {"/functions", "/layers", "/event-source-mappings", "/account-settings", "/tags/arn"})
        if (path.starts_with("/20") && path.find(part) != std::string_view::npos) return "lambda";
    for (const auto& [prefix, service] : services_of_targets)
        if (head.headers["X-Amz-Target"].starts_with(prefix)) return std::string(service);
    if (is_for_queue(head) || head.query().find("Version=2012-11-05") != std::string_view::npos) return "sqs";
    return is_form(head) || (has_action(head) && head.path() == "/") ? service_of_form(head) : "s3";
}

/// Sets the service, and its model. SQS has two: requests in JSON have an X-Amz-Target.
void set_service(Request_Route& route, const wire::Request& head, std::string service) {
    route.service = std::move(service);
    route.model = nullptr;
    for (const aws::Service* model : {&aws::lambda_model(), &aws::s3_model(), &aws::sqs_model(), &aws::logs_model(),
                                      &aws::iam_model(), &aws::sts_model()})
        if (route.service == model->name) route.model = model;
    if (route.model == &aws::sqs_model() && head.headers.find("X-Amz-Target") == nullptr)
        route.model = &aws::sqs_query_model();
    route.to = route.model == nullptr ? To::other : To::service;
}

bool is_query(const aws::Service* model) { return model != nullptr && model->protocol == aws::Protocol::query; }

Request_Route route_to_service(const wire::Request& head) {
    services::Request_Scope scope = services::scope_of(head);
    Request_Route route{.account = std::move(scope.account),
                        .access_key_id = std::move(scope.access_key_id),
                        .is_signed = !scope.service.empty()};
    set_service(route, head, route.is_signed ? std::move(scope.service) : guess_service(head));
    route.is_form = is_query(route.model);
    route.is_upload_form = route.model == &aws::s3_model() && head.method == "POST" &&
                           head.headers["Content-Type"].starts_with("multipart/form-data");
    route.protocol = route.model == nullptr ? services::protocol_of(head) : route.model->protocol;
    if (route.model != nullptr && !route.is_form) route.route = aws::find_route(*route.model, head);
    return route;
}

/// Returns the text without characters that a terminal interprets, and without the end of a long one.
std::string printable(std::string_view text) {
    std::string out(text.substr(0, operation_length_max));
    std::ranges::replace_if(
        out, [](char c) { return c < ' ' || c > '~'; }, '?');
    return out;
}

/// Returns the name of an operation without a model.
std::string_view unknown_operation(const wire::Request& request) {
    const std::string_view target = request.headers["X-Amz-Target"];
    return target.empty() ? request.path() : target.substr(target.find('.') + 1);
}

}  // namespace

std::string_view Request_Route::error_format() const {
    return model == &aws::sqs_query_model() ? services::sqs_query_format : std::string_view(service);
}

Request_Route route_of(const wire::Request& head) {
    if (const auto url = wire::parse_function_url_host(head.headers["Host"]); !url.id.empty())
        return {.to = To::function_url, .id = base::lower_case(url.id)};
    std::string_view path = head.path();
    if (base::take_prefix(path, services::Code_Links::path))
        return {.to = To::code, .id = std::string(path), .service = "lambda", .model = &aws::lambda_model()};
    if (path.starts_with(compatible_prefix) && (head.method == "GET" || head.method == "HEAD"))
        return {.to = To::control, .control = Control_Call::compatible, .protocol = services::protocol_of(head)};
    if (path.starts_with(control_prefix))
        return {.to = To::control, .control = control_of(head), .protocol = services::protocol_of(head)};
    return route_to_service(head);
}

void complete_route(Request_Route& route, const wire::Request& request) {
    if (!route.is_form) return;
    if (!route.is_signed && route.service != "sqs") set_service(route, request, service_of_form(request));
    if (route.model == nullptr)
        route.protocol = services::protocol_of(request);
    else
        route.route = aws::find_route(*route.model, request);
}

std::string operation_of(const Request_Route& route, const wire::Request& request) {
    if (route.to == To::function_url) return printable(fmt::format("url {}", request.path()));
    if (route.to == To::control) return printable(request.path());
    if (route.to == To::code) return "lambda download";  // the path has a token
    if (route.route.operation != nullptr) return fmt::format("{} {}", route.service, route.route.operation->name);
    return printable(fmt::format("{} {}", route.service,
                                 route.model == nullptr ? std::string(unknown_operation(request))
                                                        : aws::requested_operation(*route.model, request)));
}

}  // namespace osbot_aws::engine
