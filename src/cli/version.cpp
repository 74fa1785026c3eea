#include "server/version.hpp"

#include <fmt/format.h>

#include "cli/commands.hpp"

namespace osbot_aws::cli {
namespace {

struct Arguments {};

int run(const Options& options, const Arguments&) {
    print(options, {{"version", std::string(server::version)}}, fmt::format("osbot {}", server::version));
    return exit_ok;
}

}  // namespace

void add_version(Command_Line& line) {
    line.set_action(
        line.root().add_command("version", "Show the version", "Examples:\n  osbot version\n  osbot version --json"),
        &run);
}

}  // namespace osbot_aws::cli
