// Text in requests: queries, names, hosts, XML, base64, patterns; and the response of a function to its URL.
#include "base/encoding.hpp"
#include "engine/logs/filter_pattern.hpp"
#include "fuzz.hpp"
#include "packing/handlers.hpp"
#include "wire/lambda_names.hpp"
#include "wire/lambda_url.hpp"
#include "wire/query.hpp"

using namespace osbot_aws;

std::vector<std::string> seeds() {
    return {
        "Action=CreateRole&Tags.member.1.Key=a&Tags.member.1.Value=b%20c&Version=2010-05-08",
        "arn:aws:lambda:us-east-1:123456789012:function:hello:prod",
        "abcdefghijklmnop.lambda-url.us-east-1.localhost:4566",
        "<Delete><Object><Key>a&amp;b</Key></Object></Delete>",
        "Zm9vYmFyCg==",
        R"(ERROR ?WARN -debug "two words" %\d{2,3}[^a-z]%)",
        R"({ ($.level = "ERR*" || $.users[0].id >= 1e3) && $['a.b'] IS TRUE && $.x NOT EXISTS && $.y != %\x28+% })",
        R"([ip, ..., status = 4* || status > 500, bytes])",
        R"({"statusCode": 201, "headers": {"a": "b"}, "cookies": ["c=d"], "body": "aGk=", "isBase64Encoded": true})",
        "def handler(event, context=None, *, loud: bool = {'a': (1, 2)}):\n    '''text'''\n"};
}

void run_target(std::string_view bytes) {
    const std::string text(bytes);
    for (const auto& [name, value] : wire::parse_query(bytes)) (void)wire::percent_encode(name + value);
    require(wire::percent_decode(wire::percent_encode(bytes)) == bytes);
    wire::Request request{.method = "POST", .target = "/", .headers = {}, .body = {.bytes = text, .file = {}}};
    (void)wire::Query_Request(request).pairs("Tags");
    (void)wire::parse_function_name(bytes);
    (void)wire::parse_function_url_host(bytes);
    (void)wire::parse_xml(bytes);
    require(base::base64_decode(base::base64_encode(bytes)) == bytes);
    if (const auto decoded = base::base64_decode(bytes))
        require(base::base64_decode(base::base64_encode(*decoded)) == decoded);
    if (const auto pattern = engine::Filter_Pattern::parse(bytes)) (void)pattern->matches(bytes);
    const wire::Response response = wire::function_url_response(text);
    require(response.status >= 100 && response.status < 600);
    (void)packing::find_python_handler(bytes);
}
