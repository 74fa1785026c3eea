#include "http/listening_socket.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace osbot_aws::http {
namespace {

Error socket_error(std::string_view action) {
    return {"SocketError", fmt::format("{}: {}", action, std::strerror(errno))};
}

Result<base::Unique_Fd> new_socket(int family) {
    base::Unique_Fd fd(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd) return socket_error("cannot create a socket");
    return fd;
}

/// Returns false, with errno, if the address cannot be used.
template <class Address>
bool listen_at(int fd, const Address& address) {
    return ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 && ::listen(fd, SOMAXCONN) == 0;
}

template <class Address>
Result<base::Unique_Fd> listen_on(int family, const Address& address, const std::string& name) {
    OSBOT_TRY(auto fd, new_socket(family));
    const int enabled = 1;
    ::setsockopt(fd.fd(), SOL_SOCKET, SO_REUSEADDR, &enabled, sizeof enabled);
    if (listen_at(fd.fd(), address)) return fd;
    const bool in_use = errno == EADDRINUSE;
    Error error = socket_error(fmt::format("cannot listen on {}", name));
    if (!in_use) return error;
    return Error{"PortInUse", error.message + "; choose another port with --port; 0 selects a free port"};
}

}  // namespace

Result<base::Unique_Fd> listen_on_tcp(std::uint16_t port, const std::string& host) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    if (::inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1)
        return Error{"SocketError", fmt::format("'{}' is not an IPv4 address", host)};
    return listen_on(AF_INET, address, fmt::format("{}:{}", host, port));
}

Result<base::Unique_Fd> listen_on_ipv6_loopback(std::uint16_t port) {
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(port);
    address.sin6_addr = IN6ADDR_LOOPBACK_INIT;
    return listen_on(AF_INET6, address, fmt::format("[::1]:{}", port));
}

Result<base::Unique_Fd> listen_on_unix(const std::filesystem::path& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.string().size() >= sizeof address.sun_path)
        return Error{"SocketError", fmt::format("the path {} is too long for a Unix socket ({} characters at most)",
                                                path.string(), sizeof address.sun_path - 1)};
    std::memcpy(address.sun_path, path.c_str(), path.string().size() + 1);
    ::unlink(path.c_str());
    auto fd = new_socket(AF_UNIX);
    if (fd && !listen_at(fd->fd(), address)) return socket_error(fmt::format("cannot listen on {}", path.string()));
    return fd;
}

std::uint16_t port_of(int listening_fd) {
    sockaddr_in6 address{};  // the port is at the same place in both families
    socklen_t length = sizeof address;
    ::getsockname(listening_fd, reinterpret_cast<sockaddr*>(&address), &length);
    return ntohs(address.sin6_port);
}

}  // namespace osbot_aws::http
