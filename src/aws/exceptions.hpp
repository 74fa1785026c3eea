#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "aws/model.hpp"

namespace osbot_aws::aws {

/// A member whose constraints on AWS's servers differ from the published model.
struct Exception {
    std::string_view service, structure, member;
    bool is_required = false;
    /// The constraints instead of those of the model; empty: the operation checks the value in its own words.
    Rule rule = {};
    std::initializer_list<const char*> values = {};  ///< of an enumeration, in AWS's order
};

/// Returns false for a service whose operations check the patterns, in words of their own.
bool checks_patterns(const Service& service);

/// Returns false for a service whose operations check the constraints in words of their own.
bool checks_constraints(const Service& service);

/// Returns S3's message for a text that is not a value of the member's type.
std::string malformed_text(const Member& member, Type type);

/// Returns nullptr if the model is right.
const Exception* find_exception(const Service& service, const Shape& structure, const Member& member);

}  // namespace osbot_aws::aws
