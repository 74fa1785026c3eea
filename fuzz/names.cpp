// Names of resources: of functions, images, queues, log groups, hosts, origins and forwards; numbers, and tokens of
// sessions.
#include "aws/models/models.hpp"
#include "aws/validation.hpp"
#include "base/utf8.hpp"
#include "engine/forwards.hpp"
#include "fuzz.hpp"
#include "http/web_access.hpp"
#include "packing/handlers.hpp"
#include "services/images/images.hpp"
#include "services/keys.hpp"
#include "services/lambda/function_rules.hpp"
#include "services/lambda/validation.hpp"
#include "services/logs/log_rules.hpp"
#include "services/sqs/queue_attributes.hpp"
#include "services/sqs/sqs_json.hpp"
#include "services/sts/session_token.hpp"
#include "wire/lambda_names.hpp"
#include "wire/lambda_url.hpp"

using namespace osbot_aws;

namespace {

void check_function_name(std::string_view text) {
    const auto name = wire::parse_function_name(text);
    if (!name) return;
    require(!name->name.empty());
    const auto bare = wire::parse_function_name(name->name);
    require(bare && bare->name == name->name && bare->qualifier.empty());
}

void check_image_names(std::string_view text) {
    if (const auto name = services::image_name(text)) {
        const auto again = services::image_name(*name);
        require(again && *again == *name);
    }
    (void)services::local_image_name(text);
    if (const auto uri = services::parse_image_uri(text)) require(!uri->tag.empty() || !uri->digest.empty());
}

void check_web_names(std::string_view text) {
    if (const auto host = http::parse_allowed_host(text)) {
        const auto again = http::parse_allowed_host(*host);
        require(again && *again == *host);
    }
    if (const auto origin = http::parse_cors_origin(text)) {
        const auto again = http::parse_cors_origin(*origin);
        require(again && *again == *origin);
    }
    if (const auto forwards = engine::parse_forwards({std::string(text)})) {
        const auto& [service, forward] = *forwards->begin();
        require(engine::parse_forwards({service + "=" + forward.url}).has_value());
    }
    struct Request final : http::Routed_Request {
        void handle(wire::Request, services::Reply) override {}
    };
    http::Web_Access access;
    access.hosts = {"example"};
    for (const char* name : {"Host", "Origin", "Sec-Fetch-Site"})
        (void)access.response_to({.method = "GET", .headers = {{"Host", "localhost"}, {name, std::string(text)}}},
                                 Request());
    (void)wire::parse_function_url_host(text);
}

void check_session_token(std::string_view text) {
    static const services::Keys keys, others;
    require(!services::read_session_token(keys, text));  // a token cannot be guessed
    if (!base::is_utf8(text)) return;                    // the engine rejects such requests
    const services::Session_Identity identity{
        .account = "123456789012", .principal_arn = std::string(text), .session = "s", .expires_at = {}};
    const std::string token = services::make_session_token(keys, identity);
    const auto read = services::read_session_token(keys, token);
    require(read && read->principal_arn == text && read->session == "s");
    require(!services::read_session_token(others, token));
}

/// Checks members with patterns, lengths and enumerations by the models.
void check_constraints(const std::string& text) {
    const auto validate = [](const aws::Service& service, const char* operation, const Json& input) {
        return aws::validate(service, *service.find_operation(operation), input);
    };
    const Json function{{"FunctionName", text}, {"Role", text},      {"Runtime", text},
                        {"Layers", {text}},     {"KMSKeyArn", text}, {"Environment", {{"Variables", {{text, text}}}}}};
    require(validate(aws::lambda_model(), "CreateFunction", function).has_value());  // it has no Code
    (void)validate(aws::logs_model(), "CreateLogStream", {{"logGroupName", text}, {"logStreamName", text}});
    (void)validate(aws::sts_model(), "AssumeRole", {{"RoleArn", text}, {"RoleSessionName", text}});
    (void)validate(aws::iam_model(), "TagRole", {{"RoleName", text}, {"Tags", {{{"Key", text}, {"Value", text}}}}});
}

}  // namespace

std::vector<std::string> seeds() {
    return {std::string(64, 'f'),
            std::string(65, 'f'),
            std::string(140, 'f'),
            std::string(512, 'g'),
            std::string(513, 'g'),
            "arn:aws:iam::123456789012:role/" + std::string(33'000, 'r'),
            repeated(500, "repo/") + "x:tag"};
}

void run_target(std::string_view bytes) {
    const std::string text(bytes);
    check_function_name(bytes);
    check_image_names(bytes);
    check_web_names(bytes);
    if (bytes.find('\n') == std::string_view::npos) check_session_token(bytes);
    if (base::is_utf8(bytes)) check_constraints(text);
    (void)services::parse_queue_attributes({{"RedrivePolicy", text}, {"VisibilityTimeout", text}});
    if (const auto url = services::parse_queue_url({}, bytes)) require(url->name.find('/') == std::string::npos);
    if (const auto number = services::parse_version_number(bytes)) require(*number >= 0);
    (void)packing::find_python_handler(bytes);
    require_linear_time(bytes, [](std::string_view longer) { (void)packing::find_python_handler(longer); });
}
