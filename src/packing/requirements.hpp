#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.hpp"
#include "base/result.hpp"
#include "packing/cache_folder.hpp"
#include "packing/wheels.hpp"

namespace osbot_aws::packing {

/// The packages from PyPI that a function needs.
struct Requirements {
    std::string source;                 ///< for messages: requirements.txt, pyproject.toml, --packages
    std::vector<std::string> packages;  ///< requirements, e.g. requests==2.32.3
    std::filesystem::path file;         ///< a requirements.txt; empty: none
    std::string warning;                ///< dependencies that cannot be read; empty: none
    std::string key;                    ///< changes when a requirement changes
};

/// Lists the requirements of one file: `project.dependencies` of a pyproject.toml; the lines of another file, and of
/// the files that it includes with `-r`. `python` is the preferred interpreter for pyproject.toml: a name on PATH or a
/// path. Errors: FileError if a file cannot be read; InvalidRequirements for a file above 1 MB, more than 8 levels of
/// `-r`, other options, and a pyproject.toml that is invalid or has no list of dependencies.
Result<std::vector<std::string>> requirements_in(const std::filesystem::path& file, const std::string& python);

/// Reads the requirements of a Python function: the folder's requirements.txt, else its pyproject.toml, and `packages`.
/// Returns nullopt if there are none, or if the folder already contains an installation of each of them.
/// Errors: FileError if a file cannot be read; InvalidRequirements if a file is above 1 MB, more than 8 levels of `-r`
/// are nested, or pyproject.toml cannot be parsed.
Result<std::optional<Requirements>> requirements_of(const std::filesystem::path& folder,
                                                    const std::vector<std::string>& packages,
                                                    const std::string& runtime);

/// A folder with installed packages.
struct Installed_Packages {
    std::filesystem::path folder;
    std::size_t count = 0;                                         ///< number of packages
    std::uint64_t bytes = 0;                                       ///< size of their files
    bool cached = false;                                           ///< true if an earlier call installed them
    std::shared_ptr<const base::Temporary_Folder> temporary = {};  ///< the folder's owner, if there is no cache folder
};

/// Returns the folder with this key in the folder `kind` of the cache, which `install` fills at first use. The 16 most
/// recently used folders are retained, up to 2 GB. Several processes may call this at the same time. Leaves `count` at
/// 0. Errors: those of `install`; InstallFailed.
Result<Installed_Packages> install_in_cache(std::string_view kind, std::string_view key,
                                            const std::function<Result<void>(const std::filesystem::path&)>& install,
                                            const std::filesystem::path& root = cache_folder());

/// Returns the path of the folder with this key; empty without a cache folder. The folder may not exist.
std::filesystem::path folder_in_cache(std::string_view kind, std::string_view key,
                                      const std::filesystem::path& cache = cache_folder());

/// Returns the folder if it exists, else an empty path. Marks it as used, if it was not in this interval.
std::filesystem::path find_in_cache(std::string_view kind, std::string_view key,
                                    const std::filesystem::path& cache = cache_folder(),
                                    std::chrono::hours mark_interval = std::chrono::hours(0));

/// Installs packages for the target with install_wheels(), in the cache. The key has the text of the requirements, the
/// runtime and the architecture. Errors: those of install_wheels().
Result<Installed_Packages> install_cached(const Requirements& requirements, const Wheel_Target& target);

}  // namespace osbot_aws::packing
