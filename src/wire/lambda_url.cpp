#include "wire/lambda_url.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <osbot_aws/core/Json.hpp>

#include "base/encoding.hpp"
#include "base/http_fields.hpp"
#include "base/json.hpp"
#include "base/numbers.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "base/utf8.hpp"
#include "wire/connection_fields.hpp"
#include "wire/json_text.hpp"

namespace osbot_aws::wire {
namespace {

// Bodies of these types reach the handler as text, all others as base64.
bool is_text(std::string_view content_type) {
    const std::string type = base::lower_case(content_type.substr(0, content_type.find(';')));
    return type.starts_with("text/") || type == "application/json" || type == "application/javascript" ||
           type == "application/xml" || type.ends_with("+json") || type.ends_with("+xml");
}

// "12/Mar/2020:19:03:58 +0000"
std::string common_log_time(base::Time time) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    return fmt::format("{:%d/%b/%Y:%H:%M:%S} +0000", parts);
}

void join(Json& object, const std::string& name, std::string_view value) {
    auto [field, inserted] = object.emplace(name, value);
    if (!inserted) field->get_ref<std::string&>().append(",").append(value);
}

std::string header_text(const Json& value) {
    return value.is_string() ? value.get<std::string>() : base::dump_json(value);
}

}  // namespace

Function_Url_Host parse_function_url_host(std::string_view host) {
    constexpr std::string_view service = ".lambda-url.";
    host = host.substr(0, host.find(':'));
    const auto middle = host.find(service);
    if (middle == std::string_view::npos) return {};
    const auto suffix = host.substr(middle + service.size());
    return {.id = host.substr(0, middle), .region = suffix.substr(0, suffix.find('.')), .domain = host};
}

std::string function_url_event(const Request& request, const Function_Url_Call& call) {
    Json headers = Json::object(), cookies = Json::array(), query = Json::object();
    for (const auto& [name, value] : request.headers) {
        const std::string low = base::lower_case(name);
        if (low == "cookie") {
            for (std::string_view remaining = value; !remaining.empty();) {
                const auto end = remaining.find(';');
                std::string_view cookie = remaining.substr(0, end);
                while (cookie.starts_with(' ')) cookie.remove_prefix(1);
                if (!cookie.empty()) cookies.push_back(cookie);
                remaining = end == std::string_view::npos ? std::string_view{} : remaining.substr(end + 1);
            }
        } else if (!is_connection_field(low)) {
            join(headers, low, value);
        }
    }
    headers["x-forwarded-for"] = call.source_ip;
    headers["x-forwarded-proto"] = "http";
    if (!call.trace_id.empty()) headers["x-amzn-trace-id"] = call.trace_id;
    const std::string_view host = request.headers["Host"];
    headers["x-forwarded-port"] =
        host.find(':') == std::string_view::npos ? "80" : std::string(host.substr(host.find(':') + 1));
    for (const auto& [name, value] : parse_query(request.query())) join(query, name, value);

    Json event = {{"version", "2.0"},
                  {"routeKey", "$default"},
                  {"rawPath", request.path()},
                  {"rawQueryString", request.query()},
                  {"headers", std::move(headers)},
                  {"requestContext",
                   {{"accountId", call.account_id},
                    {"apiId", call.host.id},
                    {"domainName", call.host.domain},
                    {"domainPrefix", call.host.id},
                    {"http",
                     {{"method", request.method},
                      {"path", percent_decode(request.path())},
                      {"protocol", "HTTP/1.1"},
                      {"sourceIp", call.source_ip},
                      {"userAgent", request.headers["User-Agent"]}}},
                    {"requestId", call.request_id},
                    {"routeKey", "$default"},
                    {"stage", "$default"},
                    {"time", common_log_time(call.time)},
                    {"timeEpoch", base::unix_ms(call.time)}}},
                  {"isBase64Encoded", false}};
    if (!cookies.empty()) event["cookies"] = std::move(cookies);
    if (!query.empty()) event["queryStringParameters"] = std::move(query);
    if (const std::string& body = request.body.bytes(); !body.empty()) {
        const bool text = is_text(request.headers["Content-Type"]) && base::is_utf8(body);
        event["body"] = text ? body : base::base64_encode(body);
        event["isBase64Encoded"] = !text;
    }
    // A header may contain invalid UTF-8; an event must not.
    return base::dump_json_lossy(event);
}

