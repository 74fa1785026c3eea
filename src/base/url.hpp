#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace osbot_aws::base {

/// The parts of an endpoint's URL that a client needs.
struct Url {
    std::string scheme;     ///< http or https
    std::string authority;  ///< as written: host[:port]
    std::string host;       ///< without the brackets of an IPv6 address
    std::uint16_t port = 0;
    std::string target = "/";  ///< path and query

    /// Returns scheme://host[:port].
    std::string origin() const { return scheme + "://" + authority; }
};

/// Parses a URL. Returns nothing if the scheme is not http or https, the host is missing, or the port is invalid. URLs
/// with a user name are rejected, because it can look like the host.
std::optional<Url> parse_url(std::string_view text);

}  // namespace osbot_aws::base
