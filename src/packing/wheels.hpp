#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace osbot_aws::packing {

/// What installed packages must run on.
struct Wheel_Target {
    std::string runtime = "python3.11";
    std::string architecture = "x86_64";  ///< or arm64
};

/// The platform tags of wheels that run there, newest first: the C library decides, 2.26 on Amazon Linux 2 (python3.11
/// and older), 2.34 on Amazon Linux 2023. Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html,
/// https://peps.python.org/pep-0600/
std::vector<std::string> platform_tags(const Wheel_Target& target);

/// Of the C library there: 2.26 or 2.34.
std::string glibc_version(const Wheel_Target& target);

/// Installs packages from PyPI, and what they need, into the folder: as wheels, for the target and not for this
/// machine. Uses the program of find_python_installer(): uv or pip, with the same result. pip's and uv's own settings
/// (index, proxy, cache) apply. Files that differ between installers and machines (RECORD, scripts) are left out.
///
/// Errors: InvalidRequirement (empty, or one that the installer would take for an option); InstallerNotFound;
/// WheelNotFound when a requirement has no wheel for the target: names it, the runtime and the newest version that has
/// one; InstallFailed with the installer's words.
Result<void> install_wheels(const std::vector<std::string>& requirements, const Wheel_Target& target,
                            const std::filesystem::path& folder);

}  // namespace osbot_aws::packing
