#include <fmt/format.h>

#include "base/subprocess.hpp"
#include "client/credential_places.hpp"
#include "client/settings.hpp"

namespace osbot_aws::client {
namespace {

constexpr std::string_view place = "custom-process";

/// A command line as a POSIX shell splits it: quotes and backslashes, nothing expanded. Nothing: a quote is left open.
std::optional<std::vector<std::string>> split_command(std::string_view line) {
    std::vector<std::string> words;
    bool in_word = false;
    char quote = '\0';
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (quote == '\0' && (c == ' ' || c == '\t')) {
            in_word = false;
            continue;
        }
        if (!std::exchange(in_word, true)) words.emplace_back();
        if (quote == '\0' && (c == '"' || c == '\''))
            quote = c;
        else if (c == quote && quote != '\0')
            quote = '\0';
        else if (c == '\\' && quote != '\'' && i + 1 < line.size() &&
                 (quote == '\0' || line[i + 1] == '"' || line[i + 1] == '\\'))
            words.back() += line[++i];
        else
            words.back() += c;
    }
    if (quote != '\0') return std::nullopt;
    return words;
}

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
    const Json answer = Json::parse(ended->output, nullptr, false);
    if (!answer.is_object()) return retrieval_error(place, "the program's output is no JSON object");
    if (const Json version = answer.value("Version", Json("<Version key not provided>")); version != 1)
        return retrieval_error(
            place, fmt::format("Unsupported version '{}' for credential process provider, supported versions: 1",
                               version.is_string() ? version.get<std::string>() : version.dump()));
    return credentials_from(answer, place);
}

}  // namespace

Fetch_Credentials credential_process(const Profile& profile) {
    const std::string command = setting(profile, "credential_process");
    if (command.empty()) return {};
    return [command] { return run(command); };
}

}  // namespace osbot_aws::client
