#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace osbot_aws::client {

/// The parts of an endpoint's URL that a client needs.
struct Url {
    std::string scheme;     ///< http or https
    std::string authority;  ///< as written: host[:port]
    std::string host;       ///< without the brackets of an IPv6 address
    std::uint16_t port = 0;
    std::string target = "/";  ///< path and query

    std::string origin() const { return scheme + "://" + authority; }
};

/// Nothing: not http or https, no host, or a port that is none. User names are refused: they would make a host look
/// like another one.
std::optional<Url> parse_url(std::string_view text);

}  // namespace osbot_aws::client
