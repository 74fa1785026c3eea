#include <fmt/format.h>

#include "base/json.hpp"
#include "base/subprocess.hpp"
#include "client/command_line.hpp"
#include "client/credential_places.hpp"
#include "client/settings.hpp"

namespace osbot_aws::client {
namespace {

constexpr std::string_view place = "custom-process";

std::string without_end(std::string text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
    return text;
}

// https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
Result<Credentials> run(const std::string& command) {
    auto words = split_command(command);
    if (!words || words->empty()) return retrieval_error(place, "No closing quotation");
    base::Program program;
    program.argv = std::move(*words);
    const auto ended = base::run_program(program);
    if (!ended) return retrieval_error(place, ended.error().message);
    if (ended->timed_out) return retrieval_error(place, "the program did not end within a minute");
    if (ended->exit_code != 0) return retrieval_error(place, without_end(ended->errors));
    const Json answer = base::parse_json(ended->output);
    if (!answer.is_object()) return retrieval_error(place, "the program's output is no JSON object");
    if (const Json version = answer.value("Version", Json("<Version key not provided>")); version != 1)
        return retrieval_error(
            place, fmt::format("Unsupported version '{}' for credential process provider, supported versions: 1",
                               version.is_string() ? version.get<std::string>() : base::dump_json(version)));
    return credentials_from(answer, place);
}

}  // namespace

Fetch_Credentials credential_process(const Profile& profile) {
    const std::string command = setting(profile, "credential_process");
    if (command.empty()) return {};
    return [command] { return run(command); };
}

}  // namespace osbot_aws::client
