#pragma once

#include <optional>

#include <osbot_aws/core/Json.hpp>

#include "aws/model.hpp"
#include "base/result.hpp"

namespace osbot_aws::aws {

/// Checks the constraints of the model: required members, ranges, lengths, patterns and enumerations. Returns one error
/// with all violations in AWS's words, or nothing:
///     2 validation errors detected: Value '0' at 'memorySize' failed to satisfy constraint: Member must have value
///     greater than or equal to 128; Value null at 'role' failed to satisfy constraint: Member must not be null
/// Where AWS's servers differ from the model, the rules are those of exceptions.hpp.
std::optional<Error> validate(const Service& service, const Operation& operation, const Json& input);

}  // namespace osbot_aws::aws
