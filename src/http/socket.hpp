#pragma once

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>

namespace osbot_aws::http {

using Socket = boost::asio::generic::stream_protocol::socket;
using Error_Code = boost::system::error_code;
using Steady = std::chrono::steady_clock;

}  // namespace osbot_aws::http
