#include "engine/logs/filter_pattern.hpp"

#include <algorithm>

namespace osbot_aws::engine {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t'; }

bool holds(std::string_view message, const std::string& term) { return message.find(term) != std::string_view::npos; }

}  // namespace

Result<Filter_Pattern> Filter_Pattern::parse(std::string_view text) {
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    if (!text.empty() && (text.front() == '{' || text.front() == '[' || text.front() == '%')) {
        return Error{"NotImplemented",
                     "Logs filter patterns of JSON, columns or regular expressions are not implemented by this local "
                     "engine; use terms",
                     501};
    }
    Filter_Pattern pattern;
    while (!text.empty()) {
        auto& terms = text.front() == '?' ? pattern.any_ : text.front() == '-' ? pattern.none_ : pattern.all_;
        if (text.front() == '?' || text.front() == '-') text.remove_prefix(1);

        const bool quoted = !text.empty() && text.front() == '"';
        if (quoted) text.remove_prefix(1);
        std::size_t size = 0;
        while (size < text.size() && (quoted ? text[size] != '"' : !is_space(text[size]))) ++size;
        if (quoted && size == text.size()) return Error{"InvalidParameterException", "Invalid filter pattern"};

        if (size > 0) terms.emplace_back(text.substr(0, size));
        text.remove_prefix(std::min(text.size(), size + (quoted ? 1 : 0)));
        while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    }
    return pattern;
}

bool Filter_Pattern::matches(std::string_view message) const {
    const auto is_there = [&](const std::string& term) { return holds(message, term); };
    return std::ranges::all_of(all_, is_there) && (any_.empty() || std::ranges::any_of(any_, is_there)) &&
           std::ranges::none_of(none_, is_there);
}

}  // namespace osbot_aws::engine
