#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace osbot_aws::cli {

/// For people: "3.0 MiB".
std::string size_text(double bytes);

/// A bar, how much of it went, and how fast: "━━━━━╌╌╌╌╌ 2.0 MiB of 4.0 MiB, 1.0 MiB/s".
std::string transfer_text(std::uint64_t bytes, std::uint64_t of, std::chrono::duration<double> took);

}  // namespace osbot_aws::cli
