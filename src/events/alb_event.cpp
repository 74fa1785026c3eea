#include <osbot_aws/events/Alb_Event.hpp>

#include "events/members.hpp"

namespace osbot_aws::events {
namespace {

constexpr auto alb_event_members = [](auto& visit, auto& event) {
    visit("httpMethod", event.httpMethod);
    visit("path", event.path);
    visit("headers", event.headers);
    visit("multiValueHeaders", event.multiValueHeaders);
    visit("queryStringParameters", event.queryStringParameters);
    visit("multiValueQueryStringParameters", event.multiValueQueryStringParameters);
    visit("requestContext", event.requestContext);
    visit("body", event.body);
    visit("isBase64Encoded", event.isBase64Encoded);
};

}  // namespace

void from_json(const Json& json, Alb_Event& event) {
    if (json.contains("rawPath"))
        fail_invalid_event(
            "expected an event of a load balancer, but it has rawPath: use Function_Url_Event (function "
            "URL, payload format 2.0) or Http_Request (all)");
    read_members(json, event, alb_event_members);
}
void to_json(Json& json, const Alb_Event& event) { write_members(json, event, alb_event_members); }

}  // namespace osbot_aws::events
