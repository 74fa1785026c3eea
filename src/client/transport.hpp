#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "wire/http.hpp"

namespace osbot_aws::client {

/// Called while a request's body is sent, with the number of bytes sent and the total. Not called for an empty body.
/// Starts from 0 again if the request is repeated.
using On_Sent = std::function<void(std::uint64_t bytes, std::uint64_t total)>;

/// The endpoint and the time limits of a request.
struct Send_Options {
    std::string endpoint_url;  ///< scheme://host[:port]; ignored by transports to a fixed endpoint
    std::chrono::milliseconds connect_timeout{10'000};
    std::chrono::milliseconds read_timeout{60'000};
    bool repeatable = true;  ///< false: must not be sent again after it was sent completely
    /// If set, receives the body of a 2xx response in pieces, as they arrive, and the response's body is empty.
    /// Returning false stops the transfer. In this case read_timeout limits the wait for the head and for each piece.
    std::function<bool(std::string_view)> on_body = {};
    On_Sent on_sent = {};
};

/// Sends signed requests and returns the responses. Tests replace it.
///
/// Implementations: libcurl (AWS, any endpoint URL), a plain HTTP/1.1 connection over TCP or a Unix socket (the
/// local engine), and in-process (the embedded engine, in sdk/). All run the same contract tests.
/// A reused connection that the server closed is replaced before a request is sent, as in urllib3. If it closes before
/// the response arrives, the request is sent once more, unless it is not `repeatable` and was sent completely.
/// Threads: one call at a time, except for make_pooled_transport() and the in-process transport.
class Transport {
public:
    virtual ~Transport() = default;
    /// Sends a request and returns the response. An HTTP error status is a response, not an Error.
    /// Errors, with botocore's names: EndpointConnectionError, ProxyConnectionError and ConnectTimeoutError (the
    /// request was not sent completely, so it was not processed); ReadTimeoutError and ConnectionClosedError (it may
    /// have been processed); SSLError.
    virtual Result<wire::Response> send(const wire::Request& request, const Send_Options& options) = 0;
};

}  // namespace osbot_aws::client
