#pragma once

#include <cstdint>
#include <string>

namespace osbot_aws::base {

/// Returns "1 file" or "2 files".
inline std::string counted(std::uint64_t count, const std::string& noun) {
    return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

}  // namespace osbot_aws::base
