#include "cli/output/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "base/environment.hpp"

namespace osbot_aws::cli {
namespace {

constexpr std::size_t continuation_indent = 4;

bool is_on(std::string_view value) { return !value.empty() && value != "0"; }

/// Returns the first `count` characters.
std::string first_of(std::string_view text, std::size_t count) {
    std::size_t at = 0;
    for (; at < text.size() && count > 0; --count)
        for (++at; at < text.size() && (text[at] & 0xC0) == 0x80; ++at) {}
    return std::string(text.substr(0, at));
}

}  // namespace

std::size_t length_of(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string wrapped(std::string_view text, std::size_t width, std::size_t column, std::size_t indent) {
    if (width == 0) return std::string(text);
    std::string out;
    std::size_t length = column;
    bool at_start = true;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        const std::string_view word = text.substr(0, end);
        text.remove_prefix(std::min(text.find_first_not_of(' ', end), text.size()));
        if (!at_start && length + 1 + length_of(word) > width) {
            out.append("\n").append(indent, ' ');
            length = indent;
            at_start = true;
        }
        if (!std::exchange(at_start, false)) out += ' ', ++length;
        out += word;
        const std::size_t line = word.rfind('\n');
        length = line == std::string_view::npos ? length + length_of(word) : length_of(word.substr(line + 1));
    }
    return out;
}

void print_note(std::string_view line) {
    std::fprintf(stderr, "%s\n", wrapped(line, width_of(2), 0, continuation_indent).c_str());
}

bool has_colours(int stream) {
    if (!base::variable("NO_COLOR").empty()) return false;
    if (is_on(base::variable("CLICOLOR_FORCE")) || is_on(base::variable("FORCE_COLOR"))) return true;
    return is_terminal(stream) && base::variable("CLICOLOR") != "0";
}

bool is_terminal(int stream) {
    const std::string term = base::variable("TERM");
    return is_any_terminal(stream) && !term.empty() && term != "dumb";
}

bool is_any_terminal(int stream) { return ::isatty(stream) != 0; }

Result<bool> confirm(const std::string& question, const std::string& remedy) {
    if (!is_any_terminal(0))
        return Error{"InvalidArgument", "cannot ask for confirmation: stdin is not a terminal; " + remedy, 0};
    std::fprintf(stderr, "%sContinue? [y/N] ", question.c_str());
    const int reply = std::getchar();
    return reply == 'y' || reply == 'Y';
}

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
