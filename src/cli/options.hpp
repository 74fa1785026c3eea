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

/// What `osbot` answers to the shell; docs/cli/exit_codes.md says the same.
enum Exit_Code : int {
    exit_ok = 0,
    exit_failed = 1,       ///< the function failed, or the service refused the call
    exit_usage = 2,        ///< wrong arguments
    exit_unreachable = 3,  ///< no answer from the endpoint
    exit_not_found = 4,    ///< no such function or daemon; nothing there to deploy
};

/// What every command takes.
struct Options {
    bool local = false, aws = false, json = false;
    std::string endpoint_url, region, profile;
};

/// What the common options say of a session; --local and --aws go into the environment.
Session_Kwargs_Lambda session_settings(const Options& options);

/// The session of a command. Starts a daemon when the target is the local engine and none runs, and says so.
/// Throws Aws_Exception.
Session make_session(const Options& options);
/// Of a command that changes something: says first where.
Session make_session_to_change(const Options& options);

/// One line on stderr that names the page about an error, when there is one: `osbot explain` shows it.
void point_to_page(std::string_view code, std::string_view message = "");

/// "CODE: why", as the classes answer what went wrong.
Error error_of(const std::string& text);

/// One line on stderr, and where to read more; answers the exit code that fits.
int report(const Error& error);
/// The same, of wrong arguments.
int report_usage(const Error& error);

/// What a repeated option NAME=VALUE has said. Errors: InvalidArgument, naming the one that is not like that.
Result<std::vector<std::pair<std::string, std::string>>> names_and_values(const char* option,
                                                                          const std::vector<std::string>& texts);

/// JSON on one line under --json, else the text.
void print(const Options& options, const Json& json, const std::string& text);

}  // namespace osbot_aws::cli
