#include "engine/body_limits.hpp"

#include <fmt/format.h>

#include "aws/input.hpp"
#include "aws/models/models.hpp"
#include "base/random.hpp"
#include "services/lambda/api/invoke.hpp"
#include "services/lambda/api/url_requests.hpp"
#include "services/protocol_error.hpp"
#include "wire/errors.hpp"

namespace osbot_aws::engine {
namespace {

// A zip of 50 MB in base64, and 256 KB for the other members. Source: https://github.com/localstack/docs/pull/933
constexpr std::uint64_t code_request_bytes_max = 70'167'211;
// The engine's own limits. AWS documents the sizes of messages and of log batches (1 MB each), not of their JSON,
// which is larger where it escapes characters. Keys, policies and tags are far below the others.
constexpr std::uint64_t json_batch_bytes_max = 4 << 20;
constexpr std::uint64_t settings_bytes_max = 1 << 20;
constexpr std::uint64_t forwarded_bytes_max = 16 << 20;  // BatchWriteItem of DynamoDB, the largest of common services
constexpr std::uint64_t form_bytes_max = 512 << 10;
constexpr std::uint64_t xml_bytes_max = 2 << 20;           // 1000 keys of DeleteObjects, 10,000 parts of an upload
constexpr std::uint64_t upload_form_bytes_max = 64 << 20;  // of a page (POST Object), which is read into memory

Error request_too_large(std::uint64_t bytes_max, std::string_view operation) {
    return {"RequestEntityTooLargeException",
            fmt::format("Request must be smaller than {} bytes for the {} operation", bytes_max, operation), 413};
}

/// Returns true if the document of the operation may have a zip.
bool takes_code(const aws::Operation& operation) {
    const aws::Service& model = aws::lambda_model();
    return operation.input != aws::no_index && aws::has_blob(model, model.shape(operation.input));
}

http::Body_Limit limit_of_lambda(const aws::Operation* operation) {
    const auto limit = [](std::uint64_t bytes_max, std::string_view name) -> http::Body_Limit {
        return {bytes_max, wire::rest_json_error(request_too_large(bytes_max, name), base::uuid4())};
    };
    if (operation == nullptr) return limit(settings_bytes_max, "requested");
    if (std::string_view(operation->name).starts_with("InvokeWith") || operation->name == std::string_view("Invoke"))
        return limit(services::invoke_payload_bytes_max, "InvokeFunction");
    return limit(takes_code(*operation) ? code_request_bytes_max : settings_bytes_max, operation->name);
}

std::uint64_t bytes_max_of(const Request_Route& route) {
    if (route.service.empty()) return settings_bytes_max;
    if (route.model == nullptr) return forwarded_bytes_max;
    // A form of SQS may have messages of 1 MB, in which each byte of text that is not ASCII takes three.
    const bool is_small_form = route.protocol == aws::Protocol::query && route.service != "sqs";
    return is_small_form ? form_bytes_max : json_batch_bytes_max;
}

}  // namespace

http::Body_Limit body_limit_of(const Request_Route& route) {
    if (route.to == Request_Route::To::function_url)
        return {services::invoke_payload_bytes_max, services::url_request_too_large()};
    if (route.service == "lambda") return limit_of_lambda(route.route.operation);
    // Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
    if (route.service == "s3")
        return {route.is_upload_form ? upload_form_bytes_max : xml_bytes_max,
                services::protocol_error("s3", {"MaxMessageLengthExceeded", "Your request was too large.", 400})};
    const std::uint64_t bytes_max = bytes_max_of(route);
    Error error{"RequestEntityTooLarge", fmt::format("Request must be smaller than {} bytes", bytes_max), 413};
    if (route.service == "logs") error.code = "InvalidParameterException", error.http_status = 400;
    const bool is_query = route.model != nullptr && route.protocol == aws::Protocol::query;
    return {bytes_max, is_query ? services::protocol_error(route.error_format(), error)
                                : services::protocol_error(route.protocol, error)};
}

}  // namespace osbot_aws::engine
