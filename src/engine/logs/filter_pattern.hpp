#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace osbot_aws::engine {

/// Which log messages are wanted: `ERROR timeout` (all of them), `?ERROR ?WARN` (any), `-debug` (not), `"two words"`.
/// Case matters. An empty pattern matches everything.
/// Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
class Filter_Pattern {
public:
    /// Errors: InvalidParameterException (a quote that does not end); NotImplemented for {JSON}, [column] and %regex%
    /// patterns.
    static Result<Filter_Pattern> parse(std::string_view text);
    bool matches(std::string_view message) const;

private:
    std::vector<std::string> all_, any_, none_;
};

}  // namespace osbot_aws::engine
