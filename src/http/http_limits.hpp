#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <unordered_set>

#include "http/web_access.hpp"

namespace osbot_aws::http {

class Connection;

/// The open connections of servers that share a limit. Used on the loop's thread.
struct Shared_Connections {
    std::unordered_set<Connection*> open;
    std::function<void()> accept_waiting;  ///< lets a server accept whose client waits for the end of a connection
};

/// The limits for the clients of a listener, and the check for web pages.
struct Http_Limits {
    /// Delays a response until the response to a pipelined request is available, and sends both in one write.
    bool join_pipelined_responses = false;
    std::uint64_t streamed_bytes_min = 1 << 20;   ///< of bodies that are streamed if they are large
    std::uint32_t header_bytes_max = 64 * 1024;   ///< also of the trailers, and of the extensions of a chunk
    std::uint64_t body_bytes_max = 256ull << 20;  ///< of requests that have no limit of their own
    /// The maximum time to receive the head of a request, and then for each transfer_bytes_min of its body. Then the
    /// response is 408, or the stream is aborted. Time in which the handler pauses a stream does not count.
    std::chrono::milliseconds request_max{60'000};
    std::size_t transfer_bytes_min = 64 * 1024;
    std::chrono::milliseconds idle_max{120'000};  ///< idle connections are closed after this time
    /// Disconnects a client that reads less than transfer_bytes_min of its response in this time, which frees the
    /// response's memory or file.
    std::chrono::milliseconds stalled_max{60'000};
    /// At this number, the server closes the connection that is idle the longest. Without an idle connection, new
    /// clients wait in the queue of the listener.
    std::size_t connections_max = 10'000;
    /// Connections that count for the limit, and may be closed for it, besides those of this server. nullptr: none.
    std::shared_ptr<Shared_Connections> shared = nullptr;
    /// Returns true if a connection is accepted; others are closed. Called on a worker, for one connection at a time.
    /// Null: all are accepted.
    std::function<bool(int connected_fd)> accepts_peer = {};
    Web_Access access = {};  ///< which requests are accepted from web pages
};

}  // namespace osbot_aws::http
