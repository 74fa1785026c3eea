#include "cli/output/log_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/json.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"

namespace osbot_aws::cli {
namespace {

// The level is the first word in `[ERROR] text` (Python) and the third in `TIME ID ERROR text` (Node.js). Later words
// belong to the message.
constexpr int words_before_level_max = 2;
constexpr std::string_view between_words = " \t\r\n";
constexpr std::string_view around_level = "[]():=<>|\"'";

constexpr std::pair<std::string_view, Colour> levels[] = {
    {"ERROR", Colour::red},   {"FATAL", Colour::red},      {"CRITICAL", Colour::red},
    {"WARN", Colour::yellow}, {"WARNING", Colour::yellow},
};
constexpr std::string_view platform_words[] = {"START", "END", "REPORT", "INIT_START", "INIT_REPORT"};

std::optional<Colour> colour_of_level(std::string_view level) {
    const auto* found = std::ranges::find(levels, level, &std::pair<std::string_view, Colour>::first);
    return found == std::end(levels) ? std::nullopt : std::optional(found->second);
}

std::optional<Colour> colour_of_json(std::string_view line) {
    const Json json = base::parse_json(line);
    if (!json.is_object()) return std::nullopt;
    const auto text = [&](const char* member) {
        const auto found = json.find(member);
        return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
    };
    if (text("type").starts_with("platform.")) return Colour::dim;
    return colour_of_level(base::upper_case(text("level")));
}

/// Removes the first word from `text` and returns it.
std::string_view take_word(std::string_view& text) {
    text.remove_prefix(std::min(text.find_first_not_of(between_words), text.size()));
    const std::string_view word = text.substr(0, text.find_first_of(between_words));
    text.remove_prefix(word.size());
    return word;
}

std::string_view without_brackets(std::string_view word) {
    word.remove_prefix(std::min(word.find_first_not_of(around_level), word.size()));
    return word.substr(0, word.find_last_not_of(around_level) + 1);
}

std::string painted_line(std::string_view line, int stream) {
    if (!has_colours(stream)) return std::string(line);
    const auto colour = log_colour(line);
    return colour ? painted(line, *colour, stream) : std::string(line);
}

/// Shows a carriage return within a line as a line break, which it is for the runtimes that write it. A terminal would
/// overwrite the text before it.
std::string with_line_breaks(std::string_view text) {
    std::string lines(text);
    for (std::size_t i = 0; i + 1 < lines.size(); ++i)
        if (lines[i] == '\r' && lines[i + 1] != '\n') lines[i] = '\n';
    return lines;
}

std::string prefixed_lines(const std::string& prefix, std::string_view lines) {
    std::string text;
    while (!lines.empty()) {
        const std::size_t count = std::min(lines.find('\n'), lines.size() - 1) + 1;
        text.append(prefix).append(lines.substr(0, count));
        lines.remove_prefix(count);
    }
    return text;
}

}  // namespace

std::optional<Colour> log_colour(std::string_view line) {
    if (line.starts_with('{')) return colour_of_json(line);
    std::string_view remaining = line;
    std::string_view word = take_word(remaining);
    if (std::ranges::find(platform_words, word) != std::end(platform_words)) return Colour::dim;
    for (int words_before = 0; !word.empty(); word = take_word(remaining)) {
        if (const auto colour = colour_of_level(without_brackets(word))) return colour;
        if (++words_before > words_before_level_max) break;
    }
    return std::nullopt;
}

std::string log_line(const Json& event, std::size_t name_width) {
    std::string message = with_line_breaks(event.at("message").get<std::string>());
    if (message.ends_with('\n')) message.pop_back();
    const std::string line =
        fmt::format("{} {}\n", base::iso8601_ms_z(base::from_unix_ms(event.at("timestamp").get<std::int64_t>())),
                    painted_line(message, 1));
    const std::string function = event.value("function", "");
    return function.empty() ? line : prefixed_lines(fmt::format("{:<{}} ", function, name_width), line);
}

std::string log_lines(std::string_view log, int stream) {
    const std::string broken = with_line_breaks(log);
    std::string_view lines = broken;
    std::string text;
    while (!lines.empty()) {
        const std::size_t end = std::min(lines.find('\n'), lines.size());
        text += painted_line(lines.substr(0, end), stream);
        if (end < lines.size()) text += '\n';
        lines.remove_prefix(std::min(end + 1, lines.size()));
    }
    return text;
}

}  // namespace osbot_aws::cli
