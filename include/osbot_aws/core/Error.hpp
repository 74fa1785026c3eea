#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace osbot_aws {

/// An error of AWS, of the local engine or of this library.
struct Error {
    std::string code;       ///< AWS's code, e.g. `ResourceNotFoundException`, or our own
    std::string message;    ///< human-readable: names the resource, the limit and the fix
    int http_status = 400;  ///< status of the HTTP response; 0 if none was received
};

/// The exception of all methods that do not return errors as values. Use code() to handle specific errors. AWS
/// documents the codes of each operation. Connection and credential errors have the names of botocore, AWS's Python
/// client: EndpointConnectionError, ReadTimeoutError, NoCredentialsError. All other codes are documented at each
/// method. Source: https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html
class Aws_Exception : public std::runtime_error {
public:
    /// what() returns "CODE: message".
    explicit Aws_Exception(Error error)
        : std::runtime_error(error.code + ": " + error.message), error_(std::move(error)) {}

    const Error& error() const noexcept { return error_; }            ///< code, message and HTTP status
    const std::string& code() const noexcept { return error_.code; }  ///< the same as error().code

private:
    Error error_;
};

}  // namespace osbot_aws
