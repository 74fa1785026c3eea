#include "services/s3/wildcards.hpp"

namespace osbot_aws::services {

bool matches_wildcards(std::string_view pattern, std::string_view text) {
    std::size_t at = 0, next = 0, star = std::string_view::npos, star_at = 0;
    while (at < text.size()) {
        if (next < pattern.size() && pattern[next] == '*') {
            star = next++;
            star_at = at;
        } else if (next < pattern.size() && (pattern[next] == '?' || pattern[next] == text[at])) {
            ++next, ++at;
        } else if (star != std::string_view::npos) {
            next = star + 1;
            at = ++star_at;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', next) == std::string_view::npos;
}

}  // namespace osbot_aws::services
