#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/regex.hpp"
#include "base/result.hpp"
#include "services/logs/insights/insights_row.hpp"

namespace osbot_aws::services {

/// The error of a query that cannot be run: MalformedQueryException.
Error malformed_query(std::string message);

/// Reads the text of a query from left to right. White space and comments (# to the end of the line) are skipped.
class Insights_Scanner {
public:
    explicit Insights_Scanner(std::string_view text) : text_(text), rest_(text) {}

    bool at_end();
    char peek();                                             ///< the next character; '\0' at the end
    bool take(std::string_view mark);                        ///< consumes `mark` if it is next
    bool take_word(std::string_view word);                   ///< the same, regardless of case, for a whole word
    Result<std::string> name();                              ///< of a field: a.b, @message, `any text`
    Result<std::string> quoted();                            ///< 'text' or "text"
    Result<base::Regex> regex();                             ///< /pattern/
    std::string digits_and_letters();                        ///< of a number or a period: 5m, 1.5, 1e3
    Error unexpected();                                      ///< the error for the next text
    std::size_t position();                                  ///< of the next text
    std::string_view text_from(std::size_t position) const;  ///< the text from there to the next one

    bool enter();  ///< false if too many parentheses are open
    void leave() { --depth_; }
    bool count_operator();  ///< false after too many arithmetic operators: each one is a level of calls

private:
    void skip();
    std::string_view text_, rest_;
    int depth_ = 0, operators_ = 0;
};

/// Parses an expression: `status >= 500 and @message like /timeout/`. Errors: MalformedQueryException.
Result<Insights_Expression> parse_insights_expression(Insights_Scanner& scanner);
/// Parses the arguments of a function, after its opening parenthesis, and the closing one.
Result<std::vector<Insights_Expression>> parse_insights_arguments(Insights_Scanner& scanner);
/// Parses a period such as 5m in milliseconds.
Result<std::int64_t> parse_insights_period(Insights_Scanner& scanner);

/// Returns the call of a function. Errors: MalformedQueryException for an unknown name or a wrong number of arguments.
Result<Insights_Expression> insights_function(const std::string& name, std::vector<Insights_Expression> arguments);

}  // namespace osbot_aws::services
