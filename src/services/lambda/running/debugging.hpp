#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>

#include "base/result.hpp"
#include "sandbox/sandbox.hpp"
#include "services/lambda/function.hpp"

namespace osbot_aws::services {

/// The function whose environment waits for a debugger before it accepts an event. It has one environment at a time,
/// and its timeouts do not apply. Requires that the sandbox is off.
struct Debug_Target {
    std::string function;
    std::uint16_t port = 5678;  ///< of debugpy or node's inspector on 127.0.0.1; not used for C++ functions
};

/// The timeout of a debugged function.
constexpr std::chrono::hours debug_timeout{24};

/// Returns the path of a debugged function's code. It is the same for all versions, so that a debugger can map it to
/// the sources.
std::filesystem::path debugged_code(const std::filesystem::path& work_folder, const std::string& function);

/// Links that path to this version's unpacked code and returns it. Errors: ServiceException for the disk.
Result<std::filesystem::path> link_debugged_code(const std::filesystem::path& work_folder, const std::string& function,
                                                 const std::filesystem::path& code);

/// Changes the process so that it waits until a debugger is attached. Python runs under debugpy, which is located by
/// running a Python of the engine's own environment; so call it on a worker thread. Errors: DebugpyMissing, with
/// instructions to install it.
Result<void> wait_for_debugger(sandbox::Process_Spec& spec, const Function& function, const Debug_Target& target,
                               const std::filesystem::path& work_folder);

/// Returns the instructions to attach a debugger.
std::string attach_instructions(const Function& function, const Debug_Target& target, pid_t process);

}  // namespace osbot_aws::services
