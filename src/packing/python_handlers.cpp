#include "base/counted.hpp"
#include "base/error_codes.hpp"
#include "base/local_error.hpp"
#include "packing/handlers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/characters.hpp"

namespace osbot_aws::packing {
namespace {

constexpr std::string_view usual_names[] = {"handler", "lambda_handler", "run", "main"};

/// Replaces strings and comments with spaces, so that brackets and commas in them are ignored. Offsets and line ends
/// are preserved.
std::string without_strings_and_comments(std::string_view source) {
    std::string text(source);
    std::size_t i = 0;
    const auto blank = [&](std::size_t from, std::size_t to) {
        for (std::size_t k = from; k < to && k < text.size(); ++k) {
            if (text[k] != '\n') text[k] = ' ';
        }
    };
    while (i < text.size()) {
        if (text[i] == '#') {
            const std::size_t end = std::min(text.find('\n', i), text.size());
            blank(i, end);
            i = end;
        } else if (text[i] == '"' || text[i] == '\'') {
            const std::string_view quote = text.compare(i, 3, std::string(3, text[i])) == 0
                                               ? std::string_view(source).substr(i, 3)
                                               : std::string_view(source).substr(i, 1);
            std::size_t end = i + quote.size();
            while (end < text.size() && source.substr(end, quote.size()) != quote) end += source[end] == '\\' ? 2 : 1;
            end = std::min(end + quote.size(), text.size());
            blank(i, end);
            i = end;
        } else {
            ++i;
        }
    }
    return text;
}

/// Counts the positional parameters in "event, context=None, *, loud: bool = False": those before `*`. `/` and `**more`
/// do not count.
int count_parameters(std::string_view list) {
    int depth = 0, count = 0;
    std::string current;
    bool keywords_only = false;
    const auto end_parameter = [&] {
        const std::size_t begin = current.find_first_not_of(" \t\n\r\\");
        if (begin != std::string::npos) {
            if (current[begin] == '*')
                keywords_only = true;
            else if (current[begin] != '/' && !keywords_only)
                ++count;
        }
        current.clear();
    };
    for (const char c : list) {
        if (c == '(' || c == '[' || c == '{') ++depth;
        if (c == ')' || c == ']' || c == '}') --depth;
        if (c == ',' && depth == 0)
            end_parameter();
        else
            current += c;
    }
    end_parameter();
    return count;
}

bool is_word_character(char c) { return base::is_alphanumeric(c) || c == '_'; }

std::string_view word_at(std::string_view text, std::size_t at) {
    std::size_t end = at;
    while (end < text.size() && is_word_character(text[end])) ++end;
    return text.substr(at, end - at);
}

/// Returns whether the last word of `text`, up to a `,` or the end, is `name`: in "x as handler" and "handler".
bool imports(std::string_view text, std::string_view name) {
    while (!text.empty()) {
        std::string_view item = base::take_until(text, ',');
        while (!item.empty() && !is_word_character(item.back())) item.remove_suffix(1);
        if (!item.ends_with(name)) continue;
        item.remove_suffix(name.size());
        if (item.empty() || !is_word_character(item.back())) return true;
    }
    return false;
}

/// Returns whether a line at the top level assigns or imports the name: `handler = Mangum(app)`, `from x import
/// handler`.
bool is_bound(std::string_view source, std::string_view name) {
    const std::string text = without_strings_and_comments(source);
    for (std::string_view rest = text; !rest.empty();) {
        std::string_view statement = rest;
        std::string_view line = base::take_until(rest, '\n');
        const std::size_t import = line.starts_with("from ") ? line.find(" import ") : std::string_view::npos;
        if (import != std::string_view::npos) {
            const bool lines = line.find('(') != std::string_view::npos;
            statement = lines ? statement.substr(0, statement.find(')')) : line;
            if (imports(statement.substr(import), name)) return true;
        }
        if (!base::take_prefix(line, name)) continue;
        line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
        if (line.starts_with(':') || (line.starts_with('=') && !line.starts_with("=="))) return true;
    }
    return false;
}

}  // namespace

std::vector<Python_Function> python_functions(std::string_view source) {
    constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
    if (source.starts_with(byte_order_mark)) source.remove_prefix(byte_order_mark.size());
    const std::string text = without_strings_and_comments(source);
    std::vector<Python_Function> functions;
    for (std::size_t line = 0; line < text.size();) {
        std::size_t at = line;
        if (text.compare(at, 6, "async ") == 0) at = text.find_first_not_of(" \t", at + 6);
        if (at != std::string::npos && (text.compare(at, 4, "def ") == 0 || text.compare(at, 4, "def\t") == 0)) {
            at = text.find_first_not_of(" \t", at + 4);
            const std::string_view name = at == std::string::npos ? std::string_view{} : word_at(text, at);
            const std::size_t open = text.find('(', line);
            if (!name.empty() && open != std::string::npos) {
                int depth = 0;
                std::size_t close = open;
                for (; close < text.size(); ++close) {
                    if (text[close] == '(' || text[close] == '[' || text[close] == '{') ++depth;
                    if ((text[close] == ')' || text[close] == ']' || text[close] == '}') && --depth == 0) break;
                }
                functions.push_back(
                    {std::string(name), count_parameters(std::string_view(text).substr(open + 1, close - open - 1))});
            }
        }
        line = text.find('\n', line);
        line = line == std::string::npos ? text.size() : line + 1;
    }
    return functions;
}

Result<std::string> find_python_handler(std::string_view source) {
    const auto functions = python_functions(source);
    for (const std::string_view usual : usual_names) {
        if (std::any_of(functions.begin(), functions.end(), [&](const auto& f) { return f.name == usual; }))
            return std::string(usual);
    }
    for (const std::string_view usual : {"handler", "lambda_handler"})  // not `run` and `main`, which are common words
        if (is_bound(source, usual)) return std::string(usual);
    std::vector<std::string> candidates;
    std::string all;
    for (const auto& [name, parameters] : functions) {
        if (name.starts_with('_')) continue;
        all += fmt::format("{}{} ({})", all.empty() ? "" : ", ", name, base::counted(parameters, "parameter"));
        if (parameters == 2) candidates.push_back(name);
    }
    if (candidates.size() == 1) return candidates.front();
    if (all.empty())
        return local_error(
            codes::handler_not_found,
            "The file has no public function at its top level; a handler is `def handler(event, context)`");
    return local_error(codes::handler_not_found, "The handler of the file is ambiguous. Candidates: {}; name one in {}",
                       all, handler_settings);
}

}  // namespace osbot_aws::packing
