#pragma once

#include <cstddef>
#include <cstdint>

namespace osbot_aws::http {

/// Connections of a runtime to its Runtime API. Most runtimes use one.
constexpr std::size_t runtime_connections_max = 4;
/// Connections from one function to the engine through the listener inside its own network.
constexpr std::size_t inside_connections_max = 16;
/// Connections to the Unix socket, which remain available to `osbot local` when clients use all others.
constexpr std::size_t unix_connections_max = 16;

/// How many connections and execution environments may exist, so that their file descriptors stay below the limit of
/// the process. Two fifths of the limit are for clients, the rest for environments and the engine. A limit of 17,000
/// open files is enough for 1000 environments.
struct Open_File_Shares {
    std::size_t connections = 0;  ///< of all ports
    int environments = 0;
    std::size_t url_ports = 0;  ///< listeners of function URLs, from the share of the clients
};
Open_File_Shares share_open_files(std::size_t open_files_max, bool own_network);

/// Returns how many idle execution environments may exist on a host with so much memory.
int environments_in_memory(std::uint64_t memory_bytes);

}  // namespace osbot_aws::http
