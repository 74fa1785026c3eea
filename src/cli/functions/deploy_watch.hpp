#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.hpp"

#include "cli/commands/deploy.hpp"
#include "cli/line/command.hpp"

namespace osbot_aws::cli {

struct Watch_Arguments {
    bool enabled = false, logs = false;
    std::string build, event;
    std::vector<std::string> sources;
};

/// Adds the options and returns --watch.
Option add_watch_options(Command command, Watch_Arguments& arguments);

/// Returns the arguments with the current settings of osbot.toml.
using Read_Settings = std::function<Result<Deploy_Arguments>()>;

/// Deploys now and again after each save of a source file or of osbot.toml, until Ctrl-C. Errors of a deploy are
/// printed and watching continues. Returns the exit code only if the sources cannot be watched.
int deploy_and_watch(const Options& options, const Deploy_Arguments& deploy, const Watch_Arguments& watch,
                     const Read_Settings& read_settings);

}  // namespace osbot_aws::cli
