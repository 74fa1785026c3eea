// Function URLs: the event of a request, and the response of a function, whole and as a stream. The first line of the
// input has the host, the target and the content type; the rest is the body of the request or the result of the
// function.
#include "wire/lambda_url.hpp"

#include <sstream>

#include "base/http_fields.hpp"
#include "base/json.hpp"
#include "fuzz.hpp"

using namespace osbot_aws;

namespace {

void check_response(const wire::Response& response) {
    require(response.status >= 100 && response.status < 600);
    for (const auto& [name, value] : response.headers)
        require(base::is_field_name(name) && base::is_field_value(value));
}

void check_stream(std::string_view result, std::size_t piece) {
    const auto source = std::make_shared<wire::Body_Stream>();
    int replies = 0;
    std::shared_ptr<wire::Body_Stream> out;
    wire::function_url_stream(source, "application/vnd.awslambda.http-integration-response",
                              [&](const wire::Response& response) {
                                  check_response(response);
                                  out = response.body.stream();
                                  ++replies;
                              });
    for (std::size_t at = 0; at < result.size(); at += piece) source->write(result.substr(at, piece));
    source->end({.complete = true, .trailers = {}});
    require(replies == 1);
    if (out) out->read([](std::string_view) {}, [](const wire::Body_Stream::End&) {});
}

void check_event(std::string_view head, std::string_view body) {
    std::istringstream words{std::string(head)};
    std::string host, target, type;
    words >> host >> target >> type;
    wire::Request request{.method = "POST", .target = target, .headers = {{"Host", host}, {"Content-Type", type}}};
    request.headers.add("Cookie", std::string(head));
    request.body = body;
    const Json event =
        base::parse_json(wire::function_url_event(request, {.host = wire::parse_function_url_host(host)}));
    require(event.is_object() && event.at("requestContext").is_object());
}

}  // namespace

std::vector<std::string> seeds() {
    const std::string head = "x.lambda-url.us-east-1.localhost / application/json\n";
    std::vector<std::string> limits;
    for (const std::size_t levels : {base::json_depth_max - 1, base::json_depth_max})
        limits.push_back(head + R"({"statusCode":200,"body":)" + nested(levels, "[", "]") + "}");
    limits.push_back(head + R"({"statusCode":200,"cookies":[)" + repeated(2000, R"("a=b",)") + R"("c=d"]})");
    limits.push_back("x.lambda-url.us-east-1.localhost /?" + repeated(5000, "a=b&") + " text/plain\nx");
    return limits;
}

void run_target(std::string_view bytes) {
    const auto [head, body] = first_line_and_rest(bytes);
    check_event(head, body);
    check_response(wire::function_url_response(std::string(body)));
    check_stream(body, 1 + head.size() % 16);
    require_linear_time(head, [](std::string_view longer) { check_event(longer, ""); });
}
