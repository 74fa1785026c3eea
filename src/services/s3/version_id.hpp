#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace osbot_aws::services {

/// Returns a new version ID of 32 characters for the version with this sequence number. As on AWS, it contains a check
/// value, so that other texts are recognised.
std::string new_version_id(std::uint64_t sequence);

/// Returns true for `null` and for IDs of new_version_id(), also if no version has that ID.
bool is_version_id(std::string_view text);

/// Returns the sequence number of an ID of new_version_id(), whose version may be deleted; 0 for `null`.
std::uint64_t sequence_of_id(std::string_view id);

}  // namespace osbot_aws::services
