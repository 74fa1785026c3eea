#pragma once

#include <span>
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
    /// The values of an enumeration, or of the items of a list, in AWS's order.
    std::span<const char* const> values = {};
    bool rejects_null_items =
        false;              ///< of a list or map: the constraints of its items and keys end with "must not be null"
    bool is_first = false;  ///< AWS reports it before the other members
};

/// A shape whose constraints on AWS's servers differ from the published model, wherever it is used.
struct Shape_Exception {
    std::string_view service, shape;
    Rule rule = {};
    std::span<const char* const> values = {};  ///< of an enumeration, in AWS's order
    bool rejects_null_items = false;           ///< of a list: the constraints of its items end with "must not be null"
};

/// Returns the runtimes that a new function or layer of Lambda may have, in the order of AWS's messages.
std::span<const char* const> current_lambda_runtimes();

/// Returns false for a shape whose pattern the operations check, in words of their own.
bool checks_pattern(const Service& service, const Shape& shape);

/// Returns false for a service whose messages name the invalid member without its value.
bool shows_values(const Service& service);

/// Returns false for a service whose operations check the constraints in words of their own.
bool checks_constraints(const Service& service);

/// Returns the code of the error for an input that violates the constraints.
std::string_view code_of_violations(const Service& service, const Shape& input);

/// Returns true if a member of the structure is an exception.
bool has_exceptions(const Service& service, const Shape& structure);

/// Returns S3's message for a text that is not a value of the member's type.
std::string malformed_text(const Member& member, Type type);

/// Returns nullptr if the model is right.
const Exception* find_exception(const Service& service, const Shape& structure, const Member& member);
const Shape_Exception* find_exception(const Service& service, const Shape& shape);

}  // namespace osbot_aws::aws
