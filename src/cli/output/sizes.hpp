#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace osbot_aws::cli {

/// Formats a size for people: "3.0 MiB".
std::string size_text(double bytes);

/// Formats a progress bar with the transferred and total bytes and the rate:
/// "━━━━━╌╌╌╌╌ 2.0 MiB of 4.0 MiB, 1.0 MiB/s".
std::string transfer_text(std::uint64_t bytes, std::uint64_t total, std::chrono::duration<double> elapsed);

}  // namespace osbot_aws::cli
