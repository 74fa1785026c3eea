#include "cli/line/options.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <map>

#include "base/error_codes.hpp"
#include "base/http_connection.hpp"
#include "base/json.hpp"
#include "base/local_error.hpp"
#include "base/log.hpp"
#include "cli/engine/daemon.hpp"
#include "cli/help/error_pages.hpp"
#include "cli/output/terminal.hpp"
#include "sdk/session_impl.hpp"
#include "sdk/user_support.hpp"

namespace osbot_aws::cli {
namespace {

// A daemon that was started implicitly should not run forever.
constexpr std::chrono::minutes idle_exit{30};

int exit_code_of(std::string_view code) {
    static const std::map<std::string_view, Exit_Code> exit_codes{{codes::endpoint_connection, exit_unreachable},
                                                                  {codes::connect_timeout, exit_unreachable},
                                                                  {codes::read_timeout, exit_unreachable},
                                                                  {codes::connection_closed, exit_unreachable},
                                                                  {codes::proxy_connection, exit_unreachable},
                                                                  {"SSLError", exit_unreachable},
                                                                  {"CurlMissing", exit_unreachable},
                                                                  {codes::configuration_error, exit_usage},
                                                                  {codes::resource_not_found, exit_not_found},
                                                                  {"NotFound", exit_not_found},
                                                                  {codes::daemon_not_running, exit_not_found},
                                                                  {codes::queue_does_not_exist, exit_not_found}};
    const auto found = exit_codes.find(code);
    return found == exit_codes.end() ? exit_failed : found->second;
}

Error_Output error_output;

/// Prints a line, which is wrapped on a terminal.
void print_error(const std::string& text) {
    constexpr std::string_view mark = "osbot:";
    std::fprintf(stderr, "%s %s\n", painted(mark, Colour::red, 2).c_str(),
                 wrapped(text, width_of(2), mark.size() + 1, 4).c_str());
}

void print_error_object(const Error& error, const std::string& hint) {
    if (!error_output.json) return;
    const Json object{{"code", error.code}, {"message", error.message}, {"hint", hint}};
    fmt::print("{}\n", base::dump_json_lossy(object));
}

}  // namespace

Session_Kwargs_Lambda session_settings(const Options& options) {
    if (options.local) ::setenv("OSBOT_AWS_TARGET", "local", 1);
    if (options.aws) ::setenv("OSBOT_AWS_TARGET", "aws", 1);
    if (options.local || options.aws) ::setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true", 1);
    return {.endpoint_url = options.endpoint_url, .region_name = options.region, .profile_name = options.profile};
}

Session make_session(const Options& options) {
    const Session_Kwargs_Lambda settings = session_settings(options);
    if (resolve_target(settings).value() == Target_Kind::local && !engine_runs(state_folder())) {
        const Daemon daemon = find_or_start_daemon({.state_folder = state_folder(),
                                                    .port = last_port(state_folder()),
                                                    .fall_back_to_free_port = true,
                                                    .runtime_support = user_runtime_support().value(),
                                                    .access = user_access_settings().value(),
                                                    .idle_exit = idle_exit})
                                  .value();
        if (daemon.started_now)
            print_note(
                fmt::format("started a local engine on {} (stops after 30 idle minutes, or with osbot local stop)",
                            daemon.endpoint_url()));
    }
    return Session(settings);
}

Session make_session_to_change(const Options& options) {
    Session session = make_session(options);
    if (!options.json) print_note("target: " + session.target());
    return session;
}

void mention_error_page(std::string_view code) {
    if (const Error_Page* page = find_error_page(code); page != nullptr)
        std::fprintf(stderr, "more: osbot explain %.*s\n", static_cast<int>(page->name.size()), page->name.data());
}

void set_error_output(Error_Output output) { error_output = std::move(output); }

int report(const Error& error, const std::string& hint) {
    std::string text = fmt::format("{} ({})", error.message, error.code);
    if (!hint.empty()) text += "; " + hint;
    print_error(text);
    mention_error_page(error.code);
    const Error_Page* page = find_error_page(error.code);
    print_error_object(error, hint.empty() && page != nullptr ? fmt::format("osbot explain {}", page->name) : hint);
    return exit_code_of(error.code);
}

int report_usage(const Error& error) {
    print_error(error.message);
    print_error_object(error, error_output.command + " --help");
    return exit_usage;
}

Result<std::vector<std::pair<std::string, std::string>>> names_and_values(const char* option,
                                                                          const std::vector<std::string>& texts) {
    std::vector<std::pair<std::string, std::string>> pairs;
    for (const std::string& text : texts) {
        const std::size_t equals = text.find('=');
        if (equals == std::string::npos || equals == 0)
            return local_error("InvalidArgument", "invalid {} '{}': expected NAME=VALUE", option, text);
        pairs.emplace_back(text.substr(0, equals), text.substr(equals + 1));
    }
    return pairs;
}

void print(const Options& options, const Json& json, const std::string& text) {
    const std::string out = options.json ? base::dump_json(json) : text;
    std::fwrite(out.data(), 1, out.size(), stdout);
    if (out.empty() || out.back() != '\n') std::fputc('\n', stdout);
}

}  // namespace osbot_aws::cli
