#include "sandbox/network.hpp"

#include <linux/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstring>

#include "sandbox/raw.hpp"

namespace osbot_aws::sandbox {
namespace {

OSBOT_CHILD long bring_loopback_up() {
    const long fd = raw::call(SYS_socket, AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    ifreq request = {};
    request.ifr_name[0] = 'l';
    request.ifr_name[1] = 'o';
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    const long result = raw::call(SYS_ioctl, fd, SIOCSIFFLAGS, &request);
    const int error = errno;
    raw::call(SYS_close, fd);
    errno = error;
    return result;
}

OSBOT_CHILD long listen_on(std::uint16_t port) {
    const long fd = raw::call(SYS_socket, AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = __builtin_bswap16(port);
    address.sin_addr.s_addr = __builtin_bswap32(INADDR_LOOPBACK);
    if (raw::call(SYS_bind, fd, &address, sizeof address) < 0) return -1;
    if (raw::call(SYS_listen, fd, 128) < 0) return -1;
    return fd;
}

OSBOT_CHILD long send_socket(int over, int fd) {
    char byte = 'l';  // a message that contains a descriptor needs at least one byte
    iovec bytes = {&byte, 1};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))];
    for (char& c : control) c = 0;
    msghdr message = {};
    message.msg_iov = &bytes;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    auto* header = reinterpret_cast<cmsghdr*>(control);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    *reinterpret_cast<int*>(CMSG_DATA(header)) = fd;
    return raw::call(SYS_sendmsg, over, &message, MSG_NOSIGNAL);
}

}  // namespace

OSBOT_CHILD Failure open_listeners(const Child_Plan& plan) {
    if (bring_loopback_up() < 0) return {Step::loopback, errno, 0};
    for (int i = 0; i < plan.ports_count; ++i) {
        const long fd = listen_on(plan.ports[i]);
        if (fd < 0 || send_socket(plan.report_fd, static_cast<int>(fd)) < 0) return {Step::listen, errno, i};
        raw::call(SYS_close, fd);
    }
    return {};
}

bool receive_report(int fd, bool wait, Report& report, std::vector<int>& listeners) {
    for (;;) {
        Report incoming;
        iovec bytes = {&incoming, sizeof incoming};
        alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
        msghdr message = {};
        message.msg_iov = &bytes;
        message.msg_iovlen = 1;
        message.msg_control = control;
        message.msg_controllen = sizeof control;
        const ssize_t size = ::recvmsg(fd, &message, MSG_CMSG_CLOEXEC | (wait ? 0 : MSG_DONTWAIT));
        if (size < 0 && errno == EINTR) continue;
        if (size <= 0) return false;
        if (const cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr && header->cmsg_type == SCM_RIGHTS) {
            int listener = -1;
            std::memcpy(&listener, CMSG_DATA(header), sizeof listener);
            listeners.push_back(listener);
            continue;
        }
        if (size != static_cast<ssize_t>(sizeof incoming)) return false;
        report = incoming;
        return true;
    }
}

}  // namespace osbot_aws::sandbox
