#include <osbot_aws/events/Api_Gateway_Event.hpp>

#include "events/members.hpp"

namespace osbot_aws::events {
namespace {

constexpr auto api_event_members = [](auto& visit, auto& event) {
    visit("resource", event.resource);
    visit("path", event.path);
    visit("httpMethod", event.httpMethod);
    visit("headers", event.headers);
    visit("multiValueHeaders", event.multiValueHeaders);
    visit("queryStringParameters", event.queryStringParameters);
    visit("multiValueQueryStringParameters", event.multiValueQueryStringParameters);
    visit("pathParameters", event.pathParameters);
    visit("stageVariables", event.stageVariables);
    visit("requestContext", event.requestContext);
    visit("body", event.body);
    visit("isBase64Encoded", event.isBase64Encoded);
};

}  // namespace

void from_json(const Json& json, Api_Gateway_Event& event) {
    if (json.contains("rawPath"))
        fail_invalid_event(
            "expected payload format 1.0, but the event has rawPath: use Function_Url_Event (function "
            "URL, payload format 2.0) or Http_Request (all)");
    read_members(json, event, api_event_members);
}
void to_json(Json& json, const Api_Gateway_Event& event) { write_members(json, event, api_event_members); }

}  // namespace osbot_aws::events
