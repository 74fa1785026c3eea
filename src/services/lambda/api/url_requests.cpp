// Requests to function URLs.
#include "services/lambda/api/url_requests.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/json.hpp"
#include "base/random.hpp"
#include "base/text.hpp"
#include "services/lambda/api/invoke.hpp"
#include "services/request_scope.hpp"
#include "wire/lambda_url.hpp"
#include "wire/sigv4.hpp"
#include "wire/trace_id.hpp"

namespace osbot_aws::services {
namespace {

// ---- CORS of function URLs: https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html#urls-cors ----

std::string joined(const Json& cors, const char* name) {
    std::string text;
    if (!cors.contains(name)) return text;
    for (const Json& item : cors.at(name)) text.append(text.empty() ? "" : ",").append(item.get<std::string>());
    return text;
}

void add_cors(const Json& cors, std::string_view origin, bool preflight, wire::Headers& headers) {
    if (!cors.is_object() || origin.empty()) return;
    const Json origins = cors.value("AllowOrigins", Json::array());
    const bool any = std::find(origins.begin(), origins.end(), "*") != origins.end();
    if (!any && std::find(origins.begin(), origins.end(), origin) == origins.end()) return;
    const bool credentials = cors.contains("AllowCredentials") && cors.at("AllowCredentials") == true;
    headers.set("Access-Control-Allow-Origin", any && !credentials ? "*" : std::string(origin));
    headers.set("Vary", "Origin");
    if (credentials) headers.set("Access-Control-Allow-Credentials", "true");
    if (const std::string exposed = joined(cors, "ExposeHeaders"); !exposed.empty())
        headers.set("Access-Control-Expose-Headers", exposed);
    if (!preflight) return;
    if (const std::string methods = joined(cors, "AllowMethods"); !methods.empty())
        headers.set("Access-Control-Allow-Methods", methods);
    if (const std::string allowed = joined(cors, "AllowHeaders"); !allowed.empty())
        headers.set("Access-Control-Allow-Headers", allowed);
    if (cors.contains("MaxAge") && cors.at("MaxAge").is_number())
        headers.set("Access-Control-Max-Age", base::dump_json(cors.at("MaxAge")));
}

// The service's words, as quoted in https://github.com/awsdocs/aws-lambda-developer-guide/issues/494
constexpr const char* url_forbidden =
    "Forbidden. For troubleshooting Function URL authorization issues, see: "
    "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html";

wire::Response forbidden(const Error& why = {"AccessDeniedException", url_forbidden, 403}) {
    wire::Response response{.status = 403, .headers = {{"Content-Type", "application/json"}}, .body = {}};
    response.headers.add("x-amzn-ErrorType", why.code);
    response.body = base::dump_json_lossy(Json{{"Message", why.message.empty() ? Json() : Json(why.message)}});
    return response;
}

/// The response if a URL has no function to run.
/// Recorded: lambda_/test_lambda.snapshot.json, test_lambda_url_persists_after_alias_delete
wire::Response no_target(const Error& error) {
    if (error.http_status == 403) return forbidden(error);
    return error.http_status == 404 ? forbidden() : wire::function_url_bad_gateway();
}

bool is_signed(const wire::Request& request) {
    return request.headers["Authorization"].starts_with("AWS4-HMAC-SHA256") ||
           request.query().find("X-Amz-Signature=") != std::string_view::npos;
}

/// Checks the signature for AuthType AWS_IAM. Keys that this engine did not create are accepted, because their secrets
/// are unknown, unless all keys must exist.
Result<void> check_signature(const wire::Request& request, const services::Context& context) {
    if (!is_signed(request)) return Error{"AccessDeniedException", url_forbidden, 403};
    const std::string key = scope_of(request).access_key_id;  // by which the caller is determined
    const auto signer = wire::verify(
        request, "lambda", [&](std::string_view id) { return context.keys.known_secret(id); }, context.now());
    if (signer && (*signer == key || !context.keys.checks_all())) return {};
    if (signer) return Error{"AccessDeniedException", url_forbidden, 403};
    const bool is_unknown = signer.error().code == "UnrecognizedClientException";
    return is_unknown && !context.keys.checks_all() ? Result<void>() : signer.error();
}

Result<void> check_signer(const Lambda_Front& front, const wire::Request& request,
                          const services::Function_Urls::Target& target) {
    OSBOT_TRY(check_signature(request, front.context));
    if (!front.check_url_caller) return {};
    const auto allowed = front.check_url_caller(request, target);
    if (allowed || allowed.error().code != "AccessDeniedException") return allowed;
    return Error{"AccessDeniedException", url_forbidden, 403};
}

bool is_preflight(const wire::Request& request) {
    return request.method == "OPTIONS" && request.headers.find("Access-Control-Request-Method") != nullptr;
}

/// Returns true if anyone may call an open URL. With enforced policies, both permissions are required, as on AWS today.
bool is_public(const Lambda_Front& front, const wire::Request& request, const services::Function_Urls::Target& target) {
    const Public_Access access = public_access(*target.record, target.url->qualifier, [&] {
        return anonymous_keys(front.context.now(), target.function->account.region, request);
    });
    return front.context.role_allows ? access.invoke : access.url;
}

/// Returns the response to a request that may not run the function, or nullopt.
std::optional<wire::Response> rejection(const Lambda_Front& front, const wire::Request& request,
                                        const services::Function_Urls::Target& target) {
    const bool open = target.url->auth_type == "NONE";
    if (open && !is_public(front, request, target)) return forbidden();
    if (!open) {
        if (const auto allowed = check_signer(front, request, target); !allowed) return forbidden(allowed.error());
    }
    if (request.body.size() > invoke_payload_bytes_max) return url_request_too_large();
    return std::nullopt;
}

wire::Response failure(const Error& error) {
    wire::Response failed = wire::function_url_bad_gateway();
    if (error.http_status == 429) failed.status = 429, failed.body = R"({"Message":"Rate Exceeded."})";
    return failed;
}

/// The page that sent a request, and the URL's rules for it.
struct Cors {
    Json rules;
    std::string origin;
};

/// Responds with the result of the function.
void reply_with(services::Invoke_Result result, const Cors& cors, const Reply& reply) {
    if (result.stream) {
        return wire::function_url_stream(result.stream, result.content_type,
                                         [reply, cors, id = result.request_id](wire::Response response) {
                                             response.headers.set("x-amzn-RequestId", id);
                                             add_cors(cors.rules, cors.origin, false, response.headers);
                                             reply(std::move(response));
                                         });
    }
    wire::Response response = result.function_error.empty() ? wire::function_url_response(std::move(result.payload))
                                                            : wire::function_url_bad_gateway();
    response.headers.set("x-amzn-RequestId", result.request_id);
    add_cors(cors.rules, cors.origin, false, response.headers);
    reply(std::move(response));
}

/// Returns the domain by which a request names its URL. A request to the port of a URL names the loopback address.
std::string domain_of(const wire::Request& request, const services::Function_Urls::Target& target) {
    const auto host = wire::parse_function_url_host(request.headers["Host"]);
    if (base::lower_case(host.id) == target.url->id) return base::lower_case(host.domain);
    return fmt::format("{}.lambda-url.{}.localhost", target.url->id, target.function->account.region);
}

/// Returns the header of an event: that of the client, or a trace of its own.
std::string trace_header(std::string_view sent, const std::string& trace) {
    return trace.starts_with(sent) && !sent.empty() ? std::string(sent) : trace.substr(0, trace.find(';'));
}

services::Invoke_Request invoke_request(const Lambda_Front& front, const wire::Request& request,
                                        services::Function_Urls::Target target) {
    const bool open = target.url->auth_type == "NONE";
    const std::string domain = domain_of(request, target);
    const std::string_view sent_trace = request.headers["X-Amzn-Trace-Id"];
    services::Invoke_Request params;
    params.invoked_arn = services::qualified_arn(*target.function, target.url->qualifier);
    params.trace_id = wire::trace_id(sent_trace, target.function->tracing_mode == "Active", front.context.now());
    params.payload = wire::function_url_event(request, {.host = wire::parse_function_url_host(domain),
                                                        .request_id = base::uuid4(),
                                                        .account_id = open ? "anonymous" : target.function->account.id,
                                                        .trace_id = trace_header(sent_trace, params.trace_id),
                                                        .time = front.context.now()});
    params.streaming = target.url->invoke_mode == "RESPONSE_STREAM";
    params.function = std::move(target.function);
    return params;
}

}  // namespace

wire::Response url_request_too_large() {
    return {413, {{"Content-Type", "application/json"}}, R"({"Message":"Request Entity Too Large"})"};
}

void handle_url_request(Lambda_Front& front, const std::string& url_id, wire::Request request, const Reply& reply) {
    auto target = front.functions.urls.target(url_id);
    if (!target) return reply(no_target(target.error()));
    Cors cors{target->url->cors, std::string(request.headers["Origin"])};
    if (cors.rules.is_object() && is_preflight(request)) {
        wire::Response preflight{.status = 200, .headers = {}, .body = {}};
        add_cors(cors.rules, cors.origin, true, preflight.headers);
        return reply(std::move(preflight));
    }
    if (auto rejected = rejection(front, request, *target)) return reply(std::move(*rejected));
    front.invocations.invoke(invoke_request(front, request, std::move(*target)),
                             [reply, cors = std::move(cors)](Result<services::Invoke_Result> result) {
                                 if (!result) return reply(failure(result.error()));
                                 reply_with(std::move(*result), cors, reply);
                             });
}

}  // namespace osbot_aws::services
