#include "server/open_file_shares.hpp"

#include <algorithm>

namespace osbot_aws::server {
namespace {

// AWS's default quota is 1000; the engine needs memory and processes for each environment.
constexpr std::size_t environments_max = 100;
constexpr std::size_t connections_max = 10'000;

constexpr std::size_t files_per_connection = 2;  // the socket, and the blob that it sends or receives
// Database, logs, listeners, event loop, and the files that workers read and write.
constexpr std::size_t files_of_engine = 64 + unix_connections_max * files_per_connection;
// Listener, output pipe, pidfd, the socket to process 1, the copies that the event loop watches.
constexpr std::size_t files_per_environment = 8 + runtime_connections_max;
constexpr std::size_t files_per_inside_listener = 1 + inside_connections_max * files_per_connection;

}  // namespace

Open_File_Shares share_open_files(std::size_t open_files_max, bool own_network) {
    const std::size_t half = open_files_max / 2;
    const std::size_t for_environments = half > files_of_engine ? half - files_of_engine : 0;
    const std::size_t per_environment = files_per_environment + (own_network ? files_per_inside_listener : 0);
    return {.connections = std::clamp<std::size_t>(half / files_per_connection, 1, connections_max),
            .environments =
                static_cast<int>(std::clamp<std::size_t>(for_environments / per_environment, 1, environments_max))};
}

}  // namespace osbot_aws::server
