#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/files.hpp"
#include "base/result.hpp"

namespace osbot_aws::http {

/// Opens a TCP socket that listens on a port of an IPv4 address of the host. Connections wait until a server accepts
/// them. Errors: PortInUse and SocketError, which name the address and the port.
Result<base::Unique_Fd> listen_on_tcp(std::uint16_t port, const std::string& host = "127.0.0.1");

/// The same for ::1. Errors: PortInUse; SocketError, for example if the host has no IPv6.
Result<base::Unique_Fd> listen_on_ipv6_loopback(std::uint16_t port);

/// Opens a Unix socket that listens; an existing socket file is replaced. Errors: SocketError.
Result<base::Unique_Fd> listen_on_unix(const std::filesystem::path& path);

/// Returns the port of a TCP socket that listens.
std::uint16_t port_of(int listening_fd);

}  // namespace osbot_aws::http
