#include "services/iam/policy/addresses.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

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

/// A network: its first address, and the bits that its addresses have in common.
struct Network {
    std::string first;
    std::size_t bits = 0;

    static std::optional<Network> parse(const std::string& text) {
        const auto slash = text.find('/');
        auto first = bytes_of(text.substr(0, slash));
        if (!first) return std::nullopt;
        const std::size_t all = first->size() * 8;
        if (slash == std::string::npos) return Network{std::move(*first), all};
        const auto prefix = base::parse_number<std::size_t>(std::string_view(text).substr(slash + 1));
        if (!prefix || *prefix > all) return std::nullopt;
        return Network{std::move(*first), *prefix};
    }
};

}  // namespace

bool is_network(const std::string& text) { return Network::parse(text).has_value(); }

bool is_in_network(const std::string& address, const std::string& network) {
    const auto own = bytes_of(address);
    const auto of_policy = Network::parse(network);
    if (!own || !of_policy || own->size() != of_policy->first.size()) return false;
    for (std::size_t at = 0; at < of_policy->bits; ++at) {
        const auto bit = [at](const std::string& bytes) {
            return static_cast<unsigned char>(bytes[at / 8]) >> (7 - at % 8) & 1;
        };
        if (bit(*own) != bit(of_policy->first)) return false;
    }
    return true;
}

}  // namespace osbot_aws::services
