#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace osbot_aws::base {

/// A regular expression that is matched against UTF-8 texts, in a time proportional to the length of the text and
/// without recursion over it: std::regex overflows the stack, and backtracking takes exponential time.
///
/// Syntax of compile(): that of the patterns in AWS's models. Literals, `.`, classes, `\d \w \s \S`, `\p{L} \p{N}
/// \p{Z}`, `\xHH`,
/// `\uHHHH`, groups, `|`, `* + ?`, `{n} {n,} {n,m}`, and `^` and `$`, which hold at the start and the end of the text.
/// No lookaround and no references to groups. compile_search() also accepts what queries of logs use: `(?<name>x)`,
/// `(?P<name>x)`, `(?i)` at the start, `*? +? ?? {n}?`, `\D \W \b \B \n \r \t`.
class Regex {
public:
    static constexpr std::size_t states_max = 20'000;  ///< of the automaton: memory and time of each character
    static constexpr std::size_t depth_max = 50;       ///< nested groups
    static constexpr std::size_t parts_max = 200'000;  ///< with each repetition of a part: time of the compilation
    static constexpr std::size_t quantifiers_max = 3;  ///< of one item, as in a+?*
    static constexpr std::size_t groups_max = 100;     ///< captures of compile_search()
    static constexpr std::size_t search_max = 50'000;  ///< states times groups: what search() copies for a character

    /// Errors: InvalidPattern with the position, for invalid or unsupported syntax and above the limits.
    static Result<Regex> compile(std::string_view pattern);

    /// Returns true if the expression matches the whole text.
    bool matches(std::string_view text) const;

    /// Errors: as compile().
    static Result<Regex> compile_search(std::string_view pattern);
    /// A match: the whole of it, then the groups; those without a part in the match are null.
    using Groups = std::vector<std::string_view>;
    /// Returns the first match in the text: of those at the same place the one that a backtracking matcher finds first.
    std::optional<Groups> search(std::string_view text) const;
    /// The names of the groups, from the first; "" for one without a name.
    const std::vector<std::string>& group_names() const { return group_names_; }

private:
    using Range = std::pair<char32_t, char32_t>;
    struct Class {
        std::vector<Range> ranges;
        bool negated = false;
        bool contains(char32_t character) const;
    };
    enum class Kind : std::uint8_t { character_class, split, start, end, boundary, no_boundary, save, accepted };
    /// A state of the automaton, with the indexes of the states that follow.
    struct State {
        Kind kind;
        std::uint32_t next = 0;
        /// split: the second one, which has less priority; character_class: the index of the class; save: the index of
        /// the position
        std::uint32_t other = 0;
    };
    class Compiler;
    class Run;
    class Search;
    bool holds(Kind assertion, std::string_view text, std::size_t position) const;

    std::vector<State> states_;
    std::vector<Class> classes_;
    std::vector<std::string> group_names_;
    std::uint32_t first_ = 0;
};

}  // namespace osbot_aws::base
