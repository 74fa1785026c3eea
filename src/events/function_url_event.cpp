#include <osbot_aws/events/Function_Url_Event.hpp>

#include "events/members.hpp"

namespace osbot_aws::events {
namespace {

constexpr auto http_members = [](auto& visit, auto& http) {
    visit("method", http.method);
    visit("path", http.path);
    visit("protocol", http.protocol);
    visit("sourceIp", http.sourceIp);
    visit("userAgent", http.userAgent);
};

constexpr auto context_members = [](auto& visit, auto& context) {
    visit("accountId", context.accountId);
    visit("apiId", context.apiId);
    visit("domainName", context.domainName);
    visit("domainPrefix", context.domainPrefix);
    visit("http", context.http);
    visit("requestId", context.requestId);
    visit("routeKey", context.routeKey);
    visit("stage", context.stage);
    visit("time", context.time);
    visit("timeEpoch", context.timeEpoch);
    visit("authorizer", context.authorizer);
    visit("authentication", context.authentication);
};

constexpr auto url_event_members = [](auto& visit, auto& event) {
    visit("version", event.version);
    visit("routeKey", event.routeKey);
    visit("rawPath", event.rawPath);
    visit("rawQueryString", event.rawQueryString);
    visit("cookies", event.cookies);
    visit("headers", event.headers);
    visit("queryStringParameters", event.queryStringParameters);
    visit("pathParameters", event.pathParameters);
    visit("stageVariables", event.stageVariables);
    visit("requestContext", event.requestContext);
    visit("body", event.body);
    visit("isBase64Encoded", event.isBase64Encoded);
};

}  // namespace

void from_json(const Json& json, Http_Description& http) { read_members(json, http, http_members); }
void to_json(Json& json, const Http_Description& http) { write_members(json, http, http_members); }

void from_json(const Json& json, Http_Request_Context& context) { read_members(json, context, context_members); }
void to_json(Json& json, const Http_Request_Context& context) { write_members(json, context, context_members); }

void from_json(const Json& json, Function_Url_Event& event) {
    if (json.contains("httpMethod"))
        fail_invalid_event(
            "expected payload format 2.0, but the event has httpMethod: use Api_Gateway_Event (REST API, "
            "payload format 1.0), Alb_Event (load balancer) or Http_Request (all)");
    read_members(json, event, url_event_members);
}
void to_json(Json& json, const Function_Url_Event& event) { write_members(json, event, url_event_members); }

}  // namespace osbot_aws::events
