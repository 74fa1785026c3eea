#include "client/command_line.hpp"

#include <utility>

namespace osbot_aws::client {

std::optional<std::vector<std::string>> split_command(std::string_view line) {
    std::vector<std::string> words;
    bool in_word = false;
    char quote = '\0';
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (quote == '\0' && (c == ' ' || c == '\t')) {
            in_word = false;
            continue;
        }
        if (!std::exchange(in_word, true)) words.emplace_back();
        if (quote == '\0' && (c == '"' || c == '\''))
            quote = c;
        else if (c == quote && quote != '\0')
            quote = '\0';
        else if (c == '\\' && quote != '\'' && i + 1 < line.size() &&
                 (quote == '\0' || line[i + 1] == '"' || line[i + 1] == '\\'))
            words.back() += line[++i];
        else
            words.back() += c;
    }
    if (quote != '\0') return std::nullopt;
    return words;
}

}  // namespace osbot_aws::client
