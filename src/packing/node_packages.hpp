#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "packing/requirements.hpp"

namespace osbot_aws::packing {

/// Returns the handler of a JavaScript file: the export named handler or lambdaHandler, else its only export. The
/// source is parsed as text and not executed. Errors: HandlerNotFound, which lists the exports.
Result<std::string> find_node_handler(std::string_view source);

/// Returns the main file of a folder of JavaScript, relative to it: `main` of package.json if it is in the folder, else
/// index or app with one of the extensions .mjs, .js and .cjs. Empty if there is none. Errors: InvalidRequirements for
/// a package.json that is not valid JSON, FileError for one above 1 MB.
Result<std::filesystem::path> node_main_file(const std::filesystem::path& folder);

/// Returns whether `npm ci` can install the packages of the folder: it has a lock file.
bool has_node_lock(const std::filesystem::path& folder);

/// Installs the packages of the folder's lock file with `npm ci`, without those for development. The result, a folder
/// with node_modules, is cached like that of install_cached(): by the files that npm reads, the target and the version
/// of node on PATH. Errors: InstallerNotFound if npm is not on PATH; InstallFailed with npm's output; FileError.
Result<Installed_Packages> install_node_packages(const std::filesystem::path& folder, const Wheel_Target& target);

/// Installs the AWS SDK for JavaScript, as a package.json lists it, into folder/node_modules with npm. Scripts of
/// packages are not run. `lock`: the text of a package-lock.json, whose hashes npm verifies; empty: the versions of the
/// package.json. `node`: the program whose npm is used, or else the npm on PATH. Errors: InstallerNotFound without npm;
/// InstallFailed with npm's output; FileError.
Result<void> install_node_sdk(std::string_view package, std::string_view lock, const std::filesystem::path& node,
                              const std::filesystem::path& folder);

}  // namespace osbot_aws::packing
