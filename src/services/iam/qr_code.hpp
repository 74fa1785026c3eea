#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace osbot_aws::services::qr {

/// Rows of modules, true for a dark one.
using Modules = std::vector<std::vector<bool>>;

constexpr std::size_t text_bytes_max = 520;

/// Returns the QR code of a text of at most `text_bytes_max` bytes, with the lowest error correction and the
/// smallest size. Source: ISO/IEC 18004
Modules modules_of(std::string_view text);

/// Returns the QR code of a text as a PNG picture, in black and white, with the margin that readers expect.
std::string png_of(std::string_view text);

}  // namespace osbot_aws::services::qr
