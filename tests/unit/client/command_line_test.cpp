#include "client/command_line.hpp"

#include <gmock/gmock.h>

namespace osbot_aws::client {
namespace {

using Words = std::vector<std::string>;

TEST(Command_Line_Test, splits_like_python_shlex) {
    const std::pair<const char*, Words> cases[] = {{"", {}},
                                                   {"  a\tb  ", {"a", "b"}},
                                                   {"a 'b c' \"d e\"", {"a", "b c", "d e"}},
                                                   {"a''b \"\" c", {"ab", "", "c"}},
                                                   {R"(a\ b "c\"d" 'e\f' "g\h")", {"a b", "c\"d", "e\\f", "g\\h"}},
                                                   {"$HOME *", {"$HOME", "*"}}};
    for (const auto& [line, words] : cases) EXPECT_EQ(split_command(line), words) << line;
}

TEST(Command_Line_Test, rejects_an_unclosed_quote) {
    EXPECT_FALSE(split_command("a 'b"));
    EXPECT_FALSE(split_command("a \"b"));
}

}  // namespace
}  // namespace osbot_aws::client
