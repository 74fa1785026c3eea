#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.hpp"

namespace osbot_aws::services {

struct Byte_Range {
    std::uint64_t first = 0, size = 0;
};

/// Parses a Range header for a body of `size` bytes. Returns nullopt for no range, several ranges, or an invalid range,
/// which is ignored (RFC 9110). Errors: InvalidRange.
Result<std::optional<Byte_Range>> range_of(std::string_view header, std::uint64_t size);

}  // namespace osbot_aws::services
