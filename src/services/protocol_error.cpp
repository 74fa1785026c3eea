#include "services/protocol_error.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "aws/models/models.hpp"
#include "aws/output.hpp"
#include "aws/sqs_query_model.hpp"
#include "base/random.hpp"
#include "wire/errors.hpp"
#include "wire/request_text.hpp"

namespace osbot_aws::services {
namespace {

struct Internal_Error {
    std::string_view service, code, message;
};
// Sources: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList,
// botocore iam/2010-05-08/service-2.json (ServiceFailureException),
// https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html,
// botocore logs/2014-03-28/service-2.json (ServiceUnavailableException). The error of SQS is documented only as the
// common InternalFailure; https://github.com/celery/celery/issues/4988 has recorded this one.
constexpr Internal_Error internal_errors[] = {
    {"s3", "InternalError", "We encountered an internal error. Please try again."},
    {"sqs", "InternalError", "We encountered an internal error. Please try again."},
    {"iam", "ServiceFailure", "The request processing has failed because of an unknown error, exception or failure."},
    {"sts", "InternalFailure", "The request processing has failed because of an unknown error, exception or failure."},
    {"logs", "ServiceUnavailableException", "The service cannot complete the request."}};

}  // namespace

Error error_of_service(std::string_view service, const Error& cause) {
    if (cause.http_status != 0 && cause.code != "ServiceException") return cause;
    const auto* const own = std::ranges::find(internal_errors, service, &Internal_Error::service);
    if (own == std::end(internal_errors)) return wire::with_http_status(cause);
    return {std::string(own->code), fmt::format("{} {}", own->message, cause.message), 500};
}

wire::Response protocol_error(std::string_view service, const Error& cause) {
    const std::string id = base::uuid4();
    if (service == sqs_query_format)
        return aws::write_error(aws::sqs_query_model(), error_of_service("sqs", cause), id);
    const Error error = error_of_service(service, cause);
    for (const aws::Service* model :
         {&aws::iam_model(), &aws::logs_model(), &aws::s3_model(), &aws::sqs_model(), &aws::sts_model()})
        if (service == model->name) return aws::write_error(*model, error, id);
    return wire::rest_json_error(error, id);
}

aws::Protocol protocol_of(const wire::Request& head) {
    const std::string_view type = head.headers["Content-Type"];
    if (type.starts_with("application/x-amz-json-1.0")) return aws::Protocol::json10;
    if (type.starts_with("application/x-amz-json-1.1")) return aws::Protocol::json11;
    if (wire::has_form_type(head)) return aws::Protocol::query;
    return aws::Protocol::rest_json;
}

wire::Response protocol_error(aws::Protocol protocol, const Error& error) {
    const std::string id = base::uuid4();
    if (protocol == aws::Protocol::json10) return wire::json10_error(error, id);
    if (protocol == aws::Protocol::json11) return wire::json11_error(error, id);
    if (protocol == aws::Protocol::rest_json) return wire::rest_json_error(error, id);
    return wire::query_error(error, id, "https://aws.amazon.com/");  // SDKs ignore the namespace
}

// AWS documents no error for such text, except S3's for the path of an object, which is reported in
// https://github.com/larrabee/s3sync/issues/45. The other codes are those of the same documentation for text that the
// service cannot parse:
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList (InvalidURI, InvalidArgument)
// https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html (MalformedQueryString)
Error non_utf8_error(std::string_view service, wire::Request_Part part) {
    if (service == "s3" && part == wire::Request_Part::target)
        return {"InvalidURI", "Couldn't parse the specified URI.", 400};
    if (service == "s3") return {"InvalidArgument", "The value of a header is not valid UTF-8", 400};
    if (service == "iam" || service == "sts")
        return {"MalformedQueryString", "The query string contains a syntax error.", 404};
    return {"SerializationException", "The text of the request is not valid UTF-8", 400};
}

}  // namespace osbot_aws::services
