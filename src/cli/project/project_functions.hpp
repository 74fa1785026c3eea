// Selects the functions of osbot.toml that a command line names.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/project/project_settings.hpp"

namespace osbot_aws::cli {

/// The part of a command line that selects functions. Empty members are absent.
struct Function_Request {
    std::string source;  ///< a file, a folder, or the name of a function in the current folder's osbot.toml
    std::string name;    ///< selects one of several functions
    std::string stage;
    bool all = false;
    bool offers_all = false;  ///< the command has an option --all, which an error suggests
};

/// Returns the selected functions: one, or all of a file with `all`. Empty if no settings file lists the source.
///
/// The file is that of the current folder, if the source is absent or the name of a function; that of the source, if it
/// is a folder; or the first that lists the source: in its folder, the folder above and the current folder.
/// Errors: InvalidSettings, which lists the names of the functions if the selection is ambiguous; FileError.
Result<std::vector<Function_Settings>> find_functions(const Function_Request& request);

/// Returns the name of the function that a command such as `osbot logs` refers to: `name`, or if it is empty the only
/// function in the current folder's osbot.toml; with `__STAGE`. Errors: InvalidSettings; FileError.
Result<std::string> function_name_of(const std::string& name, const std::string& stage);

/// Returns the names of the functions that `osbot logs` refers to: as function_name_of(), but all functions of the
/// settings file. Empty, for all functions of the account, if the arguments and the folder name none.
/// Errors: InvalidSettings; FileError.
Result<std::vector<std::string>> function_names_of(const std::string& name, const std::string& stage);

/// Reports that a file or folder does not exist, and returns the exit code. The error names `place`, the line of
/// osbot.toml that has it, and `build`, the command that builds it, unless they are empty. The hint is the function of
/// the current folder's osbot.toml with the nearest name.
int report_missing_source(const std::string& source, const std::string& place, const std::string& build = "");

}  // namespace osbot_aws::cli
