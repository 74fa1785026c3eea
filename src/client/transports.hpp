#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "client/transport.hpp"

namespace osbot_aws::client {

/// The local engine by its Unix socket: no resolver, no TLS, nothing loaded.
std::shared_ptr<Transport> make_unix_transport(std::filesystem::path socket);
/// Plain HTTP to one place, e.g. a daemon on loopback.
std::shared_ptr<Transport> make_tcp_transport(std::string host, std::uint16_t port);
/// Everything else: TLS, proxies (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY, in capitals or not), HTTP/2; libcurl
/// is opened at the first request. Who signed the server's certificate is looked for in `ca_bundle`, a file; empty: in
/// the system's. Errors of its send(): CurlMissing when libcurl.so.4 is not installed; SSLError.
std::shared_ptr<Transport> make_curl_transport(std::string ca_bundle = "");

/// AWS_CA_BUNDLE, the profile's ca_bundle, REQUESTS_CA_BUNDLE: botocore's order. `profile` empty: AWS_PROFILE, else
/// default.
std::string configured_ca_bundle(std::string_view profile = "");

/// The one for an endpoint: plain HTTP to this machine or its link, where no proxy stands between; else libcurl's.
std::shared_ptr<Transport> make_transport(std::string_view url, std::string_view profile = "");

}  // namespace osbot_aws::client
