#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <osbot_aws/core/Error.hpp>

#include "wire/http.hpp"

namespace osbot_aws::wire {

/// Converts errors without an HTTP status, such as base's FileError, to a ServiceException with status 500.
Error with_http_status(const Error& error);

// Functions that return an Error as an HTTP response, one for each AWS protocol. The request id is added to the headers
// and, if the protocol defines it, to the body.

/// Lambda: {"Type": "User", "Message": ...}, with `x-amzn-ErrorType`.
/// Source: https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html#operation-error-serialization
Response rest_json_error(const Error& error, std::string_view request_id);

/// S3: the root is <Error>. `details` are additional elements of some codes: Key, BucketName, Resource ...
/// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
Response rest_xml_error(const Error& error, std::string_view request_id,
                        const std::vector<std::pair<std::string, std::string>>& details = {});

enum class Has_Detail { no, yes };
/// IAM, STS, SQS: <ErrorResponse> in the service's namespace. Errors of SQS have an empty element <Detail>.
/// Source: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#operation-error-serialization
Response query_error(const Error& error, std::string_view request_id, std::string_view xmlns,
                     Has_Detail has_detail = Has_Detail::no);

/// Logs: {"__type": ..., "message": ...}.
/// Source: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html#operation-error-serialization
Response json11_error(const Error& error, std::string_view request_id);
/// SQS: like json11_error(), in version 1.0 of the protocol.
Response json10_error(const Error& error, std::string_view request_id);

/// Returns the error for an unsupported operation: status 501, naming the operation.
Error not_implemented(std::string_view service, std::string_view operation);

}  // namespace osbot_aws::wire
