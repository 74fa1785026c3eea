#pragma once

#include <string>
#include <vector>

#include "cli/command.hpp"
#include "cli/deploy.hpp"

namespace osbot_aws::cli {

struct Watch_Arguments {
    bool enabled = false, logs = false;
    std::string build, event;
    std::vector<std::string> sources;
};

void add_watch_options(Command command, Watch_Arguments& arguments);

/// Deploys now and again after each save of a source file, until Ctrl-C. Errors of a deploy are printed and watching
/// continues. Returns the exit code only if the sources cannot be watched.
int deploy_and_watch(const Options& options, const Deploy_Arguments& deploy, const Watch_Arguments& watch);

}  // namespace osbot_aws::cli
