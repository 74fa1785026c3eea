#include <fmt/format.h>

#include "base/json.hpp"
#include "base/subprocess.hpp"
#include "client/command_line.hpp"
#include "client/credential_sources.hpp"
#include "client/settings.hpp"

namespace osbot_aws::client {
namespace {

constexpr std::string_view process_source = "custom-process";

std::string without_trailing_newlines(std::string text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
    return text;
}

// https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
Result<Credentials> run(const std::string& command) {
    auto words = split_command(command);
    if (!words || words->empty()) return retrieval_error(process_source, "No closing quotation");
    base::Program program;
    program.argv = std::move(*words);
    const auto result = base::run_program(program);
    if (!result) return retrieval_error(process_source, result.error().message);
    if (result->timed_out) return retrieval_error(process_source, "the program did not exit within one minute");
    if (result->exit_code != 0) return retrieval_error(process_source, without_trailing_newlines(result->errors));
    const Json output = base::parse_json(result->output);
    if (!output.is_object()) return retrieval_error(process_source, "the program's output is not a JSON object");
    if (const Json version = output.value("Version", Json("<Version key not provided>")); version != 1)
        return retrieval_error(
            process_source,
            fmt::format("Unsupported version '{}' for credential process provider, supported versions: 1",
                        version.is_string() ? version.get<std::string>() : base::dump_json(version)));
    return credentials_from(output, process_source);
}

}  // namespace

Fetch_Credentials credential_process(const Profile& profile) {
    const std::string command = setting(profile, "credential_process");
    if (command.empty()) return {};
    return [command] { return run(command); };
}

}  // namespace osbot_aws::client
