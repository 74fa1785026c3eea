#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace osbot_aws::base {

std::string gzip_compress(std::string_view content);

/// Decompresses a gzip file of one member. Errors: InvalidGzip; TooLarge if the content has more than `bytes_max`
/// bytes.
Result<std::string> gzip_decompress(std::string_view file, std::size_t bytes_max);

}  // namespace osbot_aws::base
