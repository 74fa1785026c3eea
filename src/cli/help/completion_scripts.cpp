#include "cli/help/completion_scripts.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "embedded/completion_bash.hpp"
#include "embedded/completion_fish.hpp"
#include "embedded/completion_zsh.hpp"

namespace osbot_aws::cli {
namespace {

/// Puts the text in single quotes and escapes the quotes in it.
std::string single_quoted(std::string_view text) {
    std::string out = "'";
    for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

/// Returns all names of the options that take a value, or of those that do not.
std::vector<std::string> names_of(const std::vector<Option_Text>& options, bool with_value) {
    std::vector<std::string> names;
    for (const Option_Text& option : options) {
        if (option.value.empty() == with_value) continue;
        names.insert(names.end(), option.names.begin(), option.names.end());
    }
    return names;
}

std::vector<std::string> command_names(const Command_Text& command) {
    std::vector<std::string> names;
    for (const Command_Text& subcommand : command.commands) names.push_back(subcommand.path.back());
    return names;
}

// https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html
const std::vector<std::string>& region_names() {
    static const std::vector<std::string> names = {
        "af-south-1",     "ap-east-1",      "ap-east-2",      "ap-northeast-1", "ap-northeast-2", "ap-northeast-3",
        "ap-south-1",     "ap-south-2",     "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4",
        "ap-southeast-5", "ap-southeast-6", "ap-southeast-7", "ca-central-1",   "ca-west-1",      "cn-north-1",
        "cn-northwest-1", "eu-central-1",   "eu-central-2",   "eu-north-1",     "eu-south-1",     "eu-south-2",
        "eu-west-1",      "eu-west-2",      "eu-west-3",      "il-central-1",   "me-central-1",   "me-south-1",
        "mx-central-1",   "sa-east-1",      "us-east-1",      "us-east-2",      "us-gov-east-1",  "us-gov-west-1",
        "us-west-1",      "us-west-2"};
    return names;
}

/// Returns the values that the script itself contains. Other regions than the listed ones are accepted as well.
std::string words_of(const Option_Text& option) {
    return fmt::format("{}", fmt::join(option.value == "REGION" ? region_names() : option.choices, " "));
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

/// How the scripts complete a value of each kind. A choice is completed with its words.
struct Completion {
    Value_Kind kind;
    const char *bash, *zsh, *fish;
};
constexpr Completion completions[] = {
    {Value_Kind::none, "nothing", "", ""},
    {Value_Kind::any, "nothing", "", " -x"},
    {Value_Kind::file, "files", "_files", " -r -F"},
    {Value_Kind::folder, "folders", "_files -/", " -x -a '(__fish_complete_directories)'"},
    {Value_Kind::payload, "files", "_osbot_payload", " -x"},
    {Value_Kind::function, "names function", "_osbot_function_names", " -x -a '(__osbot_names function)'"},
    {Value_Kind::queue, "names queue", "_osbot_queue_names", " -x -a '(__osbot_names queue)'"},
    {Value_Kind::layer, "names layer", "_osbot_layer_names", " -x -a '(__osbot_names layer)'"},
};

const Completion& completion_of(const Option_Text& option) {
    const auto* found = std::ranges::find(completions, kind_of(option), &Completion::kind);
    return found == std::end(completions) ? completions[0] : *found;
}

// ---- bash

std::string bash_value(const Option_Text& option) {
    if (kind_of(option) == Value_Kind::choice) return "words " + single_quoted(words_of(option));
    return completion_of(option).bash;
}

/// Returns one case of the script's table: the subcommands and options of a command, and how values are completed.
std::string bash_command(const Command_Text& command) {
    std::string values, positionals;
    for (const Option_Text& option : command.options) {
        if (option.value.empty()) continue;
        values += fmt::format("            {}) _osbot_{} ;;\n", fmt::join(option.names, "|"), bash_value(option));
    }
    for (std::size_t i = 0; i < command.positionals.size(); ++i)
        values += fmt::format("            {}) _osbot_{} ;;\n", i + 1, bash_value(command.positionals[i]));
    return fmt::format("    {})\n        commands={} flags={} valued={}\n        case $1 in\n{}        esac ;;\n",
                       single_quoted(command.joined(' ')),
                       single_quoted(fmt::format("{}", fmt::join(command_names(command), " "))),
                       single_quoted(fmt::format("{}", fmt::join(names_of(command.options, false), " "))),
                       single_quoted(fmt::format("{}", fmt::join(names_of(command.options, true), " "))), values);
}

// ---- zsh

/// Escapes `:` and brackets, which are special in an _arguments specification.
std::string zsh_text(const std::string& text) {
    std::string out;
    for (const char c : first_line(text)) {
        if (c == ':' || c == '[' || c == ']' || c == '\\') out += '\\';
        out += c;
    }
    return out;
}

std::string zsh_value(const Option_Text& option) {
    return kind_of(option) == Value_Kind::choice ? "(" + words_of(option) + ")" : completion_of(option).zsh;
}

std::string zsh_options(const std::vector<Option_Text>& options) {
    std::string lines;
    for (const Option_Text& option : options) {
        for (const std::string& name : option.names) {
            std::string spec = fmt::format("{}{}[{}]", option.repeated ? "*" : "", name, zsh_text(option.description));
            if (!option.value.empty()) spec += fmt::format(":{}:{}", zsh_text(option.value), zsh_value(option));
            lines += fmt::format("        {} \\\n", single_quoted(spec));
        }
    }
    return lines;
}

std::string zsh_function_name(const Command_Text& command) { return "_" + command.joined('_'); }

std::string zsh_function(const Command_Text& command, const Command_Text& root) {
    const bool is_root = command.path.size() == 1;
    std::string body =
        "    _arguments -C \\\n" + zsh_options(command.options) + (is_root ? "" : zsh_options(root.options));
    if (command.commands.empty()) {
        for (const Option_Text& argument : command.positionals)
            body +=
                fmt::format("        {} \\\n", single_quoted(fmt::format("{}:{}:{}", argument.required ? "" : ":",
                                                                         argument.names.front(), zsh_value(argument))));
        return fmt::format("{}() {{\n{}        && return\n}}\n\n", zsh_function_name(command), body);
    }
    std::string descriptions, cases;
    for (const Command_Text& subcommand : command.commands) {
        const std::string& name = subcommand.path.back();
        descriptions += fmt::format("            {}\n", single_quoted(name + ":" + zsh_text(subcommand.description)));
        cases += fmt::format("            {}) {} ;;\n", name, zsh_function_name(subcommand));
    }
    return fmt::format(
        "{}() {{\n    local state line\n    local -a commands\n{}        '1:command:->command' "
        "'*::argument:->argument'\n"
        "    case $state in\n        command)\n            commands=(\n{}            )\n"
        "            _describe command commands ;;\n        argument)\n            case $line[1] in\n{}            "
        "esac ;;\n"
        "    esac\n}}\n\n",
        zsh_function_name(command), body, descriptions, cases);
}

// ---- fish

std::string fish_value(const Option_Text& option) {
    if (kind_of(option) == Value_Kind::choice) return " -x -a " + single_quoted(words_of(option));
    return completion_of(option).fish;
}

std::string fish_option(const std::string& condition, const Option_Text& option) {
    std::string names;
    for (const std::string& name : option.names)
        names += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
    return fmt::format("complete -c osbot{}{}{} -d {}\n", condition, names, fish_value(option),
                       single_quoted(first_line(option.description)));
}

std::string fish_command(const Command_Text& command) {
    const bool is_root = command.path.size() == 1;
    const std::string at = fmt::format(" -n {}", single_quoted("__osbot_at " + command.joined('_')));
    std::string lines;
    for (const Option_Text& option : command.options) lines += fish_option(is_root ? "" : at, option);
    for (const Command_Text& subcommand : command.commands)
        lines += fmt::format("complete -c osbot{} -a {} -d {}\n", at, subcommand.path.back(),
                             single_quoted(subcommand.description));
    for (const Option_Text& argument : command.positionals) {
        const Value_Kind kind = kind_of(argument);
        if (kind == Value_Kind::any || kind == Value_Kind::payload) continue;
        const std::string value = kind == Value_Kind::file ? " -F" : fish_value(argument).substr(3);
        lines += fmt::format("complete -c osbot{}{}\n", at, value);
    }
    return lines;
}

std::string with_table(std::string_view script, std::string_view table) {
    constexpr std::string_view mark = "# [table]\n";
    std::string out(script);
    return out.replace(out.find(mark), mark.size(), table);
}

/// Concatenates the results of `script_of` for all commands.
template <class Script_Of>
std::string for_all_commands(const Command_Text& root, const Script_Of& script_of) {
    std::string text;
    for_each_command(root, [&](const Command_Text& command) { text += script_of(command); });
    return text;
}

}  // namespace

Value_Kind kind_of(const Option_Text& option) {
    if (option.value.empty()) return Value_Kind::none;
    if (!option.choices.empty() || option.value == "REGION") return Value_Kind::choice;
    if (option.value == "FILE") return Value_Kind::file;
    if (option.value == "FOLDER") return Value_Kind::folder;
    if (option.value == "JSON") return Value_Kind::payload;
    if (option.value.starts_with("FUNCTION")) return Value_Kind::function;  // also FUNCTION[:PORT]
    if (option.value == "QUEUE") return Value_Kind::queue;
    if (option.value == "LAYER") return Value_Kind::layer;
    return Value_Kind::any;
}

std::string bash_completion(const Command_Text& root) {
    return with_table(embedded::completion_bash, for_all_commands(root, &bash_command));
}

std::string zsh_completion(const Command_Text& root) {
    return with_table(embedded::completion_zsh,
                      for_all_commands(root, [&](const Command_Text& command) { return zsh_function(command, root); }));
}

std::string fish_completion(const Command_Text& root) {
    std::string known;
    for_each_command(root, [&](const Command_Text& command) {
        if (command.path.size() > 1) known += " " + command.joined('_');
    });
    return with_table(embedded::completion_fish,
                      fmt::format("set -g __osbot_commands{}\n", known) + for_all_commands(root, &fish_command));
}

}  // namespace osbot_aws::cli
