#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <osbot_aws/core/Json.hpp>

#include "base/result.hpp"

namespace osbot_aws::engine {

/// Which records of an event source a function wants: a record that fits one of the patterns is delivered.
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
class Event_Filter {
public:
    Event_Filter() = default;  ///< everything fits
    /// Errors: InvalidParameterValueException when one is no pattern.
    static Result<Event_Filter> parse(const std::vector<std::string>& patterns);

    bool empty() const { return patterns_.empty(); }
    /// A message of a queue, whose body is looked into when it and the pattern are JSON.
    bool fits_message(std::string_view body) const;

private:
    std::vector<Json> patterns_;
};

/// Whether an event has all that the pattern names: objects by their members, arrays as lists of what is allowed.
bool fits_pattern(const Json& pattern, const Json& event);
/// What keeps it from being a pattern; nothing: it is one.
std::optional<std::string> pattern_fault(const Json& pattern);

}  // namespace osbot_aws::engine
