#pragma once

#include <string_view>

namespace osbot_aws::engine {

inline constexpr std::string_view version = OSBOT_VERSION;

}  // namespace osbot_aws::engine
