#pragma once

#include <cstdint>
#include <optional>

namespace osbot_aws::engine {

/// Maximum disk space for each kind of data. 0 retains only data that is in use; nullopt disables the limit.
struct Space_Limits {
    std::uint64_t logs_bytes_max = 512ull << 20;  ///< log events; the oldest are erased first
    std::uint64_t code_bytes_max = 2ull << 30;    ///< unpacked code; the least recently used is removed first
    std::optional<std::uint64_t> images_bytes_max = std::nullopt;  ///< all images; only unused ones are removed
};

}  // namespace osbot_aws::engine
