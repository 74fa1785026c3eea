#pragma once

#include <string>

#include "wire/http.hpp"

namespace osbot_aws {

/// Compares a successful response with AWS's model of the operation: the status, and the names and types of the members
/// in the body. Returns a description of the first difference; empty if there is none. `service`: "lambda", "s3" ...
std::string difference_from_model(const std::string& service, const wire::Request& request,
                                  const wire::Response& response);

}  // namespace osbot_aws
