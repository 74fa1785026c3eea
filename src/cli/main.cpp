#include <fcntl.h>

#include "cli/commands/command_line.hpp"
#include "cli/output/activity.hpp"

namespace {

/// Opens /dev/null for each closed standard stream: otherwise the next opened file or socket would get its number.
void open_closed_streams() {
    for (const int stream : {0, 1, 2})
        if (::fcntl(stream, F_GETFD) < 0) ::open("/dev/null", O_RDWR);
}

}  // namespace

int main(int argc, char** argv) {
    using namespace osbot_aws;
    open_closed_streams();
    cli::exit_cleanly_on_signals();
    try {
        return cli::Command_Line().run(argc, argv);
    } catch (const Aws_Exception& error) { return cli::report(error.error()); } catch (const std::exception& error) {
        return cli::report({"InternalError", error.what(), 0});
    }
}
