#pragma once

#include <cstdint>
#include <string>

namespace osbot_aws::base {

/// Describes the process that listens on a TCP port: "python3 (process 1234)". Names only its user if it belongs to
/// another one. Empty if no process listens there. Reads /proc: some milliseconds.
std::string port_holder(std::uint16_t port);

}  // namespace osbot_aws::base
