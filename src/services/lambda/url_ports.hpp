#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace osbot_aws::services {

/// The ports of function URLs, for clients whose system does not resolve names below localhost. The engine implements
/// it; this class opens no port, so that each URL has its host name only. Loop thread only.
class Url_Ports {
public:
    virtual ~Url_Ports() = default;
    /// Calls `known` once, when it is known whether URLs need ports. The call may be immediate.
    virtual void when_known(std::function<void()> known) { known(); }
    /// Opens a port of 127.0.0.1 for the URL with this id, or finds the open one. Returns 0 if the URL needs none, or
    /// if none can be opened. `previous`: the port that it had before, which is used if it is free; 0: none.
    virtual std::uint16_t open(const std::string& /*id*/, std::uint16_t /*previous*/) { return 0; }
    /// Closes the ports of the URLs whose id `keeps` rejects.
    virtual void keep_only(const std::function<bool(const std::string& id)>& /*keeps*/) {}
};

}  // namespace osbot_aws::services
