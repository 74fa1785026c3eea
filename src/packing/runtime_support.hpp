#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "packing/cache_folder.hpp"
#include "packing/requirements.hpp"

namespace osbot_aws::packing {

/// The versions of the packages that AWS's runtimes include, such as boto3.
enum class Support_Versions {
    pinned,             ///< those of this release, whose hashes are verified (src/packing/runtime_support)
    pinned_if_missing,  ///< the same, and a concurrent installation of the newest ones remains in use
    newest,             ///< the newest of the package index
};

/// Returns whether there are packages for the runtime.
bool has_runtime_support(const std::string& runtime);

/// Returns the folder with the packages of a runtime such as python3.11, and marks it as used; empty if they are not
/// installed. The folders are in cache_folder()/runtime_support, which all engines of a user share. A folder never
/// changes: an update is a new folder. Takes some system calls.
std::filesystem::path find_runtime_support(const std::string& runtime,
                                           const std::filesystem::path& cache = cache_folder());

/// Installs the packages of a runtime, with install_wheels() and compiled, or with npm. They are used from
/// the next start of an environment. Several processes may call this at the same time, and a killed one leaves no
/// folder that find_runtime_support() returns. Errors: InvalidRuntime for a runtime without packages;
/// Cancelled (base::cancellation_fd); those of install_wheels() and of install_node_sdk().
Result<Installed_Packages> install_runtime_support(const std::string& runtime, const std::filesystem::path& interpreter,
                                                   Support_Versions versions,
                                                   const std::filesystem::path& cache = cache_folder());

/// Returns the error of the last installation if it failed, in any process.
std::optional<Error> last_support_failure(const std::string& runtime,
                                          const std::filesystem::path& cache = cache_folder());
/// The same if it was less than 5 minutes ago. An engine does not try again until then: without a network, an attempt
/// may take seconds.
std::optional<Error> recent_support_failure(const std::string& runtime,
                                            const std::filesystem::path& cache = cache_folder());

/// Returns the installed packages by name, with their versions.
std::map<std::string, std::string> packages_in(const std::filesystem::path& folder);

}  // namespace osbot_aws::packing
