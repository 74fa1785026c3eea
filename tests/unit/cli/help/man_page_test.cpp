#include "cli/help/man_page.hpp"

#include <gmock/gmock.h>

namespace osbot_aws::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Man_Page_Test : testing::Test {
    Command_Text root{.path = {"osbot"}, .description = "runs", .options = {{.names = {"--json"}, .description = "J"}}};
    Command_Text command{.path = {"osbot", "local", "start"}, .description = "Start it"};
};

TEST_F(Man_Page_Test, escapes_requests_and_backslashes) {
    command.footer = "Examples:\n.hidden \\n\n'quoted'";
    const std::string page = man_page(command, root);
    EXPECT_THAT(page, HasSubstr("\\&.hidden \\en\n\\&'quoted'\n"));
}

TEST_F(Man_Page_Test, contains_names_choices_and_common_options) {
    command.options = {
        {.names = {"-s", "--sandbox"}, .value = "TEXT", .choices = {"auto", "off"}, .description = "How"}};
    const std::string page = man_page(command, root);
    EXPECT_THAT(page, HasSubstr(".TP\n\\fB\\-s\\fR, \\fB\\-\\-sandbox\\fR \\fBauto\\fR|\\fBoff\\fR\nHow\n"));
    EXPECT_THAT(page, HasSubstr(".SH COMMON OPTIONS\n.TP\n\\fB\\-\\-json\\fR\nJ\n"));
    EXPECT_THAT(page, HasSubstr(".BR osbot (1)"));
    EXPECT_EQ(man_file_name(command), "osbot-local-start.1");
}

TEST_F(Man_Page_Test, optional_argument_is_in_brackets) {
    command.positionals = {{.names = {"function"}, .value = "FUNCTION", .required = true},
                           {.names = {"payload"}, .value = "JSON"}};
    EXPECT_THAT(man_page(command, root), HasSubstr("\\fIFUNCTION\\fR [\\fIPAYLOAD\\fR]\n"));
}

TEST_F(Man_Page_Test, paragraphs_after_the_examples_are_notes) {
    command.footer = "Examples:\n  osbot a\n\nFirst.\n\nSecond.";
    EXPECT_THAT(man_page(command, root),
                HasSubstr(".SH EXAMPLES\n.nf\n  osbot a\n.fi\n.SH NOTES\nFirst.\n.PP\nSecond.\n"));
    command.footer = "";
    EXPECT_THAT(man_page(command, root), Not(HasSubstr(".SH NOTES")));
}

}  // namespace
}  // namespace osbot_aws::cli
