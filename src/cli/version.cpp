#include "engine/version.hpp"

#include <fmt/format.h>

#include "cli/commands.hpp"

namespace osbot_aws::cli {
namespace {

struct Version_Arguments {};

int run_version(const Options& options, const Version_Arguments&) {
    print(options, {{"version", std::string(engine::version)}}, fmt::format("osbot {}", engine::version));
    return exit_ok;
}

}  // namespace

void add_version(Command_Line& line) {
    line.set_action(
        line.root().add_command("version", "Show the version", "Examples:\n  osbot version\n  osbot version --json"),
        &run_version);
}

}  // namespace osbot_aws::cli
