#pragma once

#include <string>
#include <string_view>

namespace osbot_aws::services {

/// Returns a new version ID of 32 characters. As on AWS, it contains a check value, so that other texts are recognised.
std::string new_version_id();

/// Returns true for `null` and for IDs of new_version_id(), also if no version has that ID.
bool is_version_id(std::string_view text);

}  // namespace osbot_aws::services
