#include "cli/project/project_settings.hpp"

#include <gmock/gmock.h>

#include "base/files.hpp"
#include "cli/project/project_functions.hpp"

namespace osbot_aws::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

Function_Settings only_function(std::string_view text, std::string_view stage = "") {
    return parse_settings(text, "app/osbot.toml", stage).value().at(0);
}

std::string error_of(std::string_view text) {
    const auto parsed = parse_settings(text, "app/osbot.toml", "prod");
    return parsed ? "no error" : parsed.error().message;
}

constexpr std::string_view complete = R"(
[functions.hello]
source = "src/app.py"
handler = "app.main"
runtime = "python3.12"
architecture = "arm64"
memory = 256
timeout = 5
ephemeral_storage = 1024
layers = ["arn:1", "arn:2"]
packages = ["requests"]
files = ["data.csv"]
url = "public"
env = { LEVEL = "info", MODE = "" }

[functions.hello.stages.prod]
memory = 1024
layers = []
env.LEVEL = "error"
)";

TEST(Project_Settings_Test, reads_each_type_of_value) {
    const Function_Settings f = only_function(complete);

    EXPECT_EQ(f.name, "hello");
    EXPECT_EQ(f.handler, "app.main");
    EXPECT_EQ(f.memory_mb, 256);
    EXPECT_EQ(f.ephemeral_storage_mb, 1024);
    EXPECT_THAT(f.layers, ElementsAre("arn:1", "arn:2"));
    EXPECT_THAT(f.env, ElementsAre(Pair("LEVEL", "info"), Pair("MODE", "")));
    EXPECT_EQ(f.path_of(f.source), "app/src/app.py");
    EXPECT_EQ(f.path_of("."), "app");
}

TEST(Project_Settings_Test, stage_replaces_values_and_adds_variables) {
    const Function_Settings f = only_function(complete, "prod");

    EXPECT_EQ(f.memory_mb, 1024);
    EXPECT_EQ(f.timeout_s, 5);
    EXPECT_THAT(f.layers, ElementsAre());
    EXPECT_THAT(f.env, ElementsAre(Pair("LEVEL", "error"), Pair("MODE", "")));
}

TEST(Project_Settings_Test, keeps_the_order_of_the_file) {
    const auto functions =
        parse_settings("[functions.b]\nsource='b.py'\n[functions.a]\nimage='a:1'\n", "osbot.toml", "").value();
    ASSERT_EQ(functions.size(), 2U);
    EXPECT_EQ(functions[0].name, "b");
    EXPECT_EQ(functions[1].name, "a");
}

TEST(Project_Settings_Test, paths_of_the_current_folder_are_short) {
    const auto functions = parse_settings("[functions.b]\nsource='b.py'\n", "osbot.toml", "").value();
    EXPECT_EQ(functions[0].path_of("b.py"), "b.py");
    EXPECT_EQ(functions[0].path_of("/abs/b.py"), "/abs/b.py");
}

struct Invalid_Case {
    const char* name;
    std::string text, error;
};
void PrintTo(const Invalid_Case& c, std::ostream* out) { *out << c.name; }

struct Invalid_Settings_Test : testing::TestWithParam<Invalid_Case> {};

TEST_P(Invalid_Settings_Test, error_names_the_line_and_the_way_out) {
    EXPECT_THAT(error_of(GetParam().text), HasSubstr(GetParam().error));
}

const std::string function_text = "[functions.hello]\nsource = 'a.py'\n";

std::string deep_list(std::size_t depth) {
    return function_text + "layers = " + std::string(depth, '[') + std::string(depth, ']');
}

std::string many_functions(std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += "[functions.f" + std::to_string(i) + "]\nsource = 'a.py'\n";
    return text;
}

std::string dotted_key(std::size_t dots) {
    std::string key = "a";
    for (std::size_t i = 0; i < dots; ++i) key += ".a";
    return key + " = 1\n";
}

