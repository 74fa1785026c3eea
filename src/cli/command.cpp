#include "cli/command.hpp"

#include <CLI/CLI.hpp>

namespace osbot_aws::cli {
namespace {

template <class Bytes>
CLI::Option* add_size_to(CLI::App& app, const char* name, Bytes& bytes, const char* description) {
    const auto parse = [](std::string& text) -> std::string {
        const std::string size = text;
        try {
            if (CLI::AsSizeValue(false)(text).empty()) return "";
        } catch (const CLI::ValidationError&) {}  // an unknown unit
        return "invalid size '" + size + "': expected a size such as 500K, 100M, 2G or 1T";
    };
    // --help prints SIZE instead of each unit
    return app.add_option(name, bytes, description)->transform(CLI::Validator(parse, ""))->type_name("SIZE");
}

}  // namespace

Option Option::required() { return Option(*option_->required()); }

Option Option::type_name(const std::string& name) { return Option(*option_->type_name(name)); }

Option Option::one_of(const std::vector<std::string>& choices) {
    return Option(*option_->check(CLI::IsMember(choices)));
}

Option Option::in_range(int min, int max) { return Option(*option_->check(CLI::Range(min, max))); }

Option Option::excludes(Option other) { return Option(*option_->excludes(other.option_)); }

Option Option::needs(Option other) { return Option(*option_->needs(other.option_)); }

Command Command::add_command(const char* name, const char* description, const char* examples) {
    CLI::App* command = app_->add_subcommand(name, description);
    command->footer(examples);
    return Command(*command);
}

Option Command::add_option(const char* name, std::string& value, const char* description) {
    return Option(*app_->add_option(name, value, description));
}

Option Command::add_option(const char* name, std::vector<std::string>& values, const char* description) {
    return Option(*app_->add_option(name, values, description));
}

Option Command::add_option(const char* name, int& value, const char* description) {
    return Option(*app_->add_option(name, value, description));
}

Option Command::add_option(const char* name, std::optional<int>& value, const char* description) {
    return Option(*app_->add_option(name, value, description));
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
