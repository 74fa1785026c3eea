#pragma once

#include <map>
#include <string>
#include <string_view>

namespace osbot_aws::client {

using Profile = std::map<std::string, std::string>;

/// Returns whether the credentials file or the config file has the profile.
bool has_profile(std::string_view name);

/// Returns the settings of a profile. The credentials file overrides the config file. A missing file is treated as
/// empty. Source: https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
Profile read_profile(std::string_view name);

/// Returns AWS_DEFAULT_PROFILE, else AWS_PROFILE, else "default".
std::string profile_name();

/// Returns a section of the config file by its title, e.g. "services mine".
Profile read_config_section(const std::string& title);

/// Parses the text of a file. Returns its sections by title, e.g. "default" or "profile dev". The name of a nested
/// setting is `parent.name`.
std::map<std::string, Profile> parse_shared_file(std::string_view text);

}  // namespace osbot_aws::client
