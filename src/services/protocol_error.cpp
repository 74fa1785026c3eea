#include "services/protocol_error.hpp"

#include "aws/models/models.hpp"
#include "base/random.hpp"
#include "wire/errors.hpp"

namespace osbot_aws::services {

wire::Response protocol_error(std::string_view service, const Error& error) {
    const std::string id = base::uuid4();
    if (service == "s3") return wire::rest_xml_error(error, id);
    if (service == "iam") return wire::query_error(error, id, aws::iam_model().xml_namespace);
    if (service == "sts") return wire::query_error(error, id, aws::sts_model().xml_namespace);
    if (service == "logs") return wire::json11_error(error, id);
    if (service == "sqs") return wire::json10_error(error, id);
    return wire::rest_json_error(error, id);
}

Protocol protocol_of(const wire::Request& head) {
    const std::string_view type = head.headers["Content-Type"];
    if (type.starts_with("application/x-amz-json-1.0")) return Protocol::json10;
    if (type.starts_with("application/x-amz-json-1.1")) return Protocol::json11;
    if (type.starts_with("application/x-www-form-urlencoded")) return Protocol::query;
    return Protocol::rest_json;
}

wire::Response protocol_error(Protocol protocol, const Error& error) {
    const std::string id = base::uuid4();
    if (protocol == Protocol::json10) return wire::json10_error(error, id);
    if (protocol == Protocol::json11) return wire::json11_error(error, id);
    if (protocol == Protocol::rest_json) return wire::rest_json_error(error, id);
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
