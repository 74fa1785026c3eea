#pragma once

#include <string>
#include <vector>

#include <osbot_aws/deploy/Deploy_Lambda.hpp>

#include "cli/line/command.hpp"
#include "cli/project/project_settings.hpp"

namespace osbot_aws::cli {

/// Settings of the code of a function, common to `osbot deploy` and `osbot package`.
struct Code_Arguments {
    std::string source, name, handler, runtime, architecture;
    std::vector<std::string> files, folders, ignore, include, packages;
    std::string source_place;  ///< the line of osbot.toml that selected the source; empty: the command line
    bool no_packages = false, no_check = false;
};

void add_code_options(Command command, Code_Arguments& arguments);

/// Sets a value that no option has set.
void set_default(std::string& value, const std::string& setting);

/// Fills in the settings of a function in osbot.toml. Options win: a value replaces that of the file, repeated options
/// are added to its list.
void apply_settings(const Function_Settings& settings, Code_Arguments& arguments);

/// Returns the settings of Deploy_Lambda for these arguments.
Deploy_Options deploy_options(const Code_Arguments& arguments, const Session& session);

/// Adds files and folders to the package, and sets the steps that the API does not have.
void apply(Deploy_Lambda& deploy, const Code_Arguments& arguments);

}  // namespace osbot_aws::cli
