#pragma once

#include <string>
#include <vector>

#include "cli/command.hpp"
#include "cli/deploy.hpp"

namespace osbot_aws::cli {

struct Watch_Arguments {
    bool on = false, logs = false;
    std::string build, event;
    std::vector<std::string> sources;
};

void add_watch_options(Command command, Watch_Arguments& arguments);

/// Deploys now and again whenever a source was saved, until Ctrl-C; what goes wrong is shown, and watching goes on.
/// Answers only when it can't watch: the exit code.
int deploy_and_watch(const Options& options, const Deploy_Arguments& deploy, const Watch_Arguments& watch);

}  // namespace osbot_aws::cli