INSTANTIATE_TEST_SUITE_P(
    each, Invalid_Settings_Test,
    testing::Values(
        Invalid_Case{"empty", "", "app/osbot.toml:1: no function: expected [functions.NAME]"},
        Invalid_Case{"no_functions", "\n[functions]\n", "app/osbot.toml:2: no function: expected [functions.NAME]"},
        Invalid_Case{"syntax", function_text + "memory = \n", "app/osbot.toml:3: "},
        Invalid_Case{"unknown_table", "[function.hello]\n",
                     "app/osbot.toml:1: unknown key 'function' in the file; did you mean 'functions'?"},
        Invalid_Case{"unknown_key", function_text + "memroy = 512\n",
                     "app/osbot.toml:3: unknown key 'memroy' in functions.hello; did you mean 'memory'?"},
        Invalid_Case{"unknown_key_of_other_stage", function_text + "[functions.hello.stages.dev]\ntimeuot = 5\n",
                     "app/osbot.toml:4: unknown key 'timeuot' in functions.hello.stages.dev; did you mean 'timeout'?"},
        Invalid_Case{"stages_in_stage", function_text + "[functions.hello.stages.dev.stages.x]\n",
                     "unknown key 'stages' in functions.hello.stages.dev"},
        Invalid_Case{"text_for_number", function_text + "memory = '512'\n",
                     "app/osbot.toml:3: functions.hello.memory has the wrong type (text): expected a whole number"},
        Invalid_Case{"fraction", function_text + "timeout = 1.5\n", "has the wrong type (number)"},
        Invalid_Case{"out_of_range", function_text + "timeout = 901\n",
                     "app/osbot.toml:3: functions.hello.timeout is 901: expected 1 to 900"},
        Invalid_Case{"choice", function_text + "url = 'yes'\n",
                     "invalid functions.hello.url 'yes': expected public, iam, none"},
        Invalid_Case{"text_for_list", function_text + "layers = 'arn'\n", "expected a list of texts"},
        Invalid_Case{"number_in_list", function_text + "layers = [\n  'arn',\n  1]\n",
                     "app/osbot.toml:5: functions.hello.layers has the wrong type (whole number)"},
        Invalid_Case{"number_in_env", function_text + "env = { LEVEL = 1 }\n",
                     "functions.hello.env.LEVEL has the wrong type (whole number): expected text in quotes"},
        Invalid_Case{"variable_name", function_text + "env = { 'A=B' = 'x' }\n", "invalid variable name 'A=B'"},
        Invalid_Case{"function_name", "[functions.'a b']\nsource = 'a.py'\n",
                     "app/osbot.toml:1: invalid function name 'a b'"},
        Invalid_Case{"function_is_text", "functions.hello = 'a.py'\n", "functions.hello has the wrong type (text)"},
        Invalid_Case{"no_source", "[functions.hello]\nmemory = 512\n",
                     "app/osbot.toml:1: functions.hello has no source; add a line below [functions.hello], such as "
                     "source = \"hello.py\""},
        Invalid_Case{"no_source_in_a_later_function", function_text + "\n[functions.b]\ntimeout = 5\n",
                     "app/osbot.toml:4: functions.b has no source"},
        Invalid_Case{"no_source_without_a_header", "\n\n[functions.hello.env]\nLEVEL = 'x'\n",
                     "app/osbot.toml:3: functions.hello has no source"},
        Invalid_Case{"no_source_in_dotted_keys", "\nfunctions.hello.memory = 512\n",
                     "app/osbot.toml:2: functions.hello has no source"},
        Invalid_Case{"no_source_inline", "\nfunctions = { hello = { memory = 512 } }\n",
                     "app/osbot.toml:2: functions.hello has no source"},
        Invalid_Case{"functions_is_a_list", "\n[[functions]]\nsource = 'a.py'\n",
                     "app/osbot.toml:2: functions has the wrong type (list)"},
        Invalid_Case{"function_is_a_list", "\n[[functions.a]]\nsource = 'a.py'\n",
                     "app/osbot.toml:2: functions.a has the wrong type (list)"},
        Invalid_Case{"function_name_without_a_header", "\n[functions.'a b'.env]\nAB = 'x'\n",
                     "app/osbot.toml:2: invalid function name 'a b'"},
        Invalid_Case{"stages_is_text", function_text + "stages = 'prod'\n",
                     "app/osbot.toml:3: functions.hello.stages has the wrong type (text)"},
        Invalid_Case{"stage_is_text", function_text + "stages.prod = 'x'\n",
                     "app/osbot.toml:3: functions.hello.stages.prod has the wrong type (text)"},
        Invalid_Case{"env_is_text", function_text + "env = 'x'\n",
                     "app/osbot.toml:3: functions.hello.env has the wrong type (text)"},
        Invalid_Case{"variable_name_in_a_table", function_text + "[functions.hello.env]\n\n'A=B' = 'x'\n",
                     "app/osbot.toml:5: invalid variable name 'A=B'"},
        Invalid_Case{"nul", function_text + "handler = \"a\\u0000b\"\n",
                     "app/osbot.toml:3: functions.hello.handler contains a NUL character"},
        Invalid_Case{"escape_sequence", "\"\\u001b[2J\" = 1\n", "unknown key ' [2J' in the file"},
        Invalid_Case{"twice", function_text + "source = 'b.py'\n", "app/osbot.toml:3: "},
        Invalid_Case{"deep_list", deep_list(settings_nested_values_max + 1), "app/osbot.toml:3: "},
        Invalid_Case{"deep_key", dotted_key(settings_dots_per_line_max + 1),
                     "app/osbot.toml:1: more than 100 dots in one line"},
        Invalid_Case{"many_functions", many_functions(settings_functions_max + 1),
                     "app/osbot.toml:1: 201 functions; the limit is 200"}),
    [](const auto& c) { return c.param.name; });

