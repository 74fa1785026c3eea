#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_set>

#include "engine/forwards.hpp"
#include "http/asio_loop.hpp"
#include "services/service_api.hpp"
#include "wire/http.hpp"

namespace osbot_aws::engine {

struct Forward_Limits {
    std::chrono::milliseconds connect_max{5'000};    ///< including the lookup of the host name
    std::chrono::milliseconds response_max{60'000};  ///< from the connection to the end of the response
    std::uint64_t response_bytes_max = 32 << 20;
    std::size_t concurrent_max = 100;
};

/// Passes requests of services that the engine lacks to other endpoints: method, target, header fields and body
/// unchanged, and the response as well. Only the fields that describe one connection (RFC 9110 section 7.6.1) and the
/// length are written anew. CORS fields of the response are removed, because Web_Access decides which pages read it.
/// Redirects are returned, not followed. Loop thread only.
class Forwarder {
public:
    Forwarder(http::Asio_Loop& loop, Forwards forwards, Forward_Limits limits = {})
        : loop_(loop), forwards_(std::move(forwards)), limits_(limits) {}
    ~Forwarder();  ///< aborts the requests in progress

    /// Returns the endpoint for a service, or nullptr.
    const Forward* find(std::string_view service) const;
    const Forwards& forwards() const { return forwards_; }

    /// Sends the request to the endpoint and passes its response, or ForwardFailed in the protocol of the request, to
    /// `reply`. ForwardFailed has status 424: SDKs repeat a request after 502 or 504, DynamoDB's up to ten times.
    void forward(const Forward& to, std::string service, wire::Request request, services::Reply reply);

private:
    class Exchange;

    http::Asio_Loop& loop_;
    Forwards forwards_;
    Forward_Limits limits_;
    std::unordered_set<std::shared_ptr<Exchange>> exchanges_;
};

}  // namespace osbot_aws::engine
