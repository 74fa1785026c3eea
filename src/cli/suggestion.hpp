#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace osbot_aws::cli {

/// How many letters must be inserted, deleted, changed or swapped with their neighbour to make one word of the other.
std::size_t edit_distance(std::string_view one, std::string_view other);

/// The one of `known` that was probably meant: the nearest within a third of the word's letters. Empty: none is near.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& known);

/// "there is no option --stge; did you mean --stage?"
std::string no_such(std::string_view kind, std::string_view word, const std::vector<std::string>& known);

}  // namespace osbot_aws::cli
