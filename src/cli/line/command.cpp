#include "cli/line/command.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/numbers.hpp"
#include "cli/line/suggestion.hpp"
#include "client/endpoints.hpp"

namespace osbot_aws::cli {
namespace {

/// The message of each validator. CLI11 adds "NAME: " before it, which parse_errors.cpp removes.
std::string invalid_value(const CLI::Option& option, const std::string& value, const std::string& expected) {
    return fmt::format("invalid {} '{}': expected {}", option.get_name(), value, expected);
}

/// Adds an option "--name TYPE".
template <class Value>
CLI::Option* add_to(CLI::App& app, std::string_view name, Value& value, const char* description) {
    const std::string_view type = name.substr(std::min(name.find(' '), name.size()));
    name.remove_suffix(type.size());
    CLI::Option* option = app.add_option(std::string(name), value, description);
    return type.empty() ? option : option->type_name(std::string(type.substr(1)));
}

template <class Bytes>
CLI::Option* add_size_to(CLI::App& app, const char* name, Bytes& bytes, const char* description) {
    CLI::Option* option = add_to(app, name, bytes, description);
    const auto parse = [option](std::string& text) -> std::string {
        const std::string size = text;
        try {
            if (CLI::AsSizeValue(false)(text).empty()) return "";
        } catch (const CLI::ValidationError&) {}  // an unknown unit
        return invalid_value(*option, size, "a size such as 500K, 100M, 2G or 1T");
    };
    // --help prints SIZE instead of each unit
    return option->transform(CLI::Validator(parse, ""))->type_name("SIZE");
}

/// CLI11 alone would accept hexadecimal and octal numbers.
template <class Number>
CLI::Option* add_number_to(CLI::App& app, const char* name, Number& number, const char* description) {
    CLI::Option* option = add_to(app, name, number, description);
    const auto parse = [option](std::string& text) -> std::string {
        const auto parsed = base::parse_number<int>(text);
        if (!parsed) return invalid_value(*option, text, "a whole number");
        text = std::to_string(*parsed);
        return "";
    };
    return option->transform(CLI::Validator(parse, ""));
}

}  // namespace

Option Option::required() { return Option(*option_->required()); }

Option Option::one_of(const std::vector<std::string>& choices) {
    const auto check = [option = option_, choices](const std::string& text) -> std::string {
        if (std::ranges::find(choices, text) != choices.end()) return "";
        const std::string nearest = did_you_mean(text, choices);
        return invalid_value(*option, text, fmt::format("{}", fmt::join(choices, ", "))) +
               (nearest.empty() ? "" : fmt::format("; did you mean '{}'?", nearest));
    };
    // command_text.cpp reads the choices from the description, which --help shows
    return Option(*option_->check(CLI::Validator(check, fmt::format("{{{}}}", fmt::join(choices, ",")))));
}

Option Option::in_range(int min, int max) {
    const std::string range = fmt::format("{} to {}", min, max);
    const auto check = [option = option_, min, max, range](const std::string& text) -> std::string {
        const auto number = base::parse_number<int>(text);
        return number && *number >= min && *number <= max ? "" : invalid_value(*option, text, range);
    };
    return Option(*option_->check(CLI::Validator(check, range)));
}

Option Option::url() {
    const auto check = [option = option_](const std::string& text) -> std::string {
        return client::is_endpoint_url(text) ? "" : invalid_value(*option, text, client::endpoint_url_rule);
    };
    return Option(*option_->check(CLI::Validator(check, "")));
}

Option Option::excludes(Option other) { return Option(*option_->excludes(other.option_)); }

Option Option::needs(Option other) { return Option(*option_->needs(other.option_)); }

Command Command::add_command(const char* name, const char* description, const char* examples) {
    CLI::App* command = app_->add_subcommand(name, description);
    command->footer(examples);
    return Command(*command);
}

Option Command::add_option(const char* name, std::string& value, const char* description) {
    return Option(*add_to(*app_, name, value, description));
}

Option Command::add_option(const char* name, std::vector<std::string>& values, const char* description) {
    return Option(*add_to(*app_, name, values, description));
}

Option Command::add_option(const char* name, int& value, const char* description) {
    return Option(*add_number_to(*app_, name, value, description));
}

Option Command::add_option(const char* name, std::optional<int>& value, const char* description) {
    return Option(*add_number_to(*app_, name, value, description));
}

Option Command::add_size(const char* name, std::uint64_t& bytes, const char* description) {
    return Option(*add_size_to(*app_, name, bytes, description));
}

Option Command::add_size(const char* name, std::optional<std::uint64_t>& bytes, const char* description) {
    return Option(*add_size_to(*app_, name, bytes, description));
}

Option Command::add_flag(const char* name, bool& value, const char* description) {
    return Option(*app_->add_flag(name, value, description));
}

void Command::require_command() { app_->require_subcommand(1); }

void Command::hide() { app_->group(""); }

void Command::on_use(std::function<void()> callback) { app_->callback(std::move(callback)); }

}  // namespace osbot_aws::cli
