#pragma once

#include <osbot_aws/core/Json.hpp>

#include "engine/lambda/function.hpp"

namespace osbot_aws::store {
class Blobs;
}

namespace osbot_aws::engine {

/// As the store keeps it, without the account, which the record around it has.
Json function_json(const Function& function);
Function_Ptr parse_function(const Account& account, const Json& json, store::Blobs& blobs);

}  // namespace osbot_aws::engine
