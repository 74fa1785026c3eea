#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "client/shared_files.hpp"

namespace osbot_aws::client {

// Settings of this component are read from an environment variable, else from the profile.

/// Returns HOME, else the home directory of the user database, else "/".
std::filesystem::path home_folder();
/// Returns a setting of the profile; empty if it is not set.
std::string setting(const Profile& profile, const std::string& key);
std::string variable_or(const std::string& name, const Profile& profile, const std::string& key);
/// Returns whether the text is "true" in any letter case, like botocore.
bool is_true(std::string_view text);

}  // namespace osbot_aws::client
