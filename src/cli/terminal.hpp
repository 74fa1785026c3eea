// All that knows of terminals: colours, width, and what moves while somebody waits.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace osbot_aws::cli {

enum class Colour { red, green, yellow, bold, dim };

/// Whether this stream (1 or 2) may have colours. NO_COLOR says no; else CLICOLOR_FORCE or FORCE_COLOR says yes; else
/// it is a terminal, TERM is not dumb, and CLICOLOR is not 0.
/// Source: https://no-color.org, https://bixense.com/clicolors/, https://force-color.org
bool has_colours(int stream);
/// The text in that colour where the stream may have colours, else as it is.
std::string painted(std::string_view text, Colour colour, int stream);

/// Whether lines on this stream can be drawn anew: a terminal that is not dumb.
bool is_terminal(int stream);

/// Whether it is any terminal, also one whose TERM says little: somebody may answer there, or read.
bool is_any_terminal(int stream);

/// The text, no longer than `width` characters; 0: as it is.
std::string cut(std::string_view text, std::size_t width);

/// Columns of the terminal; 0 when the stream is none: lines are not cut then.
std::size_t width_of(int stream);

/// Rows with their columns aligned, two spaces between. The last column is cut at `width`; 0: nothing is.
std::string table(const std::vector<std::vector<std::string>>& rows, std::size_t width);

}  // namespace osbot_aws::cli
