#include <osbot_aws/events/Http_Response.hpp>

#include <fmt/format.h>

#include <algorithm>

#include <osbot_aws/core/Error.hpp>

#include "base/encoding.hpp"
#include "base/http_fields.hpp"
#include "base/json.hpp"
#include "base/local_error.hpp"
#include "base/text.hpp"

namespace osbot_aws::events {
namespace {

/// Returns the first spelling of each header, with all values. Names that differ only by case are one header.
std::vector<std::pair<std::string, std::vector<std::string>>> grouped(const Http_Request::Fields& headers) {
    std::vector<std::pair<std::string, std::vector<std::string>>> groups;
    for (const auto& [name, value] : headers) {
        const auto group = std::find_if(groups.begin(), groups.end(), [&name = name](const auto& g) {
            return base::equal_ignoring_case(g.first, name);
        });
        if (group == groups.end())
            groups.push_back({name, {value}});
        else
            group->second.push_back(value);
    }
    return groups;
}

/// Returns {name: value}; several values become one list, which HTTP treats alike.
Json single_values(const Http_Request::Fields& headers) {
    Json object = Json::object();
    for (const auto& [name, values] : grouped(headers)) object[name] = fmt::format("{}", fmt::join(values, ", "));
    return object;
}

Json all_values(const Http_Request::Fields& headers, const std::vector<std::string>& cookies) {
    Json object = Json::object();
    for (const auto& [name, values] : grouped(headers)) object[name] = values;
    if (!cookies.empty()) object["Set-Cookie"] = cookies;
    return object;
}

}  // namespace

Http_Response::Http_Response(int status, std::string body, const std::string& content_type)
    : status_code_(status), body_(std::move(body)) {
    if (!content_type.empty()) header("Content-Type", content_type);
}

Http_Response Http_Response::status(int code) { return Http_Response(code); }
Http_Response Http_Response::text(std::string text, int status) {
    return Http_Response(status, std::move(text), "text/plain; charset=utf-8");
}
Http_Response Http_Response::html(std::string page, int status) {
    return Http_Response(status, std::move(page), "text/html; charset=utf-8");
}
Http_Response Http_Response::json(const Json& value, int status) {
    return Http_Response(status, base::dump_json(value), "application/json");
}
Http_Response Http_Response::bytes(std::string_view bytes, const std::string& content_type, int status) {
    Http_Response response(status, base::base64_encode(bytes), content_type);
    response.base64_ = true;
    return response;
}
Http_Response Http_Response::redirect(const std::string& location, int status) {
    Http_Response response(status);
    return response.header("Location", location);
}

Http_Response& Http_Response::header(const std::string& name, const std::string& value) {
    if (!base::is_field_name(name) || !base::is_field_value(value))
        throw Aws_Exception(local_error("InvalidHeader", "the header '{}' has characters that HTTP does not allow",
                                        base::field_value(name)));
    headers_.emplace_back(name, value);
    return *this;
}
Http_Response& Http_Response::cookie(const std::string& set_cookie) {
    if (!base::is_field_value(set_cookie))
        throw Aws_Exception(local_error("InvalidHeader", "a cookie has characters that HTTP does not allow"));
    cookies_.push_back(set_cookie);
    return *this;
}
Http_Response& Http_Response::to(const Http_Request& request) { return to(request.format); }
Http_Response& Http_Response::to(Http_Format format) { return format_ = format, *this; }

Json Http_Response::to_json() const {
    Json json{{"statusCode", status_code_}, {"body", body_}, {"isBase64Encoded", base64_}};
    if (format_ == Http_Format::alb_multi_value) {
        json["multiValueHeaders"] = all_values(headers_, cookies_);
        return json;
    }
    json["headers"] = single_values(headers_);
    if (cookies_.empty()) return json;
    if (format_ == Http_Format::function_url) json["cookies"] = cookies_;
    if (format_ == Http_Format::api_gateway) json["multiValueHeaders"] = {{"Set-Cookie", cookies_}};
    if (format_ != Http_Format::alb) return json;
    if (cookies_.size() > 1)
        throw Aws_Exception(local_error("InvalidResponse",
                                        "a load balancer accepts several cookies only with multi-value headers: enable "
                                        "lambda.multi_value_headers.enabled of the target group"));
    json["headers"]["Set-Cookie"] = cookies_.front();
    return json;
}

}  // namespace osbot_aws::events