TEST(Project_Settings_Test, accepts_values_at_the_limits) {
    EXPECT_EQ(parse_settings(many_functions(settings_functions_max), "osbot.toml", "").value().size(),
              settings_functions_max);
}

TEST(Project_Settings_Test, rejects_a_large_file) {
    const base::Temporary_Folder folder;
    ASSERT_TRUE(base::write_file(folder.path() / "osbot.toml", std::string(settings_bytes_max + 1, '\n')));
    const auto read = read_settings(folder.path(), "");
    ASSERT_FALSE(read);
    EXPECT_THAT(read.error().message, HasSubstr("larger than the limit of 262144 bytes"));
}

TEST(Project_Settings_Test, folder_without_a_file_has_no_settings) {
    const base::Temporary_Folder folder;
    EXPECT_FALSE(read_settings(folder.path(), "").value());
}

struct Project_Functions_Test : testing::Test {
    const base::Temporary_Folder folder;
    const std::string root = folder.path();

    void write(const std::string& text) { ASSERT_TRUE(base::write_file(folder.path() / "osbot.toml", text)); }
    std::vector<std::string> names(const Function_Request& request) {
        std::vector<std::string> found;
        const auto functions = find_functions(request).value();
        for (const Function_Settings& function : functions) found.push_back(function.name);
        return found;
    }
};

TEST_F(Project_Functions_Test, finds_a_file_by_its_source) {
    write("[functions.a]\nsource = 'a.py'\n[functions.b]\nsource = 'build/b'\n");
    EXPECT_THAT(names({.source = root + "/a.py", .name = {}, .stage = {}}), ElementsAre("a"));
    EXPECT_THAT(names({.source = root + "/build/b", .name = {}, .stage = {}}), ElementsAre("b"));
    EXPECT_THAT(names({.source = root + "/other.py", .name = {}, .stage = {}}), ElementsAre());
}

TEST_F(Project_Functions_Test, several_functions_need_a_name_or_all) {
    write("[functions.a]\nsource = '.'\nhandler = 'app.a'\n[functions.b]\nsource = '.'\n");
    const auto ambiguous = find_functions({.source = root, .name = {}, .stage = {}});
    ASSERT_FALSE(ambiguous);
    EXPECT_THAT(ambiguous.error().message, HasSubstr("has several functions: a, b; name one of them"));
    EXPECT_THAT(names({.source = root, .name = "b", .stage = {}}), ElementsAre("b"));
    EXPECT_THAT(names({.source = root, .name = {}, .stage = {}, .all = true}), ElementsAre("a", "b"));
}

}  // namespace
}  // namespace osbot_aws::cli
