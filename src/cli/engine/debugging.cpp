#include "cli/engine/debugging.hpp"

#include <fmt/format.h>

#include "base/local_error.hpp"
#include "base/numbers.hpp"

namespace osbot_aws::cli {

Result<services::Debug_Target> parse_debug_target(const std::string& text) {
    services::Debug_Target target;
    const std::size_t colon = text.find(':');
    target.function = text.substr(0, colon);
    if (colon == std::string::npos) return target;
    const auto port = base::parse_number<std::uint16_t>(text.substr(colon + 1));
    if (!port || *port == 0 || target.function.empty())
        return local_error("InvalidArgument", "invalid --debug '{}': expected FUNCTION or FUNCTION:PORT", text);
    target.port = *port;
    return target;
}

std::string how_to_debug(const services::Debug_Target& target, const std::filesystem::path& work_folder) {
    return fmt::format(
        R"({0} waits for a debugger when it is invoked. Deploy it with --timeout 900: callers give up after its timeout.
  C++     gdb PROGRAM -p PID (PROGRAM: the file that you built, PID: printed here); set breakpoints, then continue
  Python  attach to 127.0.0.1:{1}; in launch.json:
    {{
        "name": "{0}", "type": "debugpy", "request": "attach", "connect": {{"host": "127.0.0.1", "port": {1}}},
        "pathMappings": [{{"localRoot": "${{workspaceFolder}}", "remoteRoot": "{2}"}}]
    }}
)",
        target.function, target.port, services::debugged_code(work_folder, target.function).string());
}

}  // namespace osbot_aws::cli