Response function_url_bad_gateway() { return {502, {{"Content-Type", "application/json"}}, "Internal Server Error"}; }

void function_url_stream(const std::shared_ptr<Body_Stream>& body, const std::string& content_type,
                         std::function<void(Response)> reply) {
    static constexpr std::string_view head_end("\0\0\0\0\0\0\0\0", 8);
    struct State {
        std::string head;  // until it is complete
        std::weak_ptr<Body_Stream> source;
        std::shared_ptr<Body_Stream> out;
        std::function<void(Response)> reply;

        void begin(Response response, std::string_view first) {
            out = std::make_shared<Body_Stream>();
            out->draw_from(source);
            response.body = out;
            out->write(first);
            std::exchange(reply, nullptr)(std::move(response));
        }
        void write(std::string_view piece) {
            out->write(piece);
            if (const auto from = source.lock()) from->set_unsent(out->unsent());
        }
    };
    auto state = std::make_shared<State>();
    state->reply = std::move(reply);
    state->source = body;
    const bool has_head = content_type == "application/vnd.awslambda.http-integration-response";
    if (!has_head) {
        const std::string type = content_type.empty() ? "application/octet-stream" : content_type;
        state->begin({.status = 200, .headers = {{"Content-Type", type}}, .body = {}}, "");
    }
    body->read(
        [state](std::string_view piece) {
            if (state->out) return state->write(piece);
            state->head += piece;
            const std::size_t end = state->head.find(head_end);
            if (end == std::string::npos) return;
            const std::string first = state->head.substr(end + head_end.size());
            state->begin(function_url_response(state->head.substr(0, end)), first);
        },
        [state](const Body_Stream::End& end) {
            if (state->out) return state->out->end(end);
            state->reply(function_url_bad_gateway());  // it failed before the head was complete
        });
}

Response function_url_response(std::string payload) {
    Response response{.status = 200, .headers = {{"Content-Type", "application/json"}}, .body = {}};
    const Json result = base::parse_json(payload);
    if (result.is_string()) {  // the body is the string without its quotes
        response.body = result.get<std::string>();
        return response;
    }
    if (!result.is_object() || !result.contains("statusCode")) {
        response.body = json_fault(payload) ? std::move(payload) : compact_json(payload);
        return response;
    }

    const Json& status = result.at("statusCode");
    if (status.is_number_integer()) {
        response.status = static_cast<int>(std::clamp<std::int64_t>(status.get<std::int64_t>(), 0, 1000));
    } else if (status.is_string() && !status.get_ref<const std::string&>().empty() &&
               status.get_ref<const std::string&>().size() <= 3) {
        response.status = base::parse_number<int>(status.get_ref<const std::string&>()).value_or(0);
    } else {
        return function_url_bad_gateway();
    }
    if (response.status < 100 || response.status > 599) return function_url_bad_gateway();

    if (const auto headers = result.find("headers"); headers != result.end() && !headers->is_null()) {
        if (!headers->is_object()) return function_url_bad_gateway();
        for (const auto& [name, value] : headers->items()) {
            if (value.is_object() || value.is_array()) return function_url_bad_gateway();
            const std::string text = header_text(value);
            if (!base::is_field_name(name) || !base::is_field_value(text)) return function_url_bad_gateway();
            if (is_message_field(name)) continue;  // set by the server
            response.headers.set(name, text);
        }
    }
    if (const auto cookies = result.find("cookies"); cookies != result.end() && !cookies->is_null()) {
        if (!cookies->is_array()) return function_url_bad_gateway();
        for (const Json& cookie : *cookies) {
            if (!cookie.is_string() || !base::is_field_value(cookie.get_ref<const std::string&>()))
                return function_url_bad_gateway();
            response.headers.add("Set-Cookie", cookie.get<std::string>());
        }
    }
    const auto body = result.find("body");
    if (body == result.end() || body->is_null()) return response;
    if (!body->is_string()) {
        response.body = base::dump_json(*body);
        return response;
    }
    if (const auto encoded = result.find("isBase64Encoded"); encoded != result.end() && *encoded == true) {
        auto bytes = base::base64_decode(body->get_ref<const std::string&>());
        if (!bytes) return function_url_bad_gateway();
        response.body = std::move(*bytes);
    } else {
        response.body = body->get<std::string>();
    }
    return response;
}

}  // namespace osbot_aws::wire
