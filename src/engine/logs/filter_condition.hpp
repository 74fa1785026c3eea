#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <osbot_aws/core/Json.hpp>

#include "base/result.hpp"
#include "engine/logs/filter_regex.hpp"

namespace osbot_aws::engine {

/// Reads a filter pattern from left to right. Everything it refuses is an InvalidParameterException in AWS's words.
class Filter_Scanner {
public:
    explicit Filter_Scanner(std::string_view text) : rest_(text) {}

    bool at_end();                          ///< past white space
    bool take(std::string_view mark);       ///< past white space, when `mark` is next
    bool take_word(std::string_view word);  ///< as take(), when no name goes on after it
    char peek();                            ///< past white space; '\0' at the end
    std::string take_while(bool (*belongs)(char));
    Result<std::string> quoted();  ///< of "text", with \" and \\ inside
    Result<Filter_Regex> regex();  ///< of %text%
    Error refuse();                ///< names the character that is next
    bool open();                   ///< takes a '(', unless too many are open
    bool close();

private:
    void skip_spaces();
    std::string_view rest_;
    int regexes_ = 0, open_ = 0;
};

/// What a value is compared with: `ERROR`, `"two words"`, `4*`, `1.5`, `%re%`.
class Filter_Operand {
public:
    static Result<Filter_Operand> parse(Filter_Scanner& scanner);
    bool equals(std::string_view text) const;  ///< `*` stands for anything
    const std::optional<double>& number() const { return number_; }

private:
    std::string text_;
    std::optional<double> number_;
    std::optional<Filter_Regex> regex_;
};

enum class Filter_Operator { equal, not_equal, less, less_or_equal, greater, greater_or_equal };

/// `$.a.b[0] > 5` of a JSON message, or `bytes > 5` of a column.
struct Filter_Condition {
    enum class Kind { comparison, is_true, is_false, is_null, not_exists };
    using Step = std::variant<std::string, std::size_t>;

    std::vector<Step> path;  ///< from the root of a JSON message; of a column nothing
    Kind kind = Kind::comparison;
    Filter_Operator compare = Filter_Operator::equal;
    Filter_Operand operand;

    bool holds(const Json& message) const;
    bool holds(std::string_view column) const;
};

/// Conditions with && and ||, of which && binds more tightly, and parentheses.
class Filter_Expression {
public:
    using Parse_Condition = Result<Filter_Condition> (*)(Filter_Scanner&);
    static Result<Filter_Expression> parse(Filter_Scanner& scanner, Parse_Condition condition);

    template <class Subject>
    bool holds(const Subject& subject) const {
        if (condition_) return condition_->holds(subject);
        const auto one = [&](const Filter_Expression& part) { return part.holds(subject); };
        return all_ ? std::all_of(parts_.begin(), parts_.end(), one) : std::any_of(parts_.begin(), parts_.end(), one);
    }

private:
    static Result<Filter_Expression> parse_part(Filter_Scanner& scanner, Parse_Condition condition);
    static Result<Filter_Expression> parse_chain(Filter_Scanner& scanner, Parse_Condition condition, bool all);

    std::optional<Filter_Condition> condition_;
    std::vector<Filter_Expression> parts_;
    bool all_ = true;
};

/// The condition of a JSON pattern.
Result<Filter_Condition> parse_json_condition(Filter_Scanner& scanner);
/// Of a column, whose name says nothing but where it is.
Result<Filter_Condition> parse_column_condition(Filter_Scanner& scanner);

bool is_filter_word_character(char c);  ///< of a term that needs no quotes

}  // namespace osbot_aws::engine
