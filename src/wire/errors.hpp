#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <osbot_aws/core/Error.hpp>

#include "wire/http.hpp"

namespace osbot_aws::wire {

/// What has no status is about this machine (base's FileError ...): to a client it is the service that failed.
Error answerable(const Error& error);

/// An Error as the answer of a service, one function per protocol of AWS. The request id goes into the
/// headers and, where the protocol has it, into the body.

/// Lambda: {"Type": "User", "Message": ...}, with `x-amzn-ErrorType`.
/// Source: https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html#operation-error-serialization
Response rest_json_error(const Error& error, std::string_view request_id);

/// S3: <Error> as the root. `details` are the elements some codes add: Key, BucketName, Resource ...
/// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
Response rest_xml_error(const Error& error, std::string_view request_id,
                        const std::vector<std::pair<std::string, std::string>>& details = {});

/// IAM, STS: <ErrorResponse> in the service's name space.
/// Source: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#operation-error-serialization
Response query_error(const Error& error, std::string_view request_id, std::string_view name_space);

/// Logs: {"__type": ..., "message": ...}.
/// Source: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html#operation-error-serialization
Response json11_error(const Error& error, std::string_view request_id);
/// The same for SQS, which speaks version 1.0.
Response json10_error(const Error& error, std::string_view request_id);

/// What an operation that we do not have answers, in any of the protocols: 501, and its name.
Error not_implemented(std::string_view service, std::string_view operation);

}  // namespace osbot_aws::wire
