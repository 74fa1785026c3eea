#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <osbot_aws/core/Error.hpp>
#include <osbot_aws/core/Json.hpp>
#include <osbot_aws/core/Session.hpp>

#include "base/result.hpp"

namespace osbot_aws::cli {

/// Exit codes of `osbot`, documented in docs/cli/exit_codes.md.
enum Exit_Code : int {
    exit_ok = 0,
    exit_failed = 1,       ///< the function failed, or the service rejected the request
    exit_usage = 2,        ///< invalid arguments
    exit_unreachable = 3,  ///< no response from the endpoint
    exit_not_found = 4,    ///< no such function, daemon, or file to deploy
};

/// The options common to all commands.
struct Options {
    bool local = false, aws = false, json = false;
    std::string endpoint_url, region, profile;
};

/// Returns the session settings of the common options. Sets environment variables for --local and --aws.
Session_Kwargs_Lambda session_settings(const Options& options);

/// Creates the session of a command. If the target is the local engine and no daemon runs, starts one and reports it on
/// stderr. Throws Aws_Exception.
Session make_session(const Options& options);
/// Creates the session of a command that changes something, and prints its target first.
Session make_session_to_change(const Options& options);

/// If there is a page about an error, prints a line on stderr with the `osbot explain` command that shows it.
void mention_error_page(std::string_view code);

/// How the functions below print errors. Command_Line::run sets it before the command runs.
struct Error_Output {
    bool json = false;              ///< also print {code, message, hint} on stdout, on one line
    std::string command = "osbot";  ///< the command that runs: "osbot local start"
};
void set_error_output(Error_Output output);

/// Prints the error, the hint and the error's page (mention_error_page) on stderr, and returns the exit code for it.
/// The default hint of the JSON is the command that shows the page.
int report(const Error& error, const std::string& hint = "");
/// Prints an error about invalid arguments on stderr, and returns exit_usage.
int report_usage(const Error& error);

/// Parses the values of a repeated option NAME=VALUE. Errors: InvalidArgument, which names the malformed value.
Result<std::vector<std::pair<std::string, std::string>>> names_and_values(const char* option,
                                                                          const std::vector<std::string>& texts);

/// Prints the JSON on one line under --json, otherwise the text.
void print(const Options& options, const Json& json, const std::string& text);

}  // namespace osbot_aws::cli
