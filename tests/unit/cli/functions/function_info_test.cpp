#include "cli/functions/function_info.hpp"

#include <gmock/gmock.h>

namespace osbot_aws::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

Json info_of(Json configuration) {
    return {{"Configuration", std::move(configuration)},
            {"Url", Json::object()},
            {"Aliases", Json::array()},
            {"EventSources", Json::array()}};
}

TEST(Function_Info, shows_names_of_variables_without_values) {
    const std::string text =
        info_text(info_of({{"Environment", {{"Variables", {{"TOKEN", "s3cret"}, {"MODE", "x"}}}}}}));
    EXPECT_THAT(text, AllOf(HasSubstr("Environment        MODE, TOKEN\n"), Not(HasSubstr("s3cret"))));
}

TEST(Function_Info, shows_layers_url_aliases_triggers_and_concurrency) {
    Json info = info_of({{"CodeSize", 4096}, {"Layers", {{{"Arn", "arn:one:1"}}, {{"Arn", "arn:two:1"}}}}});
    info["Url"] = {{"FunctionUrl", "http://x/"}, {"AuthType", "NONE"}};
    info["Aliases"] = {{{"Name", "live"}, {"FunctionVersion", "3"}}};
    info["EventSources"] = {{{"EventSourceArn", "arn:queue"}, {"State", "Enabled"}, {"BatchSize", 10}}};
    info["Concurrency"] = {{"ReservedConcurrentExecutions", 5}};
    const std::string text = info_text(info);
    for (const char* line :
         {"CodeSize           4.0 KiB\n", "Layers             arn:one:1\n                   arn:two:1\n",
          "Url                http://x/ (NONE)\n", "Aliases            live -> 3\n",
          "Triggers           arn:queue (Enabled, batches of 10)\n", "Concurrency        5 reserved\n"})
        EXPECT_THAT(text, HasSubstr(line));
}

TEST(Function_Info, names_the_reason_for_a_part_that_is_denied) {
    Json info = info_of(Json::object());
    info["Aliases"] = {{"error", "AccessDeniedException: no"}};
    EXPECT_THAT(info_text(info), HasSubstr("Aliases            AccessDeniedException: no\n"));
}

}  // namespace
}  // namespace osbot_aws::cli
