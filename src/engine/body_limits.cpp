#include "engine/body_limits.hpp"

#include <fmt/format.h>

#include "aws/input.hpp"
#include "aws/models/models.hpp"
#include "aws/routes.hpp"
#include "base/random.hpp"
#include "services/iam/iam_api.hpp"
#include "services/lambda/api/api.hpp"
#include "services/lambda/api/invoke.hpp"
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
constexpr std::uint64_t xml_bytes_max = 2 << 20;  // 1000 keys of DeleteObjects, 10,000 parts of an upload

Error request_too_large(std::uint64_t bytes_max, std::string_view operation) {
    return {"RequestEntityTooLargeException",
            fmt::format("Request must be smaller than {} bytes for the {} operation", bytes_max, operation), 413};
}

/// Returns true if the document of the operation may have a zip.
bool takes_code(const aws::Operation& operation) {
    const aws::Service& model = aws::lambda_model();
    return operation.input != aws::no_index && aws::has_blob(model, model.shape(operation.input));
}

http::Body_Limit limit_of_lambda(const wire::Request& head) {
    const auto limit = [](std::uint64_t bytes_max, std::string_view operation) -> http::Body_Limit {
        return {bytes_max, wire::rest_json_error(request_too_large(bytes_max, operation), base::uuid4())};
    };
    if (services::Lambda_Api::is_invoke(head)) return limit(services::invoke_payload_bytes_max, "InvokeFunction");
    if (head.method == "GET") return limit(settings_bytes_max, "requested");  // has no body
    const aws::Operation* operation = aws::find_route(aws::lambda_model(), head).operation;
    if (operation == nullptr) return limit(settings_bytes_max, "requested");
    return limit(takes_code(*operation) ? code_request_bytes_max : settings_bytes_max, operation->name);
}

}  // namespace

http::Body_Limit body_limit_of(std::string_view service, const wire::Request& head) {
    const std::string request_id = base::uuid4();
    const auto too_large = [](std::string code, std::uint64_t bytes_max, int status) {
        return Error{std::move(code), fmt::format("Request must be smaller than {} bytes", bytes_max), status};
    };
    if (service == "lambda") return limit_of_lambda(head);
    if (service == "iam" || service == "sts")
        return {form_bytes_max,
                wire::query_error(too_large("RequestEntityTooLarge", form_bytes_max, 413), request_id,
                                  service == "iam" ? aws::iam_model().xml_namespace : aws::sts_model().xml_namespace)};
    if (service == "sqs")
        return {json_batch_bytes_max,
                wire::json10_error(too_large("RequestEntityTooLarge", json_batch_bytes_max, 413), request_id)};
    if (service == "logs")
        return {json_batch_bytes_max,
                wire::json11_error(too_large("InvalidParameterException", json_batch_bytes_max, 400), request_id)};
    // Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
    if (service == "s3")
        return {xml_bytes_max,
                wire::rest_xml_error({"MaxMessageLengthExceeded", "Your request was too large.", 400}, request_id)};
    const std::uint64_t bytes_max = service.empty() ? settings_bytes_max : forwarded_bytes_max;
    return {bytes_max,
            services::protocol_error(services::protocol_of(head), too_large("RequestEntityTooLarge", bytes_max, 413))};
}

http::Body_Limit body_limit_of_function_url() {
    wire::Response rejection{.status = 413, .headers = {{"Content-Type", "application/json"}}, .body = {}};
    rejection.body.bytes = R"({"Message":"Request Entity Too Large"})";
    return {services::invoke_payload_bytes_max, std::move(rejection)};
}

}  // namespace osbot_aws::engine
