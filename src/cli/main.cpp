#include <fcntl.h>

#include "cli/activity.hpp"
#include "cli/command_line.hpp"

namespace {

/// The next opened file or socket would take the number of a closed standard stream, and be used as that stream.
void open_closed_streams() {
    for (const int stream : {0, 1, 2})
        if (::fcntl(stream, F_GETFD) < 0) ::open("/dev/null", O_RDWR);
}

}  // namespace

int main(int argc, char** argv) {
    using namespace osbot_aws;
    open_closed_streams();
    cli::end_cleanly_when_interrupted();
    try {
        return cli::Command_Line().run(argc, argv);
    } catch (const Aws_Exception& failed) { return cli::report(failed.error()); } catch (const std::exception& bug) {
        return cli::report({"InternalError", bug.what(), 0});
    }
}
