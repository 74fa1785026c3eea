#pragma once

#include <string>

namespace osbot_aws::services {

/// Returns true for an IP address or a network: "203.0.113.0/24", "2001:db8::/32".
bool is_network(const std::string& text);

/// Returns true if an IP address is in a network: "203.0.113.0/24", "2001:db8::/32", or an address. False for other
/// texts.
bool is_in_network(const std::string& address, const std::string& network);

}  // namespace osbot_aws::services
