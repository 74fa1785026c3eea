#pragma once

#include <cstddef>
#include <string>

namespace osbot_aws::base {

// The results are unpredictable (getrandom). All functions may be called from any thread.

std::string random_bytes(std::size_t count);
std::string uuid4();  ///< 8-4-4-4-12 lower-case digits, version 4
std::string random_hex(std::size_t digits);
double random_fraction();                            ///< 0 <= x < 1
std::string random_alphanumeric(std::size_t count);  ///< a-z and 0-9

}  // namespace osbot_aws::base
