#include "sandbox/peer_process.hpp"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/process_sockets.hpp"
#include "sandbox/fd.hpp"
#include "sandbox/process_tree.hpp"

namespace osbot_aws::sandbox {
namespace {

// More descriptors are not searched, so that a function cannot occupy a worker thread.
constexpr std::size_t descriptors_max = 16'384;

struct Query {
    nlmsghdr header;
    inet_diag_req_v2 request;
};

struct Endpoints {
    sockaddr_in own{}, peer{};
};

std::optional<Endpoints> endpoints_of(int connected_fd) {
    Endpoints found;
    socklen_t own_bytes = sizeof found.own, peer_bytes = sizeof found.peer;
    if (::getsockname(connected_fd, reinterpret_cast<sockaddr*>(&found.own), &own_bytes) != 0 ||
        ::getpeername(connected_fd, reinterpret_cast<sockaddr*>(&found.peer), &peer_bytes) != 0 ||
        found.own.sin_family != AF_INET || found.peer.sin_family != AF_INET)
        return std::nullopt;
    return found;
}

/// Names the socket of the peer: its own address is the peer's address of this connection.
Query query_for(const Endpoints& endpoints) {
    Query query{};
    query.header = {.nlmsg_len = sizeof query,
                    .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                    .nlmsg_flags = NLM_F_REQUEST,
                    .nlmsg_seq = 0,
                    .nlmsg_pid = 0};
    query.request.sdiag_family = AF_INET;
    query.request.sdiag_protocol = IPPROTO_TCP;
    query.request.idiag_states = ~0U;
    inet_diag_sockid& id = query.request.id;
    id.idiag_sport = endpoints.peer.sin_port;
    id.idiag_dport = endpoints.own.sin_port;
    id.idiag_src[0] = endpoints.peer.sin_addr.s_addr;
    id.idiag_dst[0] = endpoints.own.sin_addr.s_addr;
    std::ranges::fill(id.idiag_cookie, INET_DIAG_NOCOOKIE);
    return query;
}

std::optional<std::uint64_t> inode_of(const Query& query) {
    const Fd netlink(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
    if (!netlink || ::send(netlink.value(), &query, sizeof query, 0) != sizeof query) return std::nullopt;
    alignas(nlmsghdr) std::array<char, 8192> reply;
    const ssize_t bytes = ::recv(netlink.value(), reply.data(), reply.size(), 0);
    nlmsghdr header{};
    inet_diag_msg message{};
    if (bytes < static_cast<ssize_t>(NLMSG_HDRLEN + sizeof message)) return std::nullopt;
    std::memcpy(&header, reply.data(), sizeof header);
    std::memcpy(&message, reply.data() + NLMSG_HDRLEN, sizeof message);
    // The inode of a socket without a process, such as a closed one, is 0.
    if (header.nlmsg_type != SOCK_DIAG_BY_FAMILY || message.idiag_inode == 0) return std::nullopt;
    return message.idiag_inode;
}

}  // namespace

std::optional<std::uint64_t> peer_inode(int connected_fd) {
    const auto endpoints = endpoints_of(connected_fd);
    return endpoints ? inode_of(query_for(*endpoints)) : std::nullopt;
}

bool peer_descends_from(pid_t root, int connected_fd) {
    const auto inode = peer_inode(connected_fd);
    if (!inode) return false;
    std::size_t descriptors_left = descriptors_max;
    return std::ranges::any_of(descendants_of(root),
                               [&](pid_t process) { return base::has_socket(process, *inode, descriptors_left); });
}

bool peers_are_known() {
    const Fd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const Fd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t bytes = sizeof address;
    auto* const named = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener.value(), named, bytes) != 0 || ::listen(listener.value(), 1) != 0 ||
        ::getsockname(listener.value(), named, &bytes) != 0 || ::connect(client.value(), named, bytes) != 0)
        return false;
    const Fd accepted(::accept4(listener.value(), nullptr, nullptr, SOCK_CLOEXEC));
    return peer_inode(accepted.value()).has_value();
}

}  // namespace osbot_aws::sandbox
