#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace osbot_aws::cli {

/// The settings of one function in osbot.toml (docs/cli/settings_file.md). Empty members are not in the file.
struct Function_Settings {
    std::string name;
    std::filesystem::path file;  ///< the osbot.toml; relative paths below are relative to its folder
    std::size_t line = 0;        ///< of the function's table
    std::string source, handler, runtime, architecture, image, role, url, tracing, build;
    std::optional<int> memory_mb, timeout_s, ephemeral_storage_mb;
    std::vector<std::string> layers, packages, files, folders, ignore, include;
    std::map<std::string, std::string> env;

    /// Returns a path of the file, relative to the current folder.
    std::string path_of(const std::string& relative) const;
};

constexpr const char* settings_file_name = "osbot.toml";

// Limits of a settings file.
constexpr std::size_t settings_bytes_max = 256 * 1024;
constexpr std::size_t settings_functions_max = 200;
constexpr std::size_t settings_dots_per_line_max = 100;  ///< limits the depth of dotted keys
constexpr std::size_t settings_nested_values_max = 16;   ///< arrays and inline tables in each other

/// Parses the text of a settings file, and applies the overrides of a stage to each function that has them. Returns the
/// functions in the order of the file.
///
/// Errors: InvalidSettings, "FILE:LINE: reason", for TOML syntax, unknown keys (with the nearest name), wrong types,
/// values out of range and exceeded limits.
Result<std::vector<Function_Settings>> parse_settings(std::string_view text, const std::filesystem::path& file,
                                                      std::string_view stage);

/// Reads the settings file of a folder. Nothing if it has none. Errors: InvalidSettings; FileError.
Result<std::optional<std::vector<Function_Settings>>> read_settings(const std::filesystem::path& folder,
                                                                    std::string_view stage);

}  // namespace osbot_aws::cli
