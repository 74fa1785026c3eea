#include "engine/version.hpp"

#include <fmt/format.h>

#include "cli/commands/commands.hpp"

namespace osbot_aws::cli {
namespace {

int run_version(const Options& options) {
    print(options, {{"version", std::string(engine::version)}}, fmt::format("osbot {}", engine::version));
    return exit_ok;
}

}  // namespace

void add_version(Command_Line& line) {
    line.add_command(line.root(), "version", "Show the version", &run_version,
                     "Examples:\n  osbot version\n  osbot version --json");
}

}  // namespace osbot_aws::cli
