#include "cli/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace osbot_aws::cli {
namespace {

std::string_view variable(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr ? value : "";
}

bool is_on(std::string_view value) { return !value.empty() && value != "0"; }

/// Counts UTF-8 characters, because names may be in any language. A wide character counts as one.
std::size_t length_of(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

/// Returns the first `count` characters.
std::string first_of(std::string_view text, std::size_t count) {
    std::size_t at = 0;
    for (; at < text.size() && count > 0; --count)
        for (++at; at < text.size() && (text[at] & 0xC0) == 0x80; ++at) {}
    return std::string(text.substr(0, at));
}

}  // namespace

bool has_colours(int stream) {
    if (!variable("NO_COLOR").empty()) return false;
    if (is_on(variable("CLICOLOR_FORCE")) || is_on(variable("FORCE_COLOR"))) return true;
    return is_terminal(stream) && variable("CLICOLOR") != "0";
}

bool is_terminal(int stream) {
    const std::string_view term = variable("TERM");
    return is_any_terminal(stream) && !term.empty() && term != "dumb";
}

bool is_any_terminal(int stream) { return ::isatty(stream) != 0; }

std::string cut(std::string_view text, std::size_t width) {
    return width > 1 && length_of(text) > width ? first_of(text, width - 1) + "…" : std::string(text);
}

std::string painted(std::string_view text, Colour colour, int stream) {
    if (!has_colours(stream)) return std::string(text);
    const char* codes[] = {"31", "32", "33", "1", "2"};  // in the order of Colour
    return std::string("\033[") + codes[static_cast<std::size_t>(colour)] + "m" + std::string(text) + "\033[0m";
}

std::size_t width_of(int stream) {
    winsize size{};
    if (!is_any_terminal(stream)) return 0;
    if (::ioctl(stream, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
    return 80;
}

std::string table(const std::vector<std::vector<std::string>>& rows, std::size_t width) {
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], length_of(row[i]));
    }
    std::string text;
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            line += row[i];
            if (i + 1 < row.size()) line += std::string(widths[i] - length_of(row[i]) + 2, ' ');
        }
        text += cut(line, width) + "\n";
    }
    return text;
}

}  // namespace osbot_aws::cli
