#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace osbot_aws::packing {

/// The platform on which installed packages must run.
struct Wheel_Target {
    std::string runtime = "python3.11";
    std::string architecture = "x86_64";  ///< or arm64
};

/// Returns the platform tags of wheels that run on the target, newest first. They depend on its glibc: 2.26 on Amazon
/// Linux 2 (python3.11 and older), 2.34 on Amazon Linux 2023.
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html, https://peps.python.org/pep-0600/
std::vector<std::string> platform_tags(const Wheel_Target& target);

/// Returns 11 for python3.11; nullopt for other runtimes.
std::optional<int> python_minor(const std::string& runtime);

/// Returns the glibc version of the target: 2.26 or 2.34.
std::string glibc_version(const Wheel_Target& target);

/// Installs packages from PyPI, those of a requirements.txt (empty: none) and their dependencies into the folder: as
/// wheels for the target, not for this machine.
/// Uses the program of find_python_installer(), uv or pip, with the same result. Their own settings (index, proxy,
/// cache) apply. Files that differ between installers and machines (INSTALLER, scripts with an interpreter path) are
/// removed, and RECORD is rewritten without them.
///
/// Errors: InvalidRuntime; InvalidArchitecture; InvalidRequirement (empty, or would be parsed as an option);
/// InstallerNotFound; PackageNotFound if the index has no package of a requirement's name; WheelNotFound if a
/// requirement has no wheel for the target, naming the requirement, the runtime and the newest version that has one;
/// InstallFailed with the installer's output.
Result<void> install_wheels(const std::vector<std::string>& requirements, const Wheel_Target& target,
                            const std::filesystem::path& folder, const std::filesystem::path& requirements_file = {});

}  // namespace osbot_aws::packing
