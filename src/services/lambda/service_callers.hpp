#pragma once

#include <string>
#include <string_view>

#include "services/lambda/function_record.hpp"

namespace osbot_aws::services {

/// A service that invokes a function for a resource.
struct Service_Caller {
    std::string_view service;     ///< logs: its principals are logs.amazonaws.com and logs.us-east-1.amazonaws.com
    std::string_view source_arn;  ///< of the resource
    Account source;               ///< of the resource
};
/// Returns true if the policy of the qualifier allows the service to invoke the function for the resource.
bool allows_service(const Function_Record& record, const std::string& qualifier, const Service_Caller& caller);

}  // namespace osbot_aws::services
