#include "cli/line/parse_errors.hpp"

#include <gmock/gmock.h>

#include <CLI/CLI.hpp>

#include "cli/commands/command_line.hpp"

namespace osbot_aws::cli {
namespace {

using testing::HasSubstr;
using Words = std::vector<std::string>;

/// Parses the arguments of the real command, without running it. Returns the class of the error, as its exit code, and
/// the message.
std::pair<CLI::ExitCodes, std::string> error_of(const Words& words) {
    const Command_Line line;
    auto& app = const_cast<CLI::App&>(line.root().app());
    try {
        app.parse(Words(words.rbegin(), words.rend()));
    } catch (const CLI::ParseError& error) {
        return {CLI::ExitCodes(error.get_exit_code()), usage_message(app, error)};
    }
    return {CLI::ExitCodes::Success, "no error"};
}

struct Usage_Case {
    const char* name;
    Words words;
    CLI::ExitCodes kind;
    std::string message;
};
void PrintTo(const Usage_Case& c, std::ostream* out) { *out << c.name; }

struct Usage_Message_Test : testing::TestWithParam<Usage_Case> {};

TEST_P(Usage_Message_Test, error_of_the_parser_is_in_words_of_the_command) {
    const auto& [name, words, kind, message] = GetParam();
    EXPECT_EQ(error_of(words), std::pair(kind, message));
}

const std::string kinds =
    "sqs, s3, url, schedule, apigateway, apigateway-v2, sns, dynamodb, eventbridge, kinesis, logs";

INSTANTIATE_TEST_SUITE_P(
    each, Usage_Message_Test,
    testing::Values(
        Usage_Case{"unknown_option",
                   {"list", "--regoin", "x"},
                   CLI::ExitCodes::ExtrasError,
                   "unknown option '--regoin'; did you mean '--region'?"},
        Usage_Case{"unknown_command",
                   {"depoly"},
                   CLI::ExitCodes::RequiredError,
                   "unknown command 'depoly'; did you mean 'deploy'?"},
        Usage_Case{"unexpected_argument",
                   {"invoke", "f", "{}", "more"},
                   CLI::ExitCodes::ExtrasError,
                   "unexpected argument 'more'; osbot invoke takes these arguments only: function, payload"},
        Usage_Case{"no_arguments",
                   {"list", "x"},
                   CLI::ExitCodes::ExtrasError,
                   "unexpected argument 'x'; osbot list takes no arguments"},
        Usage_Case{"option_without_dashes",
                   {"logs", "hello", "folow"},
                   CLI::ExitCodes::ExtrasError,
                   "unexpected argument 'folow'; did you mean '--follow'?"},
        Usage_Case{"missing_argument",
                   {"queues", "send"},
                   CLI::ExitCodes::RequiredError,
                   "missing argument 'queue': Name or URL of the queue"},
        Usage_Case{"missing_command",
                   {"queues"},
                   CLI::ExitCodes::RequiredError,
                   "osbot queues requires a command: list, send, peek, redrive"},
        Usage_Case{
            "missing_option", {"invoke", "f", "--set", "a=b"}, CLI::ExitCodes::RequiresError, "--set requires --event"},
        Usage_Case{"excluded_option",
                   {"list", "--aws", "--local"},
                   CLI::ExitCodes::ExcludesError,
                   "--local cannot be used with --aws"},
        Usage_Case{"excluded_argument",
                   {"invoke", "f", "{}", "--event", "s3"},
                   CLI::ExitCodes::ExcludesError,
                   "the argument 'payload' cannot be used with --event"},
        Usage_Case{"missing_value",
                   {"logs", "--since"},
                   CLI::ExitCodes::ArgumentMismatch,
                   "--since requires a value: Show lines newer than this: 90s, 10m, 2h, 1d"},
        Usage_Case{"option_twice",
                   {"logs", "--lines", "1", "--lines", "2"},
                   CLI::ExitCodes::ArgumentMismatch,
                   "--lines may be used only once"},
        Usage_Case{
            "value_of_a_flag", {"list", "--json=maybe"}, CLI::ExitCodes::ConversionError, "--json takes no value"},
        Usage_Case{"text_for_number",
                   {"local", "start", "--port", "x"},
                   CLI::ExitCodes::ValidationError,
                   "invalid --port 'x': expected a whole number"},
        Usage_Case{"octal_number",
                   {"deploy", "x", "--memory", "0x100"},
                   CLI::ExitCodes::ValidationError,
                   "invalid --memory '0x100': expected a whole number"},
        Usage_Case{"out_of_range",
                   {"local", "start", "--port", "70000"},
                   CLI::ExitCodes::ValidationError,
                   "invalid --port '70000': expected 0 to 65535"},
        Usage_Case{"choice",
                   {"deploy", "x", "--architecture", "arm46"},
                   CLI::ExitCodes::ValidationError,
                   "invalid --architecture 'arm46': expected x86_64, arm64; did you mean 'arm64'?"},
        Usage_Case{"choice_of_an_argument",
                   {"event", "xyz"},
                   CLI::ExitCodes::ValidationError,
                   "invalid kind 'xyz': expected " + kinds},
        Usage_Case{"size",
                   {"local", "start", "--logs-max", "5Q"},
                   CLI::ExitCodes::ValidationError,
                   "invalid --logs-max '5Q': expected a size such as 500K, 100M, 2G or 1T"},
        Usage_Case{"url",
                   {"list", "--endpoint-url", "foo"},
                   CLI::ExitCodes::ValidationError,
                   "invalid --endpoint-url 'foo': expected a URL such as http://127.0.0.1:4566"},
        Usage_Case{"empty_url",
                   {"list", "--endpoint-url", ""},
                   CLI::ExitCodes::ValidationError,
                   "invalid --endpoint-url '': expected a URL such as http://127.0.0.1:4566"}),
    [](const auto& c) { return c.param.name; });

/// The other classes of CLI11 are about its configuration files and callbacks, so no command line causes them.
TEST(Usage_Message, other_errors_of_the_parser_have_a_message) {
    const Command_Line line;
    auto& app = const_cast<CLI::App&>(line.root().app());
    for (const CLI::ParseError& error :
         {CLI::ParseError(CLI::FileError::Missing("x.ini")), CLI::ParseError(CLI::ConfigError::Extras("x")),
          CLI::ParseError(CLI::InvalidError("x")), CLI::ParseError(CLI::HorribleError("x")),
          CLI::ParseError(CLI::RuntimeError(1))})
        EXPECT_THAT(usage_message(app, error), HasSubstr("the arguments cannot be parsed: ")) << error.get_name();
}

}  // namespace
}  // namespace osbot_aws::cli
