#pragma once

#include <filesystem>
#include <string>

#include "base/result.hpp"

namespace osbot_aws::services {

/// The packages that AWS's runtimes include, such as boto3, for the interpreters of this host. The program that starts
/// the engine provides them. `runtime` is that of the interpreter: python3.11. Any thread.
class Runtime_Support {
public:
    virtual ~Runtime_Support() = default;

    /// Returns the folder with the packages; empty if they are not installed. Called at each cold start, so it takes
    /// only some system calls.
    virtual std::filesystem::path find(const std::string& runtime) = 0;
    /// Installs the packages. Blocks for seconds, without a connection up to minutes; ends early if
    /// base::cancellation_fd is readable.
    virtual Result<void> install(const std::string& runtime, const std::filesystem::path& interpreter) = 0;
    /// Returns why the packages are not installed, in one line.
    virtual std::string problem(const std::string& runtime) = 0;
};

}  // namespace osbot_aws::services
