#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace osbot_aws {

/// What went wrong, in AWS's words.
struct Error {
    std::string code;       ///< AWS's own, e.g. `ResourceNotFoundException`; ours only where AWS has none
    std::string message;    ///< one sentence for a person: it names the thing, the limit and the way out
    int http_status = 400;  ///< the status the service answered, or would have answered; 0: there is none
};

/// Thrown where a call has no error value of its own to give back, and by Result::value(). To go on after one, look at
/// code(): AWS's documentation of an operation lists those that it answers. Of those that are not AWS's, the ones of
/// connections and credentials have botocore's names (EndpointConnectionError, ReadTimeoutError, NoCredentialsError).
/// Source: https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html
class Aws_Exception : public std::runtime_error {
public:
    /// Its what() is code and message.
    explicit Aws_Exception(Error error)
        : std::runtime_error(error.code + ": " + error.message), error_(std::move(error)) {}

    const Error& error() const noexcept { return error_; }            ///< what went wrong
    const std::string& code() const noexcept { return error_.code; }  ///< AWS's code

private:
    Error error_;
};

}  // namespace osbot_aws
