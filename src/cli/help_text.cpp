#include "cli/help_text.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace osbot_aws::cli {
namespace {

constexpr std::size_t continuation_indent = 4;
constexpr std::size_t example_indent = 2;
constexpr std::size_t option_column =
    30;  // of CLI11's descriptions; one space precedes it after a name of 27 characters

/// Splits the text into lines. The lines of a paragraph without indentation are joined if one is too long.
std::vector<std::string> lines_of(std::string_view text, std::size_t width) {
    const auto in_paragraph = [](std::string_view line) {
        return !line.empty() && line.front() != ' ' && !line.ends_with(':') && !line.starts_with("Usage:");
    };
    std::vector<std::string> lines;
    bool joins = false;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (joins && in_paragraph(line) && (lines.back().size() > width || line.size() > width))
            lines.back().append(" ").append(line);
        else
            lines.emplace_back(line);
        joins = in_paragraph(line);
    }
    return lines;
}

/// Returns the position of the second column, or that of the first one if there is no other.
std::size_t last_column(std::string_view line) {
    const std::size_t first = std::min(line.find_first_not_of(' '), line.size());
    const std::size_t gap = line.find("  ", first);
    if (gap == std::string_view::npos && line.starts_with("  -") && line.size() > option_column &&
        line[option_column - 1] == ' ')
        return option_column;
    return gap == std::string_view::npos ? first : std::min(line.find_first_not_of(' ', gap), line.size());
}

std::string trimmed_end(std::string_view text) { return std::string(text.substr(0, text.find_last_not_of(' ') + 1)); }

std::string wrapped_line(std::string_view line, std::size_t width) {
    if (line.size() <= width) return std::string(line);
    const std::size_t column = last_column(line);
    const bool is_single = column == std::min(line.find_first_not_of(' '), line.size());
    const bool is_example = is_single && column == example_indent;
    const bool aligned = column <= width / 2;
    // A far column without a first one explains the example of the line above.
    const std::size_t first = is_single && !aligned ? example_indent : line.find_first_not_of(' ');
    const std::size_t indent = aligned && !is_example ? column : std::min(first + continuation_indent, width / 2);
    std::string text, current(line.substr(0, column));
    const auto next_line = [&] {
        text += trimmed_end(current) + "\n";
        current.assign(indent, ' ');
    };
    if (!aligned && !is_single) next_line();
    if (!aligned) current.assign(indent, ' ');
    bool at_start = true;
    for (std::string_view words = line.substr(column); !words.empty();) {
        const std::size_t end = std::min(words.find(' '), words.size());
        const std::string_view word = words.substr(0, end);
        words.remove_prefix(std::min(words.find_first_not_of(' ', end), words.size()));
        if (!at_start && current.size() + 1 + word.size() > width) {
            next_line();
            at_start = true;
        }
        if (!std::exchange(at_start, false)) current += ' ';
        current += word;
    }
    return text + current;
}

}  // namespace

std::string wrapped_help(std::string_view help, std::size_t width) {
    if (width == 0) return std::string(help);
    std::string text;
    for (const std::string& line : lines_of(help, width)) text += wrapped_line(line, width) + "\n";
    return text;
}

}  // namespace osbot_aws::cli
