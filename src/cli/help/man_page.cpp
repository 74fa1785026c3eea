#include "cli/help/man_page.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string_view>

#include "engine/version.hpp"

namespace osbot_aws::cli {
namespace {

constexpr std::string_view examples_title = "Examples:\n";

/// Escapes text for roff: backslashes, minus signs (roff would print hyphens), and lines that start like a request.
std::string roff(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if ((c == '.' || c == '\'') && (out.empty() || out.back() == '\n')) out += "\\&";
        if (c == '\\')
            out += "\\e";
        else if (c == '-')
            out += "\\-";
        else
            out += c;
    }
    return out;
}

std::string upper(std::string text) {
    for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return text;
}

std::string bold(std::string_view text) { return fmt::format("\\fB{}\\fR", roff(text)); }
std::string italic(std::string_view text) { return fmt::format("\\fI{}\\fR", roff(text)); }

std::string value_of(const Option_Text& option) {
    if (option.choices.empty()) return option.value.empty() ? "" : italic(option.value);
    std::string values;
    for (const std::string& choice : option.choices) values += (values.empty() ? "" : "|") + bold(choice);
    return values;
}

std::string synopsis(const Command_Text& command) {
    std::string line = bold(command.joined(' ')) + " [" + italic("OPTIONS") + "]";
    for (const Option_Text& argument : command.positionals) {
        const std::string name = italic(upper(argument.names.front())) + (argument.repeated ? " ..." : "");
        line += argument.required ? " " + name : " [" + name + "]";
    }
    return line + (command.commands.empty() ? "" : " " + italic("COMMAND")) + "\n";
}

std::string entry(const std::string& title, std::string_view description) {
    return fmt::format(".TP\n{}\n{}\n", title, roff(description));
}

std::string option_entry(const Option_Text& option) {
    std::string title;
    for (const std::string& name : option.names) title += (title.empty() ? "" : ", ") + bold(name);
    if (const std::string value = value_of(option); !value.empty()) title += " " + value;
    return entry(title, option.description);
}

std::string options_section(const char* title, const std::vector<Option_Text>& options) {
    std::string text;
    for (const Option_Text& option : options) text += option_entry(option);
    return text.empty() ? text : fmt::format(".SH {}\n{}", title, text);
}

std::string arguments_section(const Command_Text& command) {
    std::string text;
    for (const Option_Text& argument : command.positionals) {
        const std::string choices = argument.choices.empty() ? "" : ": " + value_of(argument);
        text += entry(italic(upper(argument.names.front())) + choices, argument.description);
    }
    return text.empty() ? text : ".SH ARGUMENTS\n" + text;
}

std::string commands_section(const Command_Text& command) {
    std::string text;
    for (const Command_Text& subcommand : command.commands)
        text += entry(bold(subcommand.path.back()), subcommand.description);
    return text.empty() ? text : ".SH COMMANDS\n" + text;
}

/// Returns the examples unfilled, and the paragraphs after them as notes.
std::string footer_sections(std::string_view footer) {
    std::string text;
    if (footer.starts_with(examples_title)) {
        footer.remove_prefix(examples_title.size());
        const std::size_t end = std::min(footer.find("\n\n"), footer.size());
        text += fmt::format(".SH EXAMPLES\n.nf\n{}\n.fi\n", roff(footer.substr(0, end)));
        footer.remove_prefix(std::min(end + 2, footer.size()));
    }
    if (footer.empty()) return text;
    text += ".SH NOTES\n";
    for (std::size_t end; !footer.empty(); footer.remove_prefix(std::min(end + 2, footer.size()))) {
        end = std::min(footer.find("\n\n"), footer.size());
        text += fmt::format("{}{}\n", text.ends_with("NOTES\n") ? "" : ".PP\n", roff(footer.substr(0, end)));
    }
    return text;
}

std::string see_also(const Command_Text& command, const Command_Text& root) {
    std::string text;
    const auto add = [&](const Command_Text& other) {
        text += fmt::format("{}.BR {} (1)", text.empty() ? "" : " ,\n", roff(other.joined('-')));
    };
    if (command.path.size() > 1) add(root);
    for (const Command_Text& subcommand : command.commands) add(subcommand);
    return text.empty() ? text : fmt::format(".SH SEE ALSO\n{}\n", text);
}

}  // namespace

std::string man_page(const Command_Text& command, const Command_Text& root) {
    const bool is_root = command.path.size() == 1;
    return fmt::format(".TH {} 1 \"\" \"osbot {}\" \"osbot manual\"\n", roff(upper(command.joined('-'))),
                       engine::version) +
           fmt::format(".SH NAME\n{} \\- {}\n", roff(command.joined('-')), roff(command.description)) +
           fmt::format(".SH SYNOPSIS\n{}", synopsis(command)) + commands_section(command) + arguments_section(command) +
           options_section("OPTIONS", command.options) +
           (is_root ? "" : options_section("COMMON OPTIONS", root.options)) + footer_sections(command.footer) +
           see_also(command, root);
}

std::string man_file_name(const Command_Text& command) { return command.joined('-') + ".1"; }

}  // namespace osbot_aws::cli
