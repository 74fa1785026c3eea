#include <osbot_aws/events/Http_Request.hpp>

#include <algorithm>

#include "base/characters.hpp"
#include "base/encoding.hpp"
#include "base/text.hpp"
#include "events/members.hpp"
#include "wire/http.hpp"

namespace osbot_aws::events {
namespace {

using Fields = Http_Request::Fields;
using Lists = std::map<std::string, std::vector<std::string>>;

std::string decoded_body(const std::string& body, bool base64) {
    if (!base64) return body;
    auto bytes = base::base64_decode(body);
    if (!bytes) fail_invalid_event("isBase64Encoded is true, but the body is not base64");
    return std::move(*bytes);
}

std::string query_decoded(std::string_view text) { return wire::percent_decode(text, true); }

/// Parses a cookie header: "a=1; b=2".
void add_cookies(Fields& cookies, std::string_view text) {
    while (!text.empty()) {
        std::string_view value = base::take_until(text, ';');
        while (value.starts_with(' ')) value.remove_prefix(1);
        const std::string_view name = base::take_until(value, '=');
        if (!name.empty()) cookies.emplace_back(name, value);
    }
}

/// Returns all values, if the service sent them, else the single values.
Fields fields_of(const std::map<std::string, std::string>& single, const Lists& multiple) {
    Fields fields(single.begin(), single.end());
    if (!multiple.empty()) fields.clear();
    for (const auto& [name, values] : multiple) {
        for (const std::string& value : values) fields.emplace_back(name, value);
    }
    return fields;
}

/// Sets the fields that API Gateway's format 1.0 and load balancers have in common.
template <class Event>
void read_common(Http_Request& request, const Event& event) {
    request.method = event.httpMethod;
    request.path = event.path;
    request.headers = fields_of(event.headers, event.multiValueHeaders);
    request.query_fields = fields_of(event.queryStringParameters, event.multiValueQueryStringParameters);
    for (const auto& [name, value] : request.headers) {
        if (base::equal_ignoring_case(name, "cookie")) add_cookies(request.cookie_fields, value);
    }
    request.body = decoded_body(event.body, event.isBase64Encoded);
    to_json(request.event, event);
}

const std::string* last_of(const Fields& fields, std::string_view name) {
    const auto found =
        std::find_if(fields.rbegin(), fields.rend(), [&](const auto& field) { return field.first == name; });
    return found == fields.rend() ? nullptr : &found->second;
}

std::optional<std::string> copy_of(const std::string* value) {
    return value != nullptr ? std::optional(*value) : std::nullopt;
}

}  // namespace

Http_Request::Http_Request(const Function_Url_Event& url_event)
    : method(url_event.requestContext.http.method),
      path(url_event.rawPath),
      headers(url_event.headers.begin(), url_event.headers.end()),
      query_fields(wire::parse_query(url_event.rawQueryString)),
      body(decoded_body(url_event.body, url_event.isBase64Encoded)),
      source_ip(url_event.requestContext.http.sourceIp),
      event(url_event) {
    for (const std::string& cookie : url_event.cookies) add_cookies(cookie_fields, cookie);
    if (url_event.cookies.empty()) add_cookies(cookie_fields, header("cookie").value_or(""));
}

Http_Request::Http_Request(const Api_Gateway_Event& api_event) : format(Http_Format::api_gateway) {
    read_common(*this, api_event);
    const Json::json_pointer address("/identity/sourceIp");
    if (api_event.requestContext.contains(address) && api_event.requestContext.at(address).is_string())
        source_ip = api_event.requestContext.at(address).get<std::string>();
}

/// A load balancer does not decode query parameters.
Http_Request::Http_Request(const Alb_Event& alb_event)
    : format(alb_event.multiValueHeaders.empty() ? Http_Format::alb : Http_Format::alb_multi_value) {
    read_common(*this, alb_event);
    for (auto& [name, value] : query_fields) {
        name = query_decoded(name);
        value = query_decoded(value);
    }
    const std::string forwarded = header("x-forwarded-for").value_or("");
    source_ip = forwarded.substr(forwarded.find_last_of(", ") + 1);  // the last address is the one the balancer saw
}

std::optional<std::string> Http_Request::header(std::string_view name) const {
    const auto found = std::find_if(headers.rbegin(), headers.rend(),
                                    [&](const auto& field) { return base::equal_ignoring_case(field.first, name); });
    return found == headers.rend() ? std::nullopt : std::optional(found->second);
}

std::optional<std::string> Http_Request::query(std::string_view name) const {
    return copy_of(last_of(query_fields, name));
}

std::vector<std::string> Http_Request::query_values(std::string_view name) const {
    std::vector<std::string> values;
    for (const auto& [field, value] : query_fields) {
        if (field == name) values.push_back(value);
    }
    return values;
}

std::optional<std::string> Http_Request::cookie(std::string_view name) const {
    const auto found = std::find_if(cookie_fields.begin(), cookie_fields.end(),
                                    [&](const auto& field) { return field.first == name; });
    return found == cookie_fields.end() ? std::nullopt : std::optional(found->second);
}

Json Http_Request::json() const { return parse_body(body, "the body of the request"); }

void from_json(const Json& json, Http_Request& request) {
    if (json.contains("rawPath"))
        request = Http_Request(json.get<Function_Url_Event>());
    else if (json.contains(Json::json_pointer("/requestContext/elb")))
        request = Http_Request(json.get<Alb_Event>());
    else if (json.contains("httpMethod"))
        request = Http_Request(json.get<Api_Gateway_Event>());
    else
        fail_invalid_event("expected an HTTP request, but the event has neither rawPath nor httpMethod");
}

}  // namespace osbot_aws::events
