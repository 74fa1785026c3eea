#include "base/port_holder.hpp"

#include <fmt/format.h>
#include <pwd.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>
#include <string_view>

#include "base/numbers.hpp"
#include "base/process_sockets.hpp"

namespace osbot_aws::base {
namespace fs = std::filesystem;

namespace {

constexpr std::string_view listening = "0A";  // TCP_LISTEN

struct Listener {
    unsigned uid = 0;
    std::uint64_t inode = 0;
};

/// Returns whether "0100007F:11D6", an address and a port in hexadecimal digits, has this port.
bool has_port(std::string_view address, std::uint16_t port) {
    const std::string_view digits = address.substr(address.rfind(':') + 1);
    std::uint16_t found = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), found, 16);
    return found == port;
}

/// Searches a table of the kernel. Source: https://docs.kernel.org/networking/proc_net_tcp.html
std::optional<Listener> find_listener(const char* table, std::uint16_t port) {
    std::ifstream file(table);
    std::string line;
    std::getline(file, line);  // the names of the columns
    while (std::getline(file, line)) {
        std::istringstream columns(line);
        std::string number, local, remote, state, queues, timer, retransmits, timeout;
        Listener found;
        columns >> number >> local >> remote >> state >> queues >> timer >> retransmits >> found.uid >> timeout >>
            found.inode;
        if (state == listening && has_port(local, port)) return found;
    }
    return std::nullopt;
}

std::string name_of(const fs::path& process) {
    std::string name;
    std::getline(std::ifstream(process / "comm"), name);
    return fmt::format("{} (process {})", name, process.filename().string());
}

std::string user_of(unsigned uid) {
    const passwd* user = ::getpwuid(uid);
    return fmt::format("a process of the user {}", user != nullptr ? user->pw_name : std::to_string(uid));
}

}  // namespace

std::string port_holder(std::uint16_t port) {
    auto listener = find_listener("/proc/net/tcp", port);
    if (!listener) listener = find_listener("/proc/net/tcp6", port);
    if (!listener) return "";
    std::error_code error;
    for (fs::directory_iterator entry("/proc", error), end; !error && entry != end; entry.increment(error)) {
        const auto process = parse_number<pid_t>(entry->path().filename().string());
        std::size_t descriptors_left = std::numeric_limits<std::size_t>::max();
        if (process && has_socket(*process, listener->inode, descriptors_left)) return name_of(entry->path());
    }
    return user_of(listener->uid);
}

}  // namespace osbot_aws::base
