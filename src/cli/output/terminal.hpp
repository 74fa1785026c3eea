// Terminal output: colours, width and tables.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace osbot_aws::cli {

enum class Colour { red, green, yellow, bold, dim };

/// Returns true if this stream (1 or 2) has colours. NO_COLOR disables them; otherwise CLICOLOR_FORCE or FORCE_COLOR
/// enables them; otherwise the stream must be a terminal, TERM not "dumb", and CLICOLOR not 0.
/// Source: https://no-color.org, https://bixense.com/clicolors/, https://force-color.org
bool has_colours(int stream);
/// Returns the text in that colour if the stream has colours, otherwise unchanged.
std::string painted(std::string_view text, Colour colour, int stream);

/// Returns true if the stream is a terminal that can redraw lines (TERM is set and not "dumb").
bool is_terminal(int stream);

/// Returns true if the stream is any terminal, even if TERM is "dumb": a user may read or type there.
bool is_any_terminal(int stream);

/// Prints the question and "Continue? [y/N] " on stderr, and returns whether the user types y. Errors: InvalidArgument,
/// which ends with `remedy`, if standard input is not a terminal.
Result<bool> confirm(const std::string& question, const std::string& remedy);

/// Truncates the text to `width` characters, with an ellipsis. Width 0: returns it unchanged.
std::string cut(std::string_view text, std::size_t width);

/// Returns the number of UTF-8 characters. A wide character counts as one.
std::size_t length_of(std::string_view text);

/// Wraps a text between words, for a line whose first `column` characters are printed already. Continuation lines are
/// indented by `indent` spaces. A word that is longer than a line is not broken. Width 0: returns the text unchanged.
std::string wrapped(std::string_view text, std::size_t width, std::size_t column, std::size_t indent);

/// Prints a line on stderr. On a terminal, it is wrapped at the width.
void print_note(std::string_view line);

/// Returns the columns of the terminal, or 0 (no limit) if the stream is not a terminal.
std::size_t width_of(int stream);

/// Formats rows with aligned columns, two spaces apart. Lines are truncated to `width` characters; 0: no limit.
std::string table(const std::vector<std::vector<std::string>>& rows, std::size_t width);

}  // namespace osbot_aws::cli
