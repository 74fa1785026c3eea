#include "cli/activity.hpp"
#include "cli/command_line.hpp"

int main(int argc, char** argv) {
    using namespace osbot_aws;
    cli::end_cleanly_when_interrupted();
    try {
        return cli::Command_Line().run(argc, argv);
    } catch (const Aws_Exception& failed) { return cli::report(failed.error()); } catch (const std::exception& bug) {
        return cli::report({"InternalError", bug.what(), 0});
    }
}
