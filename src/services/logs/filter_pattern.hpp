#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "services/logs/filter_condition.hpp"

namespace osbot_aws::services {

/// Selects log messages. Patterns are case-sensitive. An empty pattern matches everything.
///
///     ERROR timeout                         all terms
///     ?ERROR ?WARN                          any of the terms; ignored if there are other terms, as on AWS
///     ERROR -Exiting "two words"            ERROR and the phrase, but not Exiting
///     %AUTH[A-Z]+%                          a regular expression
///     { $.level = "ERROR" && $.ms > 100 }   conditions on JSON messages
///     [ip, ..., status = 4*, bytes > 1000]  conditions on space-separated columns
///
/// Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
class Filter_Pattern {
public:
    /// Errors: InvalidParameterException, with AWS's message.
    static Result<Filter_Pattern> parse(std::string_view text);
    bool matches(std::string_view message) const;
    /// Returns false for a pattern of terms, which does not take a message apart.
    bool has_fields() const { return json_ || columns_; }
    /// The parts of a message that matches, by name: the columns of a pattern of columns, which without a name have
    /// their number. Empty for other patterns.
    std::map<std::string, std::string> columns(std::string_view message) const;
    /// The same with AWS's names for TestMetricFilter: $ip, $1; for JSON messages the values that the conditions name:
    /// $.level
    std::map<std::string, std::string> extracted(std::string_view message) const;

private:
    struct Term {
        std::string text;
        std::optional<Filter_Regex> regex;
        bool is_in(std::string_view message) const;
    };
    struct Column {
        std::string name;  ///< may be empty
        std::optional<Filter_Expression> condition;
    };
    struct Columns {
        std::vector<Column> before, after;
        bool has_ellipsis = false;  ///< the pattern contains `...`
        bool match(std::string_view message) const;
        std::string name_of(std::size_t index, std::size_t count) const;
    };

    static Result<Filter_Pattern> parse_terms(Filter_Scanner scanner);
    static Result<Filter_Pattern> parse_json(Filter_Scanner scanner);
    static Result<Filter_Pattern> parse_columns(Filter_Scanner scanner);
    static Result<Term> parse_term(Filter_Scanner& scanner);
    static Result<Column> parse_column(Filter_Scanner& scanner);

    std::vector<Term> all_, any_, none_;
    std::optional<Filter_Expression> json_;
    std::optional<Columns> columns_;
};

}  // namespace osbot_aws::services
