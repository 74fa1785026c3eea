#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "wire/http.hpp"

namespace osbot_aws::client {

/// Told as a request's body leaves: so many bytes of so many. Not of an empty one; from 0 again when it is sent again.
using On_Sent = std::function<void(std::uint64_t bytes, std::uint64_t of)>;

/// Where a request goes and how long it may take.
struct Send_Options {
    std::string endpoint_url;  ///< scheme://host[:port]; ignored by transports that know their one place
    std::chrono::milliseconds connect_timeout{10'000};
    std::chrono::milliseconds read_timeout{60'000};
    bool repeatable = true;  ///< false: what left us completely may not be sent again
    /// Set: the body of a 2xx answer goes here piece by piece, as it comes, and none is left in the answer; false ends
    /// the exchange. Then read_timeout is for the head and between two pieces.
    std::function<bool(std::string_view)> on_body = {};
    On_Sent on_sent = {};
};

/// Carries one signed request and brings the answer; the seam between the client and the machine.
///
/// Implementations: libcurl (AWS, any endpoint URL), a plain HTTP/1.1 connection over TCP or a Unix socket (the
/// local engine), and in-process (the embedded engine, in sdk/). All run the same contract tests.
/// A kept connection that was closed meanwhile is replaced: before anything is sent on it, as urllib3 does; and once
/// more when it closes before it has answered, unless the request is not `repeatable` and left us completely.
/// Threads: one call at a time; one transport per thread.
class Transport {
public:
    virtual ~Transport() = default;
    /// Errors, by botocore's names: EndpointConnectionError, ProxyConnectionError and ConnectTimeoutError (the request
    /// did not leave us completely, so nobody acts on it); ReadTimeoutError and ConnectionClosedError (it may have been
    /// acted on); SSLError. An HTTP error status is a Response, not an Error.
    virtual Result<wire::Response> send(const wire::Request& request, const Send_Options& options) = 0;
};

}  // namespace osbot_aws::client
