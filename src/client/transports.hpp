#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "client/transport.hpp"

namespace osbot_aws::client {

/// The local engine by its Unix socket: no resolver, no TLS, nothing loaded.
std::shared_ptr<Transport> make_unix_transport(std::filesystem::path socket);
/// Plain HTTP to one place, e.g. a daemon on loopback.
std::shared_ptr<Transport> make_tcp_transport(std::string host, std::uint16_t port);
/// Everything else: TLS, proxies (HTTPS_PROXY and its kin), AWS_CA_BUNDLE, HTTP/2. libcurl is opened at the first
/// request. Errors of its send(): CurlMissing when libcurl.so.4 is not installed.
std::shared_ptr<Transport> make_curl_transport();

}  // namespace osbot_aws::client
