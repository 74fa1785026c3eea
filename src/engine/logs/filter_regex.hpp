#pragma once

#include <memory>
#include <string_view>

#include "base/result.hpp"

namespace osbot_aws::engine {

/// What stands between the % of a filter pattern: letters, digits, `_#=@/;,:-` and space, the operators `^$?[]{}|*+.`
/// and `\`, no groups. It runs on glibc's automaton, so no message makes it recurse or go back and forth.
/// Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
class Filter_Regex {
public:
    /// Errors: InvalidParameterException.
    static Result<Filter_Regex> parse(std::string_view text);
    bool found_in(std::string_view message) const;

private:
    std::shared_ptr<void> compiled_;  ///< a regex_t, which can't be copied
};

}  // namespace osbot_aws::engine
