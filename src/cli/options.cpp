#include "cli/options.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>

#include "base/json.hpp"
#include "base/log.hpp"
#include "cli/daemon.hpp"
#include "cli/error_pages.hpp"
#include "cli/terminal.hpp"
#include "sdk/session_impl.hpp"

namespace osbot_aws::cli {
namespace {

// A daemon that was started implicitly should not run forever.
constexpr std::chrono::minutes idle_exit{30};

bool contains(std::initializer_list<std::string_view> codes, const std::string& code) {
    for (const std::string_view candidate : codes) {
        if (candidate == code) return true;
    }
    return false;
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
    const Error inner = error_of(error.message);
    const bool has_code =
        error.code == "DeployFailed" && inner.code != inner.message && inner.code.find(' ') == std::string::npos;
    const Error& reported = has_code ? inner : error;
    const Json object{{"code", reported.code}, {"message", reported.message}, {"hint", hint}};
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

void mention_error_page(std::string_view code, std::string_view message) {
    if (const Error_Page* page = find_error_page(code, message); page != nullptr)
        std::fprintf(stderr, "more: osbot explain %.*s\n", static_cast<int>(page->name.size()), page->name.data());
}

Error error_of(const std::string& text) {
    const std::size_t colon = text.find(": ");
    return {text.substr(0, colon), colon == std::string::npos ? text : text.substr(colon + 2), 0};
}

void set_error_output(Error_Output output) { error_output = std::move(output); }

int report(const Error& error, const std::string& hint) {
    std::string text = error.message;
    if (error.code != "DeployFailed") text += fmt::format(" ({})", error.code);
    if (!hint.empty()) text += "; " + hint;
    print_error(text);
    mention_error_page(error.code, error.message);
    const Error_Page* page = find_error_page(error.code, error.message);
    print_error_object(error, hint.empty() && page != nullptr ? fmt::format("osbot explain {}", page->name) : hint);
    if (contains({"EndpointConnectionError", "ConnectTimeoutError", "ReadTimeoutError", "ConnectionClosedError",
                  "ProxyConnectionError", "SSLError", "CurlMissing"},
                 error.code)) {
        return exit_unreachable;
    }
    if (error.code == "ConfigurationError") return exit_usage;
    if (contains({"ResourceNotFoundException", "NotFound", "DaemonNotRunning", "QueueDoesNotExist"}, error.code))
        return exit_not_found;
    return exit_failed;
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
            return Error{"InvalidArgument", fmt::format("invalid {} '{}': expected NAME=VALUE", option, text), 0};
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
