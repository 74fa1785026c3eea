#pragma once

#include <stdexcept>
#include <string>

namespace osbot_aws::runtime {

/// The error of an invocation as Lambda reports it.
struct Failure {
    std::string type;     ///< of the exception, e.g. std::out_of_range; or a name that Lambda defines
    std::string message;  ///< what(), followed by the types and texts of nested exceptions
};

/// An exception that is reported with a name that Lambda defines, instead of its C++ type.
class Lambda_Error : public std::runtime_error {
public:
    Lambda_Error(std::string type, const std::string& message) : std::runtime_error(message), type_(std::move(type)) {}
    const std::string& type() const noexcept { return type_; }

private:
    std::string type_;
};

/// Describes the exception that is being handled, in a catch block. It may be an object of any type.
Failure current_failure();

}  // namespace osbot_aws::runtime
