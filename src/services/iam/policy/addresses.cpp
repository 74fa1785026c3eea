#include "services/iam/policy/addresses.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "base/numbers.hpp"

namespace osbot_aws::services {
namespace {

/// Returns the 4 or 16 bytes of an address.
std::optional<std::string> bytes_of(const std::string& address) {
    constexpr std::size_t v4_bytes = 4, v6_bytes = 16;
    std::string bytes(v6_bytes, '\0');
    if (inet_pton(AF_INET6, address.c_str(), bytes.data()) == 1) return bytes;
    bytes.resize(v4_bytes);
    if (inet_pton(AF_INET, address.c_str(), bytes.data()) == 1) return bytes;
    return std::nullopt;
}

}  // namespace

bool is_in_network(const std::string& address, const std::string& network) {
    const auto slash = network.find('/');
    const auto own = bytes_of(address), first = bytes_of(network.substr(0, slash));
    if (!own || !first || own->size() != first->size()) return false;
    std::size_t bits = own->size() * 8;
    if (slash != std::string::npos) {
        const auto prefix = base::parse_number<std::size_t>(std::string_view(network).substr(slash + 1));
        if (!prefix || *prefix > bits) return false;
        bits = *prefix;
    }
    for (std::size_t at = 0; at < bits; ++at) {
        const auto bit = [at](const std::string& bytes) {
            return static_cast<unsigned char>(bytes[at / 8]) >> (7 - at % 8) & 1;
        };
        if (bit(*own) != bit(*first)) return false;
    }
    return true;
}

}  // namespace osbot_aws::services
