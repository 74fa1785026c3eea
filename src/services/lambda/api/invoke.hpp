#pragma once

#include <cstdint>

namespace osbot_aws::services {

// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
constexpr std::uint64_t invoke_payload_bytes_max = 6'291'456;

}  // namespace osbot_aws::services
