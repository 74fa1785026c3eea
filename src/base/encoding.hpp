#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace osbot_aws::base {

std::string hex_encode(std::string_view bytes);                   ///< lower case
std::optional<std::string> hex_decode(std::string_view digits);   ///< nullopt: not pairs of hex digits
std::string base64_encode(std::string_view bytes);                ///< RFC 4648, with padding
std::optional<std::string> base64_decode(std::string_view text);  ///< white space is skipped; nullopt: not base64

}  // namespace osbot_aws::base
