// Commands and their options. CLI11 parses them, behind types that are cheap to include: its header adds 5 s to the
// compilation of each file (docs/development/building.md).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace osbot_aws::cli {

/// An option, a flag or a positional argument. Copies refer to the same option. Each setter returns the option itself.
class Option {
public:
    explicit Option(CLI::Option& option) : option_(&option) {}

    Option required();
    Option one_of(const std::vector<std::string>& choices);  ///< accepts these values only
    Option in_range(int min, int max);                       ///< accepts numbers from min to max only
    Option url();                                            ///< accepts URLs of endpoints only
    Option excludes(Option other);                           ///< rejects a command line that has both
    Option needs(Option other);                              ///< rejects a command line without `other`

private:
    CLI::Option* option_;
};

/// A command, such as `osbot local start`. Copies refer to the same command.
class Command {
public:
    explicit Command(CLI::App& app) : app_(&app) {}

    /// Adds a subcommand. `examples` is printed by its --help after the options.
    Command add_command(const char* name, const char* description, const char* examples = "");

    /// Adds an option (`--name TYPE`) or a positional argument (`name TYPE`); its value is stored in `value` when it is
    /// used. --help shows the type, such as FILE, FOLDER or JSON; it may be omitted.
    Option add_option(const char* name, std::string& value, const char* description);
    Option add_option(const char* name, std::vector<std::string>& values, const char* description);
    Option add_option(const char* name, int& value, const char* description);
    Option add_option(const char* name, std::optional<int>& value, const char* description);
    /// Adds an option with a number of bytes, optionally with a binary unit: 500K, 100M, 2G.
    Option add_size(const char* name, std::uint64_t& bytes, const char* description);
    Option add_size(const char* name, std::optional<std::uint64_t>& bytes, const char* description);
    Option add_flag(const char* name, bool& value, const char* description);

    void require_command();                       ///< rejects a command line without a subcommand
    void hide();                                  ///< omits it from --help, manual pages and completions
    void on_use(std::function<void()> callback);  ///< called by the parser after the options are stored

    const CLI::App& app() const { return *app_; }

private:
    CLI::App* app_;
};

}  // namespace osbot_aws::cli
