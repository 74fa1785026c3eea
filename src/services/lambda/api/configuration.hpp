#pragma once

#include <osbot_aws/core/Json.hpp>

#include <optional>
#include <string_view>

#include "aws/fields.hpp"
#include "services/lambda/functions.hpp"

namespace osbot_aws::services {

// Converts between the model's members and the engine's settings of a function.

/// Rejects PublishTo, which only functions with a capacity provider have. Errors: InvalidParameterValueException.
std::optional<Error> check_publish_to(const aws::Fields& input);
/// Returns the params without their code.
services::Create_Function create_function_params(const aws::Fields& input);
services::Update_Function_Code update_function_code_params(const aws::Fields& input);
services::Update_Function_Configuration update_function_configuration_params(const aws::Fields& input);

/// Returns a FunctionConfiguration. `qualifier` is that of the request and is used for the ARN. Lists omit the states,
/// as on AWS.
Json configuration_json(const services::Function& function, std::string_view qualifier = {}, bool in_list = false);
/// The same for the result of an operation.
Result<Json> configuration_result(const Result<services::Function_Ptr>& function, std::string_view qualifier = {});

}  // namespace osbot_aws::services
