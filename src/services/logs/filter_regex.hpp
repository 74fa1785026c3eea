#pragma once

#include <memory>
#include <string_view>

#include "base/result.hpp"

namespace osbot_aws::services {

/// A regular expression between two % of a filter pattern: letters, digits, `_#=@/;,:-` and space, the operators
/// `^$?[]{}|*+.` and `\`, without groups. glibc's automaton matches it, so no message causes recursion or backtracking.
/// Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
class Filter_Regex {
public:
    /// Errors: InvalidParameterException.
    static Result<Filter_Regex> parse(std::string_view text);
    bool found_in(std::string_view message) const;

private:
    std::shared_ptr<void> compiled_;  ///< a regex_t, which cannot be copied
};

}  // namespace osbot_aws::services
