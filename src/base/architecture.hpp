#pragma once

#include <string_view>

namespace osbot_aws::base {

/// The processor of this host, in the words of Lambda's setting `Architectures`.
#if defined(__aarch64__)
constexpr std::string_view host_architecture = "arm64";
#else
constexpr std::string_view host_architecture = "x86_64";
#endif

}  // namespace osbot_aws::base
