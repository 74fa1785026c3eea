#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "http/asio_loop.hpp"

namespace osbot_aws::http {

/// Sends a POST with a JSON body to a port of 127.0.0.1, and calls `done` on the loop: with true if the status of the
/// response is 2xx. The rest of the response is not read.
void post_to_loopback(Asio_Loop& loop, std::uint16_t port, const std::string& path, std::string body,
                      std::function<void(bool delivered)> done);

}  // namespace osbot_aws::http
