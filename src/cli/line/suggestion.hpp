#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace osbot_aws::cli {

/// Returns the number of insertions, deletions, substitutions and swaps of adjacent characters that turn one word
/// into the other.
std::size_t edit_distance(std::string_view one, std::string_view other);

/// Returns the word of `known` with the smallest edit distance to `word`. Empty if that distance exceeds a third of the
/// word's length (at least 1).
std::string did_you_mean(std::string_view word, const std::vector<std::string>& known);

/// Returns an error message with a suggestion: "unknown option '--stge'; did you mean '--stage'?" `place` is empty or
/// follows the word: "unknown key 'memroy' in functions.hello; did you mean 'memory'?"
std::string unknown_name(std::string_view kind, std::string_view word, const std::vector<std::string>& known,
                         std::string_view place = "");

}  // namespace osbot_aws::cli
