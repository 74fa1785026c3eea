#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "client/shared_files.hpp"

namespace osbot_aws::client {

// How settings are read everywhere in this room: a variable of the environment, else a line of the profile.

/// Empty when it is not set.
std::string variable(const std::string& name);
/// Returns HOME, else the home directory of the user database, else "/".
std::filesystem::path home_folder();
/// Empty when the profile has no such line.
std::string setting(const Profile& profile, const std::string& key);
std::string variable_or(const std::string& name, const Profile& profile, const std::string& key);
/// "true" in any case; all else is false, as in botocore.
bool is_true(std::string_view text);

}  // namespace osbot_aws::client
