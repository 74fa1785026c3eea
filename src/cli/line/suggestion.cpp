#include "cli/line/suggestion.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace osbot_aws::cli {

// Optimal string alignment, with three rows of the matrix in memory:
// https://en.wikipedia.org/wiki/Damerau%E2%80%93Levenshtein_distance#Optimal_string_alignment_distance
std::size_t edit_distance(std::string_view one, std::string_view other) {
    std::vector<std::size_t> before_last(other.size() + 1), last(other.size() + 1), row(other.size() + 1);
    for (std::size_t j = 0; j <= other.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= one.size(); ++i) {
        before_last.swap(last);
        last.swap(row);
        row[0] = i;
        for (std::size_t j = 1; j <= other.size(); ++j) {
            const std::size_t changed = last[j - 1] + (one[i - 1] == other[j - 1] ? 0 : 1);
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, changed});
            if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1])
                row[j] = std::min(row[j], before_last[j - 2] + 1);
        }
    }
    return row[other.size()];
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& known) {
    std::string nearest;
    std::size_t distance_max = std::max<std::size_t>(1, word.size() / 3);
    for (const std::string& candidate : known) {
        const std::size_t distance = edit_distance(word, candidate);
        if (distance > distance_max || (distance == distance_max && !nearest.empty())) continue;
        nearest = candidate;
        distance_max = distance;
    }
    return nearest;
}

std::string unknown_name(std::string_view kind, std::string_view word, const std::vector<std::string>& known,
                         std::string_view place) {
    const std::string suggestion = did_you_mean(word, known);
    return fmt::format("unknown {} '{}'{}{}{}", kind, word, place.empty() ? "" : " in ", place,
                       suggestion.empty() ? "" : "; did you mean '" + suggestion + "'?");
}

}  // namespace osbot_aws::cli
