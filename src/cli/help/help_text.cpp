#include "cli/help/help_text.hpp"

#include <algorithm>
#include <vector>

#include "base/characters.hpp"
#include "cli/output/terminal.hpp"

namespace osbot_aws::cli {
namespace {

constexpr std::size_t continuation_indent = 4;
constexpr std::size_t example_indent = 2;
constexpr std::size_t option_column =
    30;  // of CLI11's descriptions; one space precedes it after a name of 27 characters

bool is_item(std::string_view line) { return line.starts_with("- "); }

/// Splits the text into lines. The lines of a paragraph without indentation, or of an item of a list, are joined if one
/// is too long.
std::vector<std::string> lines_of(std::string_view text, std::size_t width) {
    const auto in_paragraph = [](std::string_view line) {
        return !line.empty() && line.front() != ' ' && !line.ends_with(':') && !line.starts_with("Usage:");
    };
    std::vector<std::string> lines;
    bool joins = false, in_item = false;
    while (!text.empty()) {
        const std::string_view line = base::take_until(text, '\n');
        const bool continues = joins && (in_item ? line.starts_with("  ") : in_paragraph(line) && !is_item(line));
        if (continues && (lines.back().size() > width || line.size() > width))
            lines.back().append(" ").append(line.substr(line.find_first_not_of(' ')));
        else
            lines.emplace_back(line);
        in_item = is_item(line) || (in_item && continues);
        joins = in_paragraph(line) || in_item;
    }
    return lines;
}

/// Returns the position of the second column; with a single column, that of the first.
std::size_t last_column(std::string_view line) {
    if (is_item(line)) return 2;
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
    const std::string start = aligned     ? std::string(line.substr(0, column))
                              : is_single ? std::string(indent, ' ')
                                          : trimmed_end(line.substr(0, column)) + "\n" + std::string(indent, ' ');
    return start + wrapped(line.substr(column), width, aligned ? column : indent, indent);
}

}  // namespace

std::string wrapped_help(std::string_view help, std::size_t width) {
    if (width == 0) return std::string(help);
    std::string text;
    for (const std::string& line : lines_of(help, width)) text += wrapped_line(line, width) + "\n";
    return text;
}

}  // namespace osbot_aws::cli
