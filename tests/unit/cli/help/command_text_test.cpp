#include "cli/help/command_text.hpp"

#include <gmock/gmock.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <regex>
#include <set>

#include "cli/commands/command_line.hpp"
#include "cli/help/completion_scripts.hpp"

namespace osbot_aws::cli {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(Command_Text_Test, describes_names_value_and_choices_of_an_option) {
    CLI::App app("", "tool");
    std::string mode;
    std::vector<std::string> many;
    Command command(app);
    command.add_option("-m,--mode", mode, "How").one_of({"auto", "off"});
    command.add_option("files FILE", many, "Which").required();
    const Command_Text text = describe(command);
    ASSERT_EQ(text.options.size(), 2U);  // CLI11 adds --help
    EXPECT_THAT(text.options[1].names, ElementsAre("-m", "--mode"));
    EXPECT_EQ(text.options[1].value, "TEXT");
    EXPECT_THAT(text.options[1].choices, ElementsAre("auto", "off"));
    EXPECT_EQ(kind_of(text.options[1]), Value_Kind::choice);
    ASSERT_EQ(text.positionals.size(), 1U);
    EXPECT_TRUE(text.positionals[0].required);
    EXPECT_TRUE(text.positionals[0].repeated);
    EXPECT_EQ(kind_of(text.positionals[0]), Value_Kind::file);
}

TEST(Command_Text_Test, omits_hidden_commands_and_returns_full_paths) {
    const Command_Line line;
    std::vector<std::string> paths;
    for_each_command(describe(line.root()), [&](const Command_Text& command) { paths.push_back(command.joined(' ')); });
    EXPECT_THAT(paths, Contains("osbot local image import"));
    EXPECT_THAT(paths, Not(Contains(HasSubstr(function_names_command))));
}

// Each page of docs/cli has a table of options, which must match the options of its command.

std::set<std::string> long_options(const Command_Text& command) {
    std::set<std::string> names;
    for_each_command(command, [&](const Command_Text& subcommand) {
        for (const Option_Text& option : subcommand.options)
            for (const std::string& name : option.names)
                if (name.starts_with("--") && name != "--help") names.insert(name);
    });
    return names;
}

std::set<std::string> options_in_tables(const std::string& page) {
    static const std::regex row("(^|\n)\\| `(--[a-z-]+)");
    std::set<std::string> names;
    for (std::sregex_iterator found(page.begin(), page.end(), row), end; found != end; ++found)
        names.insert((*found)[2].str());
    return names;
}

std::string page_of(const std::string& command) {
    std::ifstream file(std::string(CLI_PAGES) + "/" + command + ".md");
    return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Command_Text_Test, each_docs_page_lists_the_options_of_its_command) {
    const Command_Line line;
    for (const Command_Text& command : describe(line.root()).commands)
        EXPECT_EQ(options_in_tables(page_of(command.path.back())), long_options(command)) << command.joined(' ');
}

TEST(Command_Text_Test, overview_page_lists_all_commands_and_common_options) {
    const Command_Line line;
    const Command_Text root = describe(line.root());
    const std::string page = page_of("README");
    for (const Command_Text& command : root.commands) EXPECT_THAT(page, HasSubstr("](" + command.path.back() + ".md)"));
    for (const Option_Text& option : root.options) EXPECT_THAT(page, HasSubstr("`" + option.names.back()));
}

TEST(Command_Text_Test, each_command_has_examples) {
    const Command_Line line;
    for (const Command_Text& command : describe(line.root()).commands)
        EXPECT_THAT(command.footer, testing::StartsWith("Examples:\n")) << command.joined(' ');
}

}  // namespace
}  // namespace osbot_aws::cli
