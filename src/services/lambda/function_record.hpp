#pragma once

#include <osbot_aws/core/Json.hpp>

#include "services/lambda/function.hpp"

namespace osbot_aws::store {
class Blobs;
}

namespace osbot_aws::services {

/// Converts a function to the JSON of the store. The account is not part of it, because the enclosing record has it.
Json function_json(const Function& function);
/// Converts the JSON of the store back to a function.
Function_Ptr parse_function(const Account& account, const Json& json, store::Blobs& blobs);

}  // namespace osbot_aws::services
