#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>

#include "base/result.hpp"
#include "engine/lambda/function.hpp"
#include "sandbox/sandbox.hpp"

namespace osbot_aws::engine {

/// The function whose environment waits for a debugger before it takes an event. It has one environment at a time, and
/// its timeouts do not pass. Only without a sandbox.
struct Debug_Target {
    std::string function;
    std::uint16_t port = 5678;  ///< of debugpy, on 127.0.0.1; C++ functions need none
};

/// What a debugged function is told of the time that is left.
constexpr std::chrono::hours debugging_time{24};

/// Where a debugged function's code lies, whichever version it is of: what a debugger maps to the sources.
std::filesystem::path debugged_code(const std::filesystem::path& work_folder, const std::string& function);

/// Makes that path lead to this version's unpacked code. Errors: ServiceException for the disk.
Result<std::filesystem::path> link_debugged_code(const std::filesystem::path& work_folder, const std::string& function,
                                                 const std::filesystem::path& code);

/// Changes what is executed so that it waits until a debugger is attached. Python runs below debugpy, which is looked
/// for with a Python of the engine's own environment: for a worker. Errors: DebugpyMissing says how to install it.
Result<void> wait_for_debugger(sandbox::Process_Spec& spec, const Function& function, const Debug_Target& target,
                               const std::filesystem::path& work_folder);

/// What its user does then.
std::string where_to_attach(const Function& function, const Debug_Target& target, pid_t process);

}  // namespace osbot_aws::engine
