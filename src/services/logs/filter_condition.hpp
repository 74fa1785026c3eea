#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <osbot_aws/core/Json.hpp>

#include "base/result.hpp"
#include "services/logs/filter_regex.hpp"

namespace osbot_aws::services {

/// Reads a filter pattern from left to right. All errors are InvalidParameterExceptions with AWS's messages.
class Filter_Scanner {
public:
    explicit Filter_Scanner(std::string_view text) : rest_(text) {}

    // These four skip white space first.
    bool at_end();
    bool take(std::string_view mark);       ///< consumes `mark` if it is next
    bool take_word(std::string_view word);  ///< as take(), unless more characters of a word follow
    std::string_view rest() const { return rest_; }
    char peek();  ///< returns the next character; '\0' at the end
    std::string take_while(bool (*belongs)(char));
    Result<std::string> quoted();  ///< reads "text", in which \" and \\ are escapes
    Result<Filter_Regex> regex();  ///< reads %text%
    Error unexpected_character();  ///< the error for the next character
    bool open();                   ///< consumes a '(', unless too many are open
    bool close();

private:
    void skip_spaces();
    std::string_view rest_;
    int regexes_ = 0, open_ = 0;
};

/// The right-hand side of a comparison: `ERROR`, `"two words"`, `4*`, `1.5`, `%re%`.
class Filter_Operand {
public:
    static Result<Filter_Operand> parse(Filter_Scanner& scanner);
    bool equals(std::string_view text) const;  ///< `*` matches any text
    const std::optional<double>& number() const { return number_; }

private:
    std::string text_;
    std::optional<double> number_;
    std::optional<Filter_Regex> regex_;
};

enum class Filter_Operator { equal, not_equal, less, less_or_equal, greater, greater_or_equal };

/// A condition on a JSON message (`$.a.b[0] > 5`) or on a column (`bytes > 5`).
struct Filter_Condition {
    enum class Kind { comparison, is_true, is_false, is_null, not_exists };
    using Step = std::variant<std::string, std::size_t>;

    std::vector<Step> path;  ///< from the root of a JSON message; empty for a column
    std::string path_text;   ///< as in the pattern: $.a.b[0]
    Kind kind = Kind::comparison;
    Filter_Operator compare = Filter_Operator::equal;
    Filter_Operand operand;

    bool holds(const Json& message) const;
    bool holds(std::string_view column) const;
    /// The value at the path in a JSON message; nullopt if it has none.
    std::optional<std::string> value_in(const Json& message) const;
};

/// Conditions combined with &&, || and parentheses. && binds more tightly than ||.
class Filter_Expression {
public:
    using Parse_Condition = Result<Filter_Condition> (*)(Filter_Scanner&);
    static Result<Filter_Expression> parse(Filter_Scanner& scanner, Parse_Condition condition);

    template <class Subject>
    bool holds(const Subject& subject) const {
        if (condition_) return condition_->holds(subject);
        const auto part_holds = [&](const Filter_Expression& part) { return part.holds(subject); };
        return all_ ? std::all_of(parts_.begin(), parts_.end(), part_holds)
                    : std::any_of(parts_.begin(), parts_.end(), part_holds);
    }

    template <class Visit>
    void for_each(Visit visit) const {
        if (condition_) visit(*condition_);
        for (const Filter_Expression& part : parts_) part.for_each(visit);
    }

private:
    static Result<Filter_Expression> parse_part(Filter_Scanner& scanner, Parse_Condition condition);
    static Result<Filter_Expression> parse_chain(Filter_Scanner& scanner, Parse_Condition condition, bool all);

    std::optional<Filter_Condition> condition_;
    std::vector<Filter_Expression> parts_;
    bool all_ = true;
};

/// Parses a condition on a JSON message.
Result<Filter_Condition> parse_json_condition(Filter_Scanner& scanner);
/// Parses a condition on a column. The column's name is ignored: its position identifies it.
Result<Filter_Condition> parse_column_condition(Filter_Scanner& scanner);

bool is_filter_word_character(char c);  ///< true for the characters of an unquoted term

}  // namespace osbot_aws::services
