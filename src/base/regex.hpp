#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace osbot_aws::base {

/// A regular expression that is matched against whole UTF-8 texts, in a time proportional to the length of the text and
/// without recursion over it: std::regex overflows the stack, and backtracking takes exponential time.
///
/// Syntax: that of the patterns in AWS's models. Literals, `.`, classes, `\d \w \s \S`, `\p{L} \p{N} \p{Z}`, `\xHH`,
/// `\uHHHH`, groups, `|`, `* + ?`, `{n} {n,} {n,m}`, and `^` and `$`, which hold at the start and the end of the text.
/// No lookaround and no references to groups.
class Regex {
public:
    static constexpr std::size_t states_max = 20'000;  ///< of the automaton: memory and time of each character
    static constexpr std::size_t depth_max = 50;       ///< nested groups

    /// Errors: InvalidPattern with the position, for invalid or unsupported syntax and above the limits.
    static Result<Regex> compile(std::string_view pattern);

    /// Returns true if the expression matches the whole text.
    bool matches(std::string_view text) const;

private:
    using Range = std::pair<char32_t, char32_t>;
    struct Class {
        std::vector<Range> ranges;
        bool negated = false;
        bool contains(char32_t character) const;
    };
    enum class Kind : std::uint8_t { character_class, split, start, end, accepted };
    /// A state of the automaton, with the indexes of the states that follow.
    struct State {
        Kind kind;
        std::uint32_t next = 0;
        std::uint32_t other = 0;  ///< split: the second one; character_class: the index of the class
    };
    class Compiler;
    class Run;

    std::vector<State> states_;
    std::vector<Class> classes_;
    std::uint32_t first_ = 0;
};

}  // namespace osbot_aws::base
