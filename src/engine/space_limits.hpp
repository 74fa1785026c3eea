#pragma once

#include <cstdint>
#include <optional>

namespace osbot_aws::engine {

/// How much each kind of what the engine keeps may take. 0: nothing of it stays that is not needed.
struct Space_Limits {
    std::uint64_t logs_bytes_max = 512ull << 20;                   ///< log events; the oldest go first
    std::uint64_t code_bytes_max = 2ull << 30;                     ///< unpacked code; what was used least lately
    std::optional<std::uint64_t> images_bytes_max = std::nullopt;  ///< images no function runs; none: all stay
};

}  // namespace osbot_aws::engine
