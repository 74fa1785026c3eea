#include "cli/line/parse_errors.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string_view>
#include <vector>

#include "cli/help/command_text.hpp"
#include "cli/line/suggestion.hpp"

namespace osbot_aws::cli {
namespace {

/// A command line that was not accepted. CLI11 reports the option only in its message, and the words of the message
/// depend on its version: the functions below look at the parsed options where that is possible.
struct Failed_Parse {
    CLI::App& app;
    CLI::App& command;
    std::string message;

    /// Returns the options and arguments of the command, then those of the commands above.
    std::vector<const CLI::Option*> options() const {
        std::vector<const CLI::Option*> all;
        for (const CLI::App* owner = &command; owner != nullptr; owner = owner->get_parent())
            for (const CLI::Option* option : owner->get_options()) all.push_back(option);
        return all;
    }

    /// Returns the option with the longest name in CLI11's message, or nullptr.
    const CLI::Option* named_option() const {
        const CLI::Option* named = nullptr;
        for (const CLI::Option* option : options())
            if (message.find(option->get_name()) != std::string::npos &&
                (named == nullptr || named->get_name().size() < option->get_name().size()))
                named = option;
        return named;
    }
};

std::string label(const CLI::Option& option) {
    return option.nonpositional() ? option.get_name() : fmt::format("the argument '{}'", option.get_name());
}

std::vector<std::string> names_of_options(const CLI::App& app, const CLI::App& command) {
    std::vector<std::string> names;
    for (const CLI::App* owner : {&command, &app})
        for (const Option_Text& option : describe(Command(const_cast<CLI::App&>(*owner))).options)
            names.insert(names.end(), option.names.begin(), option.names.end());
    return names;
}

/// Returns a message about the first unknown option or command. Empty if there is none.
std::string unknown_word(const Failed_Parse& failed) {
    for (const std::string& word : failed.app.remaining(true)) {
        if (word.starts_with('-'))
            return unknown_name("option", word.substr(0, word.find('=')), names_of_options(failed.app, failed.command));
        std::vector<std::string> known;
        for (const Command_Text& subcommand : describe(Command(failed.command)).commands)
            known.push_back(subcommand.path.back());
        if (!known.empty()) return unknown_name("command", word, known);
    }
    return "";
}

std::string path_of(const CLI::App& command) {
    const CLI::App* parent = command.get_parent();
    return parent == nullptr ? command.get_name() : path_of(*parent) + " " + command.get_name();
}

std::string unexpected_argument(const Failed_Parse& failed) {
    const auto words = failed.app.remaining(true);
    const std::string word = words.empty() ? "" : words.front();
    const std::string nearest = did_you_mean("--" + word, names_of_options(failed.app, failed.command));
    if (!nearest.empty()) return fmt::format("unexpected argument '{}'; did you mean '{}'?", word, nearest);
    std::vector<std::string> accepted;
    for (const Option_Text& argument : describe(Command(failed.command)).positionals)
        accepted.push_back(argument.names.front());
    const std::string takes =
        accepted.empty() ? "no arguments" : fmt::format("these arguments only: {}", fmt::join(accepted, ", "));
    return fmt::format("unexpected argument '{}'; {} takes {}", word, path_of(failed.command), takes);
}

std::string missing_argument(const Failed_Parse& failed) {
    for (const CLI::Option* option : failed.options())
        if (option->get_required() && option->count() == 0)
            return fmt::format("missing argument '{}': {}", option->get_name(), option->get_description());
    std::vector<std::string> names;
    for (const Command_Text& subcommand : describe(Command(failed.command)).commands)
        names.push_back(subcommand.path.back());
    return fmt::format("{} requires a command: {}", path_of(failed.command), fmt::join(names, ", "));
}

std::string missing_option(const Failed_Parse& failed) {
    for (const CLI::Option* option : failed.options())
        for (const CLI::Option* needed : option->get_needs())
            if (option->count() > 0 && needed->count() == 0)
                return fmt::format("{} requires {}", label(*option), label(*needed));
    return "an option requires another one";
}

std::string excluded_option(const Failed_Parse& failed) {
    for (const CLI::Option* option : failed.options())
        for (const CLI::Option* other : option->get_excludes())
            if (option->count() > 0 && other->count() > 0)
                return fmt::format("{} cannot be used with {}", label(*option), label(*other));
    return "two of the options cannot be used together";
}

/// The validators of command.cpp have complete messages. CLI11 adds "NAME: ".
std::string invalid_value(const Failed_Parse& failed) {
    const std::size_t colon = failed.message.find(": ");
    return colon == std::string::npos ? failed.message : failed.message.substr(colon + 2);
}

std::string wrong_count(const Failed_Parse& failed) {
    const CLI::Option* option = failed.named_option();
    if (option == nullptr) return "an option has too many or too few values";
    if (option->get_items_expected_max() == 0) return fmt::format("{} takes no value", label(*option));
    if (static_cast<int>(option->count()) > option->get_items_expected_max())
        return fmt::format("{} may be used only once", label(*option));
    return fmt::format("{} requires a value: {}", label(*option), option->get_description());
}

std::string unreadable_value(const Failed_Parse& failed) {
    const CLI::Option* option = failed.named_option();
    if (option == nullptr) return "an option has an invalid value";
    if (option->get_items_expected_max() == 0) return fmt::format("{} takes no value", label(*option));
    return fmt::format("invalid {} '{}': expected {}", option->get_name(), fmt::join(option->results(), " "),
                       option->get_type_name());
}

/// The exit code of an error's class, which CLI11 sets for each object of the class -> its description. Other classes
/// are about configuration files and callbacks of CLI11, which this command does not use.
constexpr std::pair<CLI::ExitCodes, std::string (*)(const Failed_Parse&)> descriptions[] = {
    {CLI::ExitCodes::ExtrasError, &unexpected_argument},  {CLI::ExitCodes::RequiredError, &missing_argument},
    {CLI::ExitCodes::RequiresError, &missing_option},     {CLI::ExitCodes::ExcludesError, &excluded_option},
    {CLI::ExitCodes::ValidationError, &invalid_value},    {CLI::ExitCodes::ArgumentMismatch, &wrong_count},
    {CLI::ExitCodes::ConversionError, &unreadable_value},
};

}  // namespace

CLI::App& selected_command(CLI::App& app) {
    const auto commands = app.get_subcommands();
    return commands.empty() ? app : selected_command(*commands.front());
}

std::string usage_message(CLI::App& app, const CLI::ParseError& error) {
    const Failed_Parse failed{app, selected_command(app), error.what()};
    if (std::string unknown = unknown_word(failed); !unknown.empty()) return unknown;
    for (const auto& [code, describe_error] : descriptions)
        if (static_cast<int>(code) == error.get_exit_code()) return describe_error(failed);
    return "the arguments cannot be parsed: " + failed.message;
}

}  // namespace osbot_aws::cli
