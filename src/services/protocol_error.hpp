#pragma once

#include <string_view>

#include "aws/model.hpp"
#include "base/result.hpp"
#include "wire/http.hpp"
#include "wire/request_text.hpp"

namespace osbot_aws::services {

/// Converts an internal error of the engine, such as a full disk, to the error that the service has for it:
/// InternalError of S3 and SQS, ServiceFailure of IAM. The message ends with the cause. Returns other errors unchanged.
/// `service` is the service's name in a signature. An internal error is a ServiceException, as of the store, or has no
/// HTTP status.
Error error_of_service(std::string_view service, const Error& cause);

/// In place of the name of SQS: its Query protocol.
constexpr std::string_view sqs_query_format = "sqs-query";

/// Converts an error to a response in the protocol of a service, with error_of_service().
wire::Response protocol_error(std::string_view service, const Error& error);

/// Determines the protocol of a request of a service that the engine lacks from its content type.
aws::Protocol protocol_of(const wire::Request& head);
/// Converts an error to a response in that protocol.
wire::Response protocol_error(aws::Protocol protocol, const Error& error);

/// Returns the service's error for a request with text that is not UTF-8.
Error non_utf8_error(std::string_view service, wire::Request_Part part);

}  // namespace osbot_aws::services
