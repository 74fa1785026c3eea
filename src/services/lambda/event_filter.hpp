#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <osbot_aws/core/Json.hpp>

#include "base/result.hpp"

namespace osbot_aws::services {

/// Selects the records of an event source: a record that matches one of the patterns is delivered.
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
class Event_Filter {
public:
    Event_Filter() = default;  ///< matches everything
    /// Errors: InvalidParameterValueException if one of them is not a valid pattern.
    static Result<Event_Filter> parse(const std::vector<std::string>& patterns);

    bool empty() const { return patterns_.empty(); }
    /// Returns true if a message of a queue matches. The body is compared as JSON if both it and the pattern are JSON.
    bool matches_message(std::string_view body) const;

private:
    std::vector<Json> patterns_;
};

/// Returns true if the event matches the pattern. An object in the pattern is matched member by member; an array lists
/// the allowed values.
bool matches_pattern(const Json& pattern, const Json& event);
/// Returns the reason why the pattern is invalid, or nothing if it is valid.
std::optional<std::string> pattern_fault(const Json& pattern);

}  // namespace osbot_aws::services
