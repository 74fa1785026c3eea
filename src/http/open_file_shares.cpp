#include "http/open_file_shares.hpp"

#include <algorithm>

#include "services/lambda/running/concurrency.hpp"

namespace osbot_aws::http {
namespace {

constexpr std::size_t environments_max = services::account_concurrency_max;
// An idle environment of Python has 3.3 MB that it shares with no other (Private_Dirty in smaps_rollup of both
// processes), and memory of the kernel.
constexpr std::uint64_t memory_per_environment = 4 << 20;
constexpr std::size_t connections_max = 10'000;
constexpr std::size_t url_ports_max = 100;

constexpr std::size_t files_per_connection = 2;  // the socket, and the blob that it sends or receives
// Database, logs, listeners, event loop, and the files that workers read and write.
constexpr std::size_t files_of_engine = 64 + unix_connections_max * files_per_connection;
// Listener, output pipe, pidfd, the copies of both that the event loop watches, the socket to process 1.
constexpr std::size_t files_per_environment = 6 + runtime_connections_max;
constexpr std::size_t files_per_inside_listener = 1 + inside_connections_max * files_per_connection;

}  // namespace

Open_File_Shares share_open_files(std::size_t open_files_max, bool own_network) {
    const std::size_t for_connections = open_files_max / 5 * 2;
    const std::size_t others = open_files_max - for_connections;
    const std::size_t for_environments = others > files_of_engine ? others - files_of_engine : 0;
    const std::size_t per_environment = files_per_environment + (own_network ? files_per_inside_listener : 0);
    const std::size_t url_ports = std::min(for_connections / 8, url_ports_max);
    return {.connections =
                std::clamp<std::size_t>((for_connections - url_ports) / files_per_connection, 1, connections_max),
            .environments =
                static_cast<int>(std::clamp<std::size_t>(for_environments / per_environment, 1, environments_max)),
            .url_ports = url_ports};
}

int environments_in_memory(std::uint64_t memory_bytes) {
    return static_cast<int>(std::clamp<std::uint64_t>(memory_bytes / memory_per_environment, 1, environments_max));
}

}  // namespace osbot_aws::http
