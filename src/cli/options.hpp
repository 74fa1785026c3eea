#pragma once

#include <string>
#include <vector>

#include <osbot_aws/core/Error.hpp>
#include <osbot_aws/core/Json.hpp>
#include <osbot_aws/core/Session.hpp>

namespace osbot_aws::cli {

/// What `osbot` answers to the shell; docs/cli/exit_codes.md says the same.
enum Exit_Code : int {
    exit_ok = 0,
    exit_failed = 1,       ///< the function failed, or the service refused the call
    exit_usage = 2,        ///< wrong arguments
    exit_unreachable = 3,  ///< no answer from the endpoint
    exit_not_found = 4,    ///< no such function, file, or daemon
};

/// What every command takes.
struct Options {
    bool local = false, aws = false, json = false;
    std::string endpoint_url, region, profile;
};

/// The session of a command. Starts a daemon when the target is the local engine and none runs, and says so.
/// Throws Aws_Exception.
Session make_session(const Options& options);

/// One line on stderr; answers the exit code that fits.
int report(const Error& error);

/// JSON on one line under --json, else the text.
void print(const Options& options, const Json& json, const std::string& text);

}  // namespace osbot_aws::cli
