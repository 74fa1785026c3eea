#pragma once

#include <map>
#include <string>
#include <string_view>

namespace osbot_aws::client {

using Profile = std::map<std::string, std::string>;

/// Whether one of the two files has that profile.
bool has_profile(std::string_view name);

/// The settings of a profile: the credentials file over the config file. Missing files are empty.
/// Source: https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
Profile read_profile(std::string_view name);

/// The profile that the environment names: AWS_DEFAULT_PROFILE, AWS_PROFILE, else default.
std::string profile_name();

/// A section of the config file by its title ("services mine").
Profile read_config_section(const std::string& title);

/// Sections of one file's text, by their title ("default", "profile dev"); a nested setting is called `parent.name`.
std::map<std::string, Profile> parse_shared_file(std::string_view text);

}  // namespace osbot_aws::client
