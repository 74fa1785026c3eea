#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "client/transport.hpp"

namespace osbot_aws::client {

/// Creates a transport to the local engine's Unix socket. Needs neither name resolution nor TLS nor libcurl.
std::shared_ptr<Transport> make_unix_transport(std::filesystem::path socket);
/// Creates a transport for plain HTTP to one server, e.g. a daemon on loopback.
std::shared_ptr<Transport> make_tcp_transport(std::string host, std::uint16_t port);
/// Creates a transport for all other endpoints, with TLS, HTTP/2 and proxies (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and
/// NO_PROXY, in capitals or not). libcurl is loaded at the first request. `ca_bundle` is a file with the trusted CA
/// certificates; empty: the system's. Errors of send(): CurlMissing if libcurl.so.4 is not installed; SSLError.
std::shared_ptr<Transport> make_curl_transport(std::string ca_bundle = "");

using Make_Transport = std::function<std::shared_ptr<Transport>()>;
/// Creates a transport that several threads may use at the same time. Each call in progress uses a transport of its
/// own, made by `make` if none is idle. Up to 16 idle transports retain their connections.
std::shared_ptr<Transport> make_pooled_transport(Make_Transport make);

/// Returns AWS_CA_BUNDLE, else the profile's ca_bundle, else REQUESTS_CA_BUNDLE, in botocore's order. An empty
/// `profile` means AWS_PROFILE, else default.
std::string configured_ca_bundle(std::string_view profile = "");

/// Creates the transport for an endpoint: plain HTTP for loopback and link-local addresses, which need no proxy, else
/// libcurl.
std::shared_ptr<Transport> make_transport(std::string_view url, std::string_view profile = "");

}  // namespace osbot_aws::client
